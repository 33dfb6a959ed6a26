import type { RateRefusal } from '../access/rate-limit/limiter';
import type { Config } from '../config/config';
import type { FileContents } from '../config/file-contents';
import type { Addresses, Load, StopOptions } from '../gateway';
import type { InheritedSockets } from '../listener/activation';
import type { ServedTls } from '../listener/certificate-source';
import type { MetricValues } from '../observe/metrics/metrics';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import type { GroupSnapshot } from '../upstream/target-group';

/** All that a worker has to know to begin. */
export interface Beginning {
  readonly config: Config;
  readonly files: FileContents;
  /** What the workers serve already; null before the first of them does. */
  readonly servedTls: ServedTls | null;
  readonly inherited: InheritedSockets;
  /** What session tickets are sealed with. */
  readonly ticketKeys: Buffer;
  readonly health: HealthNews;
  readonly elsewhere: ConnectionNews;
}

/** What is known of the targets of mounts, by the mounts' paths. */
export type HealthNews = ReadonlyMap<string, GroupSnapshot>;

/** Connections: of those clients whose number has changed, and of all. */
export interface ConnectionNews {
  readonly clients: ReadonlyMap<string, number>;
  readonly open: number;
}

/** What a worker can be told or asked. */
export interface WorkerCalls {
  /** @throws ConfigError, ListenError */
  start(beginning: Beginning): Promise<Addresses>;
  /** @throws what makes it unusable @returns the fields that need a restart */
  reload(next: { readonly config: Config; readonly files: FileContents }): Promise<string[]>;
  /** Drains, and ends the process. */
  stop(options: StopOptions): void;
  metrics(_: null): Promise<MetricValues>;
  load(_: null): Promise<Load>;
  /** Answered as soon as it is read. */
  ping(_: null): void;
  ticketKeys(keys: Buffer): void;
  health(news: HealthNews): void;
  /** The connections of all other workers. */
  elsewhere(news: ConnectionNews): void;
}

/** A target of a mount. */
export interface TargetName {
  /** The mount's path. */
  readonly path: string;
  /** From 1. */
  readonly number: number;
}

/** What the primary can be told or asked. */
export interface PrimaryCalls {
  /** Counts a request against the mount's rate limit. */
  count(request: { readonly path: string; readonly client: string }): Promise<RateRefusal | null>;
  /** Those of all processes, in Prometheus' text format. */
  metrics(_: null): Promise<string>;
  connected(target: TargetName): void;
  failed(target: TargetName & { readonly code: ProxyErrorCode }): void;
  /** A request to the mount with this path has just failed. */
  nudge(path: string): void;
  connections(news: ConnectionNews): void;
  /** What it serves from now on. */
  servedTls(tls: ServedTls): void;
  /** A mistake in the program was found: the worker takes no more connections, and will end. */
  mistaken(_: null): void;
}
