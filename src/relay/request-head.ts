import type { RawHeaders } from '../headers/raw';
import { fieldFinder, lengthDigits, maybeFieldLines, readFieldLines } from './field-lines';

/*
 * The strict subset of HTTP/1.1 that the relay takes. null means no more than "not here": Node's parser gets the same
 * bytes and decides. Whatever is taken, that parser reads in the same way.
 */

export interface RequestLine {
  readonly method: string;
  /** Origin-form (RFC 9112 §3.2.1), visible ASCII, without a fragment. */
  readonly target: string;
  /** Where the line has ended: after its CRLF. */
  readonly end: number;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const originForm = /^\/[!-"$-~]*$/;

/** @param text latin1, a whole head at least */
export function readRequestLine(text: string): RequestLine | null {
  const space = text.indexOf(' ');
  const method = text.slice(0, space);
  if (!methods.has(method)) return null;
  const second = text.indexOf(' ', space + 1);
  if (!text.startsWith(' HTTP/1.1\r\n', second)) return null;
  const target = text.slice(space + 1, second);
  return originForm.test(target) ? { method, target, end: second + 11 } : null;
}

/** Whether a head of which some is missing may become one that the relay takes. */
export function maybeRequestHead(text: string): boolean {
  return /^[A-Z]/.test(text) && maybeFieldLines(text);
}

/** What the field lines of a request say, whatever its request line. */
export interface RequestFields {
  readonly raw: RawHeaders;
  readonly host: string;
  /** Content-Length's digits; null where there is none. */
  readonly length: string | null;
  /** Whether the client wants its connection kept. */
  readonly keepAlive: boolean;
  /** Whether a websocket is asked for; not yet whether by GET and without a body. */
  readonly websocket: boolean;
}

/** The fields that decide whether a request is taken, and as what. */
const deciding = fieldFinder([
  'host',
  'content-length',
  'connection',
  'upgrade',
  'transfer-encoding',
  'expect',
  'proxy-connection',
]);

const upgradeOptions = /^(?:upgrade(?:, ?keep-alive)?|keep-alive, ?upgrade)$/i;

/** @param lines latin1; the field lines, each with its CRLF, without the empty line behind them */
export function readRequestFields(lines: string): RequestFields | null {
  const raw = readFieldLines(lines, 'one');
  if (!raw) return null;
  let host = '';
  let length: string | null = null;
  let options: string | null = null;
  let protocol: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const field = deciding(raw[i] ?? '');
    if (field === undefined) continue;
    const value = raw[i + 1] ?? '';
    // None of them may stand twice or be empty.
    if (value === '') return null;
    else if (field === 'host' && host === '') host = value;
    else if (field === 'content-length' && length === null && lengthDigits.test(value)) length = value;
    else if (field === 'connection' && options === null) options = value;
    else if (field === 'upgrade' && protocol === null) protocol = value;
    // The others change how a message or its connection is understood beyond what is read here.
    else return null;
  }
  if (host === '') return null;
  if (protocol !== null) {
    const asks = options !== null && upgradeOptions.test(options) && protocol.toLowerCase() === 'websocket';
    return asks ? { raw, host, length, keepAlive: true, websocket: true } : null;
  }
  const option = options?.toLowerCase() ?? 'keep-alive';
  if (option !== 'keep-alive' && option !== 'close') return null;
  return { raw, host, length, keepAlive: option === 'keep-alive', websocket: false };
}
