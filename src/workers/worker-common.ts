import { storeUnknown, type RateLimiter } from '../access/rate-limit/limiter';
import type { Common } from '../common';
import type { Config, MountConfig } from '../config/config';
import type { FileContents } from '../config/file-contents';
import type { ServedTls } from '../listener/certificate-source';
import { ConnectionCounts } from '../listener/connection-counts';
import { TicketKeys } from '../listener/ticket-keys';
import type { EventLog } from '../observe/log';
import type { Metrics, MetricsText, MetricValues } from '../observe/metrics/metrics';
import type { TargetGroup } from '../upstream/target-group';
import type { Beginning, PrimaryCalls } from './calls';
import type { Channel } from './channel';
import { HealthMirror } from './health-mirror';

/** Milliseconds in which changes of connections are gathered into one message. */
const gatherConnections = 50;

/** What a worker has in common with the others: most of it is with the primary. */
export class WorkerCommon implements Common {
  readonly health: HealthMirror;
  readonly ticketKeys: TicketKeys;
  readonly connections = new ConnectionCounts((client) => this.#changed(client));
  /** The primary knows, and tells it with the metrics. */
  readonly rateLimitStoreIsThere = null;
  readonly servedTls: ServedTls | null;
  readonly #primary: Channel<PrimaryCalls>;
  readonly #changedClients = new Set<string>();
  #metrics: Metrics | null = null;

  constructor(
    { config, servedTls, ticketKeys, health, elsewhere }: Beginning,
    primary: Channel<PrimaryCalls>,
    log: EventLog,
  ) {
    this.#primary = primary;
    this.servedTls = servedTls;
    this.ticketKeys = new TicketKeys(ticketKeys);
    this.health = new HealthMirror(config.mounts, primary, log);
    this.health.take(health);
    this.connections.elsewhere(elsewhere);
  }

  rateLimiterOf({ path, rateLimit }: MountConfig): RateLimiter | null {
    if (rateLimit === null) return null;
    return { count: (client) => this.#primary.ask('count', { path, client }).catch(() => storeUnknown) };
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  watch(): void {
    // The primary does.
  }

  serves(tls: ServedTls): void {
    this.#primary.tell('servedTls', tls);
  }

  replace({ mounts }: Config, _files: FileContents, groups: ReadonlyMap<string, TargetGroup>): void {
    this.health.replace(mounts, groups);
  }

  metricsText(own: Metrics): MetricsText {
    this.#metrics = own;
    return { contentType: own.contentType, text: () => this.#primary.ask('metrics', null) };
  }

  /** Those of this process, for the primary to add up. */
  async metrics(): Promise<MetricValues> {
    return (await this.#metrics?.values()) ?? [];
  }

  stopWatching(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    // The primary does.
  }

  #changed(client: string): void {
    if (this.#changedClients.size === 0) setTimeout(() => this.#tellConnections(), gatherConnections).unref();
    this.#changedClients.add(client);
  }

  #tellConnections(): void {
    const clients = new Map([...this.#changedClients].map((client) => [client, this.connections.ofHere(client)]));
    this.#changedClients.clear();
    this.#primary.tell('connections', { clients, open: this.connections.openHere });
  }
}
