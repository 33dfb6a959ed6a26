import { METHODS } from 'node:http';
import { ProxyError } from '../upstream/proxy-error';

const known: ReadonlySet<string> = new Set(METHODS);

/** Whether Node's parser knows a method; they have a case. */
export function isKnownMethod(method: string): boolean {
  return known.has(method);
}

const spoken: ReadonlySet<string | undefined> = new Set(['1.0', '1.1']);

/** Method, target, and a protocol with its version, of a line without its CRLF (RFC 9112 §3), as loosely as Node reads it. */
const shape = /^([\w!#$%&'*+.^`|~-]+) +[^ ]+ +([^ /]+)\/([0-9]\.[0-9])$/;

/**
 * What is wrong with a request line that Node's parser would read as something else, or call malformed: it takes
 * RTSP/1.0 and ICE/1.0 for HTTP/1.0, and knows no methods but those of its list (RFC 9110 §9.1: 501).
 * @param line latin1, without its line end
 * @returns null for nothing, or for what that parser refuses itself
 */
export function wrongRequestLine(line: string): ProxyError | null {
  const [, method = '', protocol, version] = shape.exec(line) ?? [];
  if (protocol === undefined) return null;
  if (protocol !== 'HTTP') return new ProxyError('BAD_REQUEST', null, new Error('a protocol other than HTTP'));
  return isKnownMethod(method) || !spoken.has(version) ? null : new ProxyError('UNKNOWN_METHOD');
}
