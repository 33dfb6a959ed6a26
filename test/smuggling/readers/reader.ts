import type { SmugglingCase } from '../smuggling-case';

/** What a tool made of some bytes. */
export interface Arrived {
  /** Which of its connections, counted from 0. */
  readonly connection: number;
  /** A whole request; the beginning of one on a connection that then broke; or bytes that are none. */
  readonly kind: 'request' | 'part' | 'nonsense';
  readonly method: string;
  /** Of nonsense: that of the request before it on its connection, '' where there was none. */
  readonly target: string;
  readonly host: string;
  /** Of X-Marker, by which requests of the test's own are known. */
  readonly marker: string;
  /** latin1, without its framing. */
  readonly body: string;
  /** Names of its fields, trailers included, in lower case. */
  readonly names: readonly string[];
  /** What is wrong with it. */
  readonly wrong: readonly string[];
}

/** A tool that tells what it has understood, to the test and in each answer. */
export interface Reader {
  /** Which cases it is for. */
  readonly tools: readonly SmugglingCase['tools'][];
  readonly url: string;
  /** In the order in which requests were complete. */
  readonly arrived: readonly Arrived[];
  close(): Promise<void>;
}

/** What an answer says in its field X-Echo of the request that it is for. */
export function echoOf({
  method,
  target,
  marker,
  body,
}: Pick<Arrived, 'method' | 'target' | 'marker' | 'body'>): string {
  const shown = target.replace(/[^!-~]/g, '?').slice(0, 200);
  return `${method} ${shown} ${marker === '' ? '-' : marker} ${body.length}`;
}

/** Whether a request is to be answered before its body has been read. */
export const isEarly = (target: string) => target.includes('/early');
