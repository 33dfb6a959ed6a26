import type { IncomingMessage } from 'node:http';
import { framingByLength, type Framing } from '../headers/request';
import { listOf, valuesOf, type RawHeaders } from '../headers/raw';
import { isKnownMethod } from '../listener/request-line';
import { ProxyError } from '../upstream/proxy-error';

/** A request after Node's parser, with nothing left to interpret. */
export interface RequestHead {
  /** Origin-form, byte for byte (or `*`). */
  readonly target: string;
  /** The authority that was asked for: of an absolute-form target, else Host ('' where HTTP/1.0 sent none). */
  readonly host: string;
  readonly framing: Framing;
  readonly expectsContinue: boolean;
}

export interface RequestLimits {
  /** Bytes of the target. */
  readonly url: number;
  /** A flood of tiny fields costs more than its bytes. */
  readonly fields: number;
}

/** A request as Node's parser gives it. */
export type ParsedRequest = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion'> & {
  readonly rawHeaders: RawHeaders;
};

/** Whether a request says that a body follows its head. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads what decides a request's way, strictly: what could be understood in two ways is refused (RFC 9112 §3, §6).
 * @throws ProxyError BAD_REQUEST, URI_TOO_LONG, HEAD_TOO_LARGE, UNKNOWN_METHOD, METHOD_NOT_ALLOWED, UNKNOWN_TRANSFER_CODING
 */
export function readRequestHead(req: ParsedRequest, limits: RequestLimits): RequestHead {
  const raw = req.rawHeaders;
  const url = req.url ?? '';
  if (url.length > limits.url) throw new ProxyError('URI_TOO_LONG');
  if (raw.length > limits.fields * 2) throw new ProxyError('HEAD_TOO_LARGE');
  // A request without a version is HTTP/0.9 to Node's parser.
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') throw bad('neither HTTP/1.1 nor HTTP/1.0');
  if (!isKnownMethod(req.method ?? '')) throw new ProxyError('UNKNOWN_METHOD');
  // It answers with what browser and gateway say in secret (nginx refuses it too).
  if (req.method === 'TRACE') throw new ProxyError('METHOD_NOT_ALLOWED');
  // A fragment is for the browser alone; whoever cuts it off, and whoever does not, sees another path.
  if (url.includes('#')) throw bad('a fragment in the target');
  const hosts = valuesOf(raw, 'host');
  if (hosts.length > 1) throw bad('more than one Host field');
  if (hosts[0] === '' || (hosts.length === 0 && req.httpVersion === '1.1')) throw bad('no Host');
  const { target, authority } = readTarget(url, req.method ?? '');
  return {
    target,
    host: authority ?? hosts[0] ?? '',
    framing: readFraming(req),
    expectsContinue:
      req.httpVersion !== '1.0' && listOf(raw, 'expect').some((it) => it.toLowerCase() === '100-continue'),
  };
}

function bad(reason: string): ProxyError {
  return new ProxyError('BAD_REQUEST', null, new Error(reason));
}

/** Origin-form as it is; absolute-form split (its authority wins over Host, RFC 9112 §3.2.2); `*` for OPTIONS only. */
function readTarget(url: string, method: string): { target: string; authority?: string } {
  if (url.startsWith('/')) return { target: url };
  if (url === '*' && method === 'OPTIONS') return { target: url };
  const absolute = /^https?:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url);
  if (!absolute) throw bad('a target that is neither a path nor an http URL');
  const [, authority = '', rest = ''] = absolute;
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

function readFraming(req: ParsedRequest): Framing {
  const codings = valuesOf(req.rawHeaders, 'transfer-encoding');
  const lengths = valuesOf(req.rawHeaders, 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0) throw bad('both Transfer-Encoding and Content-Length');
    if (req.httpVersion === '1.0') throw bad('Transfer-Encoding in HTTP/1.0');
    if (codings.length > 1 || codings[0]?.trim().toLowerCase() !== 'chunked') {
      throw new ProxyError('UNKNOWN_TRANSFER_CODING');
    }
    return 'chunked';
  }
  const [length = null, ...more] = lengths;
  // One that loses digits as a number is another one to whoever counts differently.
  if (length !== null && (more.length > 0 || !/^\d+$/.test(length) || !Number.isSafeInteger(Number(length))))
    throw bad('Content-Length is not one number');
  return framingByLength(req.method ?? '', length);
}
