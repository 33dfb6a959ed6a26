import type { RateLimiter } from './access/rate-limit/limiter';
import { RateLimits } from './access/rate-limit/rate-limits';
import type { Config, MountConfig } from './config/config';
import { ConnectionCounts } from './listener/connection-counts';
import { TicketKeys } from './listener/ticket-keys';
import { Notifier } from './notify/notifier';
import type { Log } from './observe/log';
import type { Metrics, MetricsText } from './observe/metrics/metrics';
import { readTlsOptions } from './upstream/agent';
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
  /** Takes over a reloaded configuration. @param groups of `health.groupsFor`, given the same mounts */
  replace(config: Config, groups: ReadonlyMap<string, TargetGroup>): void;
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
  readonly #notifier: Notifier;
  readonly #rateLimits: RateLimits;

  constructor(config: Config, log: Log, probed: Probed) {
    this.health = new HealthMonitor(config.mounts, { tlsOptionsOf: readTlsOptions, log, probed });
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
    this.#rateLimits.replace(config);
    await this.#rateLimits.ready();
  }

  watch(): void {
    this.health.start();
  }

  replace(config: Config, groups: ReadonlyMap<string, TargetGroup>): void {
    this.health.replace(config.mounts, groups);
    this.#notifier.replace(config);
    this.#rateLimits.replace(config);
  }

  metricsText(own: Metrics): MetricsText {
    return own;
  }

  async stopWatching(): Promise<void> {
    this.health.stop();
    await this.#notifier.stop();
  }

  stop(): void {
    this.#rateLimits.stop();
  }
}
