import type { MountConfig } from '../config/config';
import type { PublicOrigin } from '../headers/forwarded';
import type { Exchanged } from '../explain/send';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import type { PageUrl, ScriptUrl } from './page-urls';

/** One request of a browser, and what it got. */
export interface Step {
  /** As the browser asks for it: path and query. */
  readonly target: string;
  /** null where the gateway answered by itself. */
  readonly exchanged: Exchanged | null;
  /** 0 where the tool gave no answer. */
  readonly status: number;
  /** What the tool said in Location, and what the browser gets; null for none. */
  readonly said: string | null;
  readonly location: string | null;
  /** Why the gateway refuses it. */
  readonly refusal: ProxyErrorCode | null;
}

/**
 * How following redirects ended: with an answer that is none, at the same request again, at another site, at a path of
 * this site that is no part of the mount, or without an answer.
 */
export type TrailEnd = 'answered' | 'loop' | 'elsewhere' | 'outside' | 'failed';

export interface Trail {
  readonly steps: readonly Step[];
  readonly end: TrailEnd;
}

/** A mount's front page as a browser would get it, and the scripts and styles that it asks for. */
export interface Look {
  /** The mount as it was configured for this look. */
  readonly mount: MountConfig;
  readonly trail: Trail;
  /** The text of the page at the end, '' where there is none. */
  readonly page: string;
  readonly urls: readonly PageUrl[];
  readonly scripts: readonly ScriptUrl[];
  readonly assets: readonly Step[];
}

/** Where people see the gateway. */
export interface Seen {
  readonly origin: PublicOrigin;
  /** The other mounts' prefixes. */
  readonly others: readonly string[];
}
