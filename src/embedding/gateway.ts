import { startFailure } from '../commands/start-failure';
import type { Config } from '../config/config';
import type { GatewayConfig } from '../config/input';
import { resolveConfig } from '../config/load';
import { configWarnings } from '../config/warnings';
import * as inner from '../gateway';
import { ListenError } from '../listener/listen-error';
import type { Log } from '../observe/log';
import { loadedConfig, type LoadedConfig } from './loaded-config';
import { embeddedLog, type Logger } from './logger';
import { outcomeOf } from '../outcome';

/** Where a listener listens. */
export interface Address {
  readonly address: string;
  readonly port: number;
  /** `IPv4` or `IPv6`. */
  readonly family: string;
}

export interface Addresses {
  /** null for a listener that is off. */
  readonly https: Address | null;
  readonly http: Address | null;
  /** null unless the metrics have a port of their own. */
  readonly metrics: Address | null;
}

export interface Gateway {
  /**
   * Listens, and probes every mount at once. A gateway is started once.
   *
   * @throws ConfigError for a certificate that cannot be used, ListenError for a port that cannot be used
   */
  start(): Promise<Addresses>;
  /**
   * Puts another configuration in force without dropping a connection. What is asked for while another reload is under
   * way comes after it, so that the last one is in force in the end; what a `stop` overtakes is refused.
   *
   * @returns the fields that only a restart puts in force, such as `listen.https.port`
   * @throws ConfigError, or what makes the configuration unusable; the old one stays in force
   */
  reload(config: GatewayConfig | LoadedConfig): Promise<string[]>;
  /**
   * Stops accepting, lets requests end, closes websockets, and cuts off what is left after `drain.timeout`. May be
   * called at any time, and again.
   */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** Where the log goes; the console unless given. */
  readonly log?: Logger | undefined;
  /** Where `${NAME}` in the values of a plain object comes from; without it they stand as they are. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The folder that relative file names in a plain object start from; the working folder unless given. */
  readonly folder?: string | undefined;
}

/**
 * A gateway within this program. It handles no signals, never ends the process, and leaves nothing behind when it has
 * stopped; any number of them may run. Nothing happens before `start`.
 *
 * @param config an object as YAML or JSON would give it, or what `loadConfig` has read
 * @throws ConfigError with every problem at once
 */
export function createGateway(config: GatewayConfig | LoadedConfig, options: GatewayOptions = {}): Gateway {
  return new EmbeddedGateway(config, options);
}

class EmbeddedGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #log: Log;
  readonly #gateway: inner.Gateway;
  readonly #config: Config;
  #started: Promise<Addresses> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(config: GatewayConfig | LoadedConfig, options: GatewayOptions) {
    this.#options = options;
    this.#config = resolved(config, options);
    this.#log = embeddedLog(this.#config.log, options.log);
    this.#gateway = inner.createGateway(this.#config, this.#log);
  }

  async start(): Promise<Addresses> {
    if (this.#started || this.#stopped)
      throw new Error('This gateway was started or stopped before; make another one with createGateway');
    this.#started = this.#start();
    return this.#started;
  }

  async #start(): Promise<Addresses> {
    try {
      const { https, http, metrics } = await this.#gateway.start();
      for (const warning of configWarnings(this.#config)) this.#log.warn(warning);
      if (this.#config.workers !== 1)
        this.#log.warn(
          'workers: an embedded gateway serves in this process alone; start several of the program itself',
        );
      return { https, http, metrics };
    } catch (error) {
      if (error instanceof ListenError) error.message = startFailure(error);
      throw error;
    }
  }

  async reload(config: GatewayConfig | LoadedConfig): Promise<string[]> {
    if (this.#stopped) throw new Error('This gateway has stopped; make another one with createGateway');
    // As the object is now: it may be another by the time that it is its turn.
    const given = outcomeOf(() => resolved(config, this.#options));
    // Otherwise the end of the start would put back what it began with.
    await this.#started?.catch(() => null);
    return this.#gateway.reload(given);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const started = await this.#started?.catch(() => null);
    if (started) await this.#gateway.stop();
  }
}

function resolved(config: GatewayConfig | LoadedConfig, { env, folder }: GatewayOptions): Config {
  const loaded = loadedConfig(config);
  if (loaded !== null) return loaded;
  return resolveConfig(config, { ...(env && { env }), ...(folder !== undefined && { folder }) });
}
