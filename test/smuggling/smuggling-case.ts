/** A request as the tool has to understand it. */
export interface Served {
  readonly method: string;
  readonly target: string;
  /** latin1, without its framing. */
  readonly body: string;
  /** The Host that the tool is told; null where it is the address that the gateway was reached at. */
  readonly host: string | null;
  /** Fields that the tool must not see, neither in the head nor in the trailers; lower case. */
  readonly absent: readonly string[];
  /** Of the answer. */
  readonly status: number;
}

/**
 * What becomes of the connection behind the answers:
 * - `goes on`: one more request is answered;
 * - `ends`: the last answer said so, and what stands behind it is not acted on;
 * - `either`: as it happens;
 * - `refused`: with 4xx or 501, and closed;
 * - `closed`: so, or without a word;
 * - `leaves`: the client ends it, for it has left a request unfinished.
 */
export type Then = 'goes on' | 'ends' | 'either' | 'refused' | 'closed' | 'leaves';

/** Bytes that some reader may take for other requests than the gateway does. */
export interface SmugglingCase {
  /** Reads on from "a client that sends". */
  readonly name: string;
  /** latin1. `/tool` is where it is tried. */
  readonly bytes: string;
  /** What is sent once the answers to `bytes` are there. */
  readonly late: string;
  /** The answers, in order: a request that the tool has served, or the status of an answer of the gateway's own. */
  readonly answers: readonly (Served | number)[];
  readonly then: Then;
  /** A request that may reach the tool in part, on a connection that carries no other. */
  readonly partly: Pick<Served, 'method' | 'target'> | null;
  /** Which tools it is for: all, those without another proxy in front, or the one that accepts websockets. */
  readonly tools: 'all' | 'direct' | 'recorder';
}

type More = Partial<Omit<SmugglingCase, 'name' | 'bytes'>>;

/** One case, whatever is not said being: nothing reaches the tool, and the client is refused. */
export function smugglingCase(name: string, bytes: string, more: More = {}): SmugglingCase {
  return { name, bytes, late: '', answers: [], then: 'refused', partly: null, tools: 'all', ...more };
}

export const publicHost = 'public.example';
export const host = `Host: ${publicHost}\r\n`;

export const get = (target: string, fields = '') => `GET ${target} HTTP/1.1\r\n${host}${fields}\r\n`;
export const post = (fields: string, body = '', target = '/tool/x') =>
  `POST ${target} HTTP/1.1\r\n${host}${fields}\r\n${body}`;

/** What an attacker would have some reader take for a request. */
export const hidden = get('/tool/hidden', 'X-Marker: hidden\r\n');

export function served(method: string, target: string, body = '', more: Partial<Served> = {}): Served {
  return { method, target, body, host: publicHost, absent: [], status: 200, ...more };
}

/** How a client's `hidden` looks where it is a request by anyone's reading. */
export const servedHidden = served('GET', '/tool/hidden');

/** A body of one chunk. */
export const oneChunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n0\r\n\r\n`;

/** With control bytes and what is not ASCII in words, for names of cases. */
export const spelled = (text: string) =>
  text.replace(/[^\x21-\x7e]/g, (byte) => {
    const known: Readonly<Record<string, string>> = {
      ' ': ' ',
      '\t': '<HT>',
      '\r': '<CR>',
      '\n': '<LF>',
      '\0': '<NUL>',
    };
    return known[byte] ?? `<${byte.charCodeAt(0).toString(16).padStart(2, '0')}>`;
  });
