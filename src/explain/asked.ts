import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parseAuthority } from '../headers/forwarded';
import { hasField, type RawHeaders } from '../headers/raw';

/** A request that somebody asks about. */
export interface AskedRequest {
  readonly method: string;
  readonly secure: boolean;
  /** Origin-form, as a client sends it. */
  readonly target: string;
  /** Host first, unless it is given among the others. */
  readonly fields: RawHeaders;
  /** Where it comes from. */
  readonly address: string;
}

/** What stands on the command line. */
export interface AskedWords {
  /** `[METHOD] URL`: an address, or a path alone for one at this gateway. */
  readonly words: readonly string[];
  /** `Name: value` each. */
  readonly fields: readonly string[];
  readonly address: string;
  /** Where a path alone is asked for. */
  readonly here: { readonly secure: boolean; readonly authority: string };
}

/** The fields of a handshake that clients add by themselves (RFC 6455 §4.1); the key is that section's example. */
export const handshake: RawHeaders = [
  'Connection',
  'Upgrade',
  'Upgrade',
  'websocket',
  'Sec-WebSocket-Version',
  '13',
  'Sec-WebSocket-Key',
  'dGhlIHNhbXBsZSBub25jZQ==',
];

/** @throws RangeError for what is no request, with a sentence for people */
export function readAsked({ words, fields, address, here }: AskedWords): AskedRequest {
  const [first = '', second, ...more] = words;
  if (more.length > 0)
    throw new RangeError(`${more.join(' ')} is one word too many: write [METHOD] URL, and quote the URL`);
  const method = second === undefined ? 'GET' : first.toUpperCase();
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method)) throw new RangeError(`${first} is not a method; write one such as GET`);
  const { secure, authority, target, websocket } = readUrl(second ?? first, here);
  const own = fields.flatMap(readField);
  const raw = hasField(own, 'host') ? own : ['Host', authority, ...own];
  return {
    method,
    secure,
    target,
    fields: websocket && !hasField(raw, 'upgrade') ? [...raw, ...handshake] : raw,
    address,
  };
}

function readUrl(url: string, here: AskedWords['here']) {
  const [, scheme, named, rest = ''] = /^(?:(https?|wss?):\/\/([^/?#]*))?([^#]*)/i.exec(url) ?? [];
  if (scheme === undefined && !rest.startsWith('/'))
    throw new RangeError(
      `${url} is neither a URL nor a path; write one such as https://tools.example.com/kpow/ or /kpow/`,
    );
  const authority = named ?? here.authority;
  if (!parseAuthority(authority))
    throw new RangeError(`${authority} in ${url} is not a host name, with or without a port`);
  return {
    secure: scheme === undefined ? here.secure : /^(?:https|wss)$/i.test(scheme),
    authority,
    target: encoded(rest.startsWith('/') ? rest : `/${rest}`),
    websocket: /^wss?$/i.test(scheme ?? ''),
  };
}

/** As browsers write it: what is not visible ASCII is encoded, and half a character is U+FFFD. Dots and slashes stay, as a hostile client sends them. */
function encoded(target: string): string {
  return target.replace(/[^!-~]+/g, (text) => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')));
}

function readField(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1).trim();
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new RangeError(`${JSON.stringify(line)} is not a header field; write -H 'Name: value'`);
  }
  return [name, value];
}
