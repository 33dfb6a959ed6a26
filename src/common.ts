import type { RateLimiter } from './access/rate-limit/limiter';
import { RateLimits } from './access/rate-limit/rate-limits';
import type { Config, MountConfig } from './config/config';
import type { FileContents } from './config/file-contents';
import { toolFileProblems } from './config/tool-files';
import type { ServedTls } from './listener/certificate-source';
import { ConnectionCounts } from './listener/connection-counts';
import { TicketKeys } from './listener/ticket-keys';
import { Notifier } from './notify/notifier';
import type { Log } from './observe/log';
import type { Metrics, MetricsText } from './observe/metrics/metrics';
import { tlsOptionsOf } from './upstream/agent';
import { HealthMonitor, type HealthMonitorOptions } from './upstream/health';
import type { HealthBoard } from './upstream/health-board';
import type { TargetGroup } from './upstream/target-group';

/** What there is once, however many processes serve the same ports. A gateway that is alone has it within itself. */
export interface Common {
  readonly health: HealthBoard;
  readonly ticketKeys: TicketKeys;
  readonly connections: ConnectionCounts;
  /** null for a mount without a limit. */
  rateLimiterOf(mount: MountConfig): RateLimiter | null;
  /** null where there is no store to count in. */
  readonly rateLimitStoreIsThere: boolean | null;
  /** Resolves when requests may come. */
  ready(config: Config): Promise<void>;
  /** Begins to probe. */
  watch(): void;
  /**
   * Takes over a reloaded configuration.
   * @param files what those that it names hold
   * @param groups of `health.groupsFor`, given the same mounts
   */
  replace(config: Config, files: FileContents, groups: ReadonlyMap<string, TargetGroup>): void;
  /** What the listener of another process served last, for one that takes that one's place; otherwise null. */
  readonly servedTls: ServedTls | null;
  /** Told what the listener serves from now on. */
  serves(tls: ServedTls): void;
  /** Of all processes. @param own those of this process */
  metricsText(own: Metrics): MetricsText;
  /** Ends what is done without a request. */
  stopWatching(): Promise<void>;
  /** Ends the rest; no more requests come. */
  stop(): void;
}

/** Told what each probe found. */
export type Probed = NonNullable<HealthMonitorOptions['probed']>;

/** That of a gateway in one process. */
export class OwnCommon implements Common {
  readonly health: HealthMonitor;
  readonly ticketKeys = new TicketKeys();
  readonly connections = new ConnectionCounts();
  readonly servedTls = null;
  readonly #log: Log;
  #files: FileContents;
  readonly #notifier: Notifier;
  readonly #rateLimits: RateLimits;

  constructor(config: Config, files: FileContents, log: Log, probed: Probed) {
    this.#log = log;
    this.#files = files;
    this.health = new HealthMonitor(config.mounts, {
      tlsOptionsOf: (mount) => tlsOptionsOf(mount, this.#files),
      log,
      probed,
    });
    this.#notifier = new Notifier(config, this.health, log);
    this.#rateLimits = new RateLimits(log);
  }

  rateLimiterOf(mount: Pick<MountConfig, 'path'>): RateLimiter | null {
    return this.#rateLimits.of(mount);
  }

  get rateLimitStoreIsThere(): boolean | null {
    return this.#rateLimits.storeIsThere;
  }

  async ready(config: Config): Promise<void> {
    this.#tellProblems(config);
    this.#rateLimits.replace(config);
    await this.#rateLimits.ready();
  }

  watch(): void {
    this.health.start();
  }

  replace(config: Config, files: FileContents, groups: ReadonlyMap<string, TargetGroup>): void {
    this.#files = files;
    this.#tellProblems(config);
    this.health.replace(config.mounts, groups);
    this.#notifier.replace(config);
    this.#rateLimits.replace(config);
  }

  /** Of those that are in force, and cost one tool each. */
  #tellProblems(config: Config): void {
    for (const [mount, problems] of toolFileProblems(config, this.#files))
      for (const problem of problems)
        this.#log.error({ mount }, `${problem}; until then the gateway serves without it`);
  }

  metricsText(own: Metrics): MetricsText {
    return own;
  }

  serves(): void {
    // Nobody takes the place of this process.
  }

  async stopWatching(): Promise<void> {
    this.health.stop();
    await this.#notifier.stop();
  }

  stop(): void {
    this.#rateLimits.stop();
  }
}
