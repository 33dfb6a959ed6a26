import type { MountConfig } from '../config/config';

/**
 * - unchecked: the mount has no `health`
 * - unknown: the first probe has not ended
 * - healthy
 * - unhealthy: the tool answers, but says that it is not well (or not what was asked)
 * - unreachable: no answer
 */
export type MountState = 'unchecked' | 'unknown' | 'healthy' | 'unhealthy' | 'unreachable';

export type HealthReason =
  | 'kpow-error-state' // kPow's /healthy says 503 while its HTTP server answers
  | 'answered-5xx'
  | 'answered-other' // neither 2xx nor 5xx: most likely the health path is wrong, or wants a login
  | 'refused'
  | 'unknown-host'
  | 'timeout'
  | 'tls'
  | 'closed'; // reset, or not HTTP

export interface MountStatus {
  readonly state: MountState;
  readonly reason: HealthReason | null;
  /** A sentence for people, without an address from inside the network: `answers 503 at its health path`. */
  readonly detail: string;
  /** What to try, a sentence each; [] when all is well. */
  readonly advice: readonly string[];
  /** When the state was entered. */
  readonly since: Date;
  /** Of the last probe, in milliseconds; null before the first answer. */
  readonly latency: number | null;
  readonly checkedAt: Date | null;
}

/** Whether a detail is a sentence by itself; the words of others follow the tool's name. */
export const isWholeSentence = (detail: string): boolean => /^(kPow\b|\p{Lu})/u.test(detail);

/** One of several targets of a mount. */
export interface TargetStatus {
  /** From 1, in the order of the configuration: what people know it by, since its address is not told. */
  readonly number: number;
  /** What its own probes have found. */
  readonly status: MountStatus;
  /** Since when it takes no connections, so that requests go elsewhere; null while it does. */
  readonly outSince: Date | null;
  /** Whether requests go there at present. */
  readonly active: boolean;
}

/** What the portal, the failure pages and `/-/healthy` know of the tools. */
export interface StatusBoard {
  /** The status of a mount, by its path. Always an answer: unchecked where nothing is known. */
  statusOf(mount: Pick<MountConfig, 'path'>): MountStatus;
  /** Of each target where a mount has several; otherwise []. */
  targetsOf(mount: Pick<MountConfig, 'path'>): readonly TargetStatus[];
  /** Called after each probe that changed anything that people see. Returns a function that ends it. */
  onChange(listener: (mount: MountConfig, status: MountStatus) => void): () => void;
}
