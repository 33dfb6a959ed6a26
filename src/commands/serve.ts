import { availableParallelism } from 'node:os';
import { ConfigError, type Config } from '../config/config';
import { configWarnings } from '../config/warnings';
import { createGateway, type Addresses, type Gateway } from '../gateway';
import { forgetActivation, readActivation, unansweredSockets, type InheritedSockets } from '../listener/activation';
import { nodeWarnings } from '../node-releases';
import { createLog, type Log } from '../observe/log';
import { Reloads, type ReloadSource } from './reloads';
import { startFailure } from './start-failure';
import { mistake, untilEnd } from './until-end';

export interface ServeOptions {
  readonly config: Config;
  /** Where the configuration has been read, and is read again; null has it stay as it is. */
  readonly source: ReloadSource | null;
  /** Called when it serves. */
  readonly ready?: (addresses: Addresses, log: Log) => void;
  /** Called when it no longer does. */
  readonly stopped?: () => Promise<void>;
}

/** What a drain may take beyond `drain.timeout`, in milliseconds: last messages are sent, and their receivers are slow. */
const drainGrace = 10_000;

/**
 * Runs a gateway until a signal ends it: SIGTERM and SIGINT drain, SIGHUP reloads, and so does a change of the
 * configuration's file. Sockets that systemd passes on are used instead of the configured ports.
 * @returns the exit code
 * @throws ConfigError when such a socket has no listener
 */
export async function serve({ config, source, ready, stopped }: ServeOptions): Promise<number> {
  const log = createLog(config.log);
  const inherited = takeSockets(config, log);
  const workers = config.workers === 'auto' ? availableParallelism() : config.workers;
  const gateway = await gatewayOf(config, log, workers);
  const reloads = source && new Reloads(source, gateway, log, config);
  // Before it starts: the first process of a container has no default for a signal, and others end by SIGHUP.
  const ended = untilEnd(log, (signal) => void tellDraining(signal, gateway, log));
  process.on('SIGHUP', () => void reloads?.reload());
  let addresses: Addresses | number;
  try {
    addresses = await Promise.race([gateway.start(inherited), ended]);
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
  if (typeof addresses === 'number') return addresses;
  for (const warning of [...configWarnings(config), ...nodeWarnings()]) log.warn(warning);
  if (config.hosts === null) log.info('Requests are served whatever name they ask for; `hosts` names those that may');
  // Whoever starts the program waits for this line, whatever the log leaves out.
  const line = servingLine(config, addresses, workers);
  if (log.isLevelEnabled('info')) log.info(line);
  else process.stdout.write(`${line}\n`);
  ready?.(addresses, log);
  void reloads?.begin();
  const code = await ended;
  reloads?.stop();
  const { delay, timeout } = (reloads?.config ?? config).drain;
  const bound = setTimeout(
    () => {
      log.fatal('The gateway did not come to its end; ending it');
      process.exit(mistake);
    },
    delay + timeout + drainGrace,
  );
  // After a mistake nothing new should begin.
  await gateway.stop(code === 0 ? {} : { delay: 0 });
  await stopped?.();
  clearTimeout(bound);
  log.info('Stopped');
  return code;
}

async function tellDraining(signal: string, gateway: Gateway, log: Log): Promise<void> {
  const load = await gateway.load();
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const { requests, websockets, connections } = load;
  log.info(
    load,
    `${signal}: draining ${count(requests, 'request')}, ${count(websockets, 'websocket')} and ${count(connections, 'connection')}`,
  );
}

async function gatewayOf(config: Config, log: Log, workers: number): Promise<Gateway> {
  if (workers === 1) return createGateway(config, log);
  const { Workers } = await import('../workers/workers.js');
  return new Workers(config, log, workers);
}

/** The sockets that systemd passes on, whichever the configuration has a listener for. */
function takeSockets({ listen }: Config, log: Log): InheritedSockets {
  const { sockets, problems, warnings } = readActivation(process.env, process.pid);
  forgetActivation(process.env);
  const all = [...problems, ...unansweredSockets(sockets, listen)];
  if (all.length > 0) throw new ConfigError('socket activation', all);
  for (const warning of warnings) log.warn(warning);
  for (const name of ['https', 'http'] as const) {
    const configured = listen[name];
    if (sockets[name] === undefined || configured === null) continue;
    log.info(
      `listen.${name}: the socket that systemd passes on is used, and not port ${configured.port} of ${configured.host}`,
    );
  }
  return sockets;
}

/** `https://localhost:8443, http://localhost:8080 (redirects)` */
function servingLine({ listen, mounts }: Config, { https, http }: Addresses, workers: number): string {
  const places = [
    https && `https://${shown(https.address)}:${https.port}`,
    http && `http://${shown(http.address)}:${http.port}${listen.http?.mode === 'redirect' ? ' (redirects)' : ''}`,
  ].filter((place) => place !== null);
  const by = workers === 1 ? '' : `, with ${workers} workers`;
  return `Serving ${mounts.length} ${mounts.length === 1 ? 'mount' : 'mounts'} at ${places.join(' and ')}${by}`;
}

/** An address that can be clicked: every address is reached as localhost. */
function shown(address: string): string {
  if (address === '0.0.0.0' || address === '::' || address === '127.0.0.1') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
