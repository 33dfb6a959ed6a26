/** How connections to tools are kept for the next request, on both ways. Milliseconds. */
export interface KeepAlive {
  /** How long one may be idle where the tool does not say. */
  readonly idle: number;
  /** How old one may become, however busy it is. */
  readonly life: number;
}

/**
 * Idle connections are given up before a tool gives them up (Node's own limit is 5 s, most others' are longer), so that
 * a request seldom meets one that is just being closed. None becomes older than a minute (nginx: `keepalive_time`): a
 * host name that leads elsewhere by now is followed under constant load too.
 */
export const keepAlive: KeepAlive = { idle: 4_000, life: 60_000 };

/**
 * Connections that are signed in for one client are kept as long as that client's own: each new one has to be signed in
 * anew. No limit that a client or a tool has by default is as long as this.
 */
export const loginKeepAlive: KeepAlive = { idle: 600_000, life: Infinity };

/** However long a tool would keep one (nginx: `keepalive_timeout` of an upstream). */
const longestIdle = 60_000;

/**
 * How long an idle connection is kept of a tool that announces when it closes it: a second less.
 * @param field the value of Keep-Alive: `timeout=5, max=100`
 * @returns milliseconds, 0 for not at all; null where it announces nothing
 */
export function announcedIdle(field: string): number | null {
  const seconds = /(?:^|[\s,;])timeout\s*=\s*"?(\d{1,9})/i.exec(field)?.[1];
  return seconds === undefined ? null : Math.min(Math.max(Number(seconds) - 1, 0) * 1_000, longestIdle);
}
