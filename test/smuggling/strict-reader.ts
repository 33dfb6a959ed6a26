/** A request with one meaning only. */
export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  /** Names as they stood on the wire. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** latin1, without its framing. */
  readonly body: string;
  readonly trailers: StrictRequest['fields'];
}

export type Reading =
  | { readonly kind: 'request'; readonly request: StrictRequest; readonly end: number }
  /** Some of it has not arrived. @property head null where that is some of the head */
  | { readonly kind: 'incomplete'; readonly head: Omit<StrictRequest, 'body' | 'trailers'> | null }
  | { readonly kind: 'ambiguous'; readonly why: string };

class Ambiguous extends Error {}

const requestLine = /^([A-Z][A-Z-]*) (\/[!"$-~]*) HTTP\/1\.1$/;
const fieldLine = /^([\w!#$%&'*+.^`|~-]+): ((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)$/;

/**
 * What a gateway has no reason to send to a tool, by whatever reading of the name: CGI and those who follow it take `_`
 * and `-` for the same. Of these, the ones below are told apart further.
 */
const connectionWide = /^(?:te|keep-alive|trailer|http2-settings|proxy-.*)$/;

/**
 * Reads the first request of what a connection brought, and refuses whatever two readers might understand differently:
 * stricter than RFC 9112 in that it lets nothing pass which the gateway need not write.
 * @param text latin1
 */
export function readStrictly(text: string): Reading {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof Ambiguous) return { kind: 'ambiguous', why: error.message };
    throw error;
  }
}

function read(text: string): Reading {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return { kind: 'incomplete', head: null };
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [, method = '', target = ''] = requestLine.exec(first) ?? fail('a request line that is none', first);
  const fields = lines.map(readField);
  const length = judge(fields);
  const head = { method, target, fields };
  const start = end + 4;
  if (length !== 'chunked') {
    if (text.length < start + length) return { kind: 'incomplete', head };
    const body = text.slice(start, start + length);
    return { kind: 'request', request: { ...head, body, trailers: [] }, end: start + length };
  }
  const chunks = readChunks(text, start);
  if (!chunks) return { kind: 'incomplete', head };
  return { kind: 'request', request: { ...head, body: chunks.body, trailers: chunks.trailers }, end: chunks.end };
}

function readField(line: string): readonly [string, string] {
  const [, name = '', value = ''] = fieldLine.exec(line) ?? fail('a field line that is none', line);
  return [name, value];
}

/** @returns bytes of the body, or that it is chunked */
function judge(fields: StrictRequest['fields']): number | 'chunked' {
  const plainNames = fields.map(([name]) => plain(name));
  const values = (name: string) => fields.flatMap(([, value], i) => (plainNames[i] === name ? [value] : []));
  for (const [i, [name]] of fields.entries()) {
    const asRead = plainNames[i] ?? '';
    if (connectionWide.test(asRead)) fail('a field that ends at the gateway', name);
    if (name.includes('_') && /^(?:transfer-encoding|content-length|connection|upgrade|host|expect)$/.test(asRead))
      fail('a field of framing in disguise', name);
  }
  const [hosts, lengths, codings] = [values('host'), values('content-length'), values('transfer-encoding')];
  if (hosts.length !== 1 || !/^[\w.:[\]-]+$/.test(hosts[0] ?? '')) fail('not one Host', hosts.join(' | '));
  if (codings.length + lengths.length > 1) fail('more than one framing', [...lengths, ...codings].join(' | '));
  const connection = values('connection').join(' | ');
  const upgrade = values('upgrade').join(' | ');
  const options = connection === 'keep-alive' && upgrade === '';
  if (!options && !(connection === 'Upgrade' && upgrade === 'websocket')) fail('other options', connection + upgrade);
  const expects = values('expect').join(' | ');
  if (expects !== '' && expects !== '100-continue') fail('another expectation', expects);
  if (codings.length > 0) return codings[0] === 'chunked' ? 'chunked' : fail('another coding', codings[0] ?? '');
  const length = lengths[0] ?? '0';
  return /^(?:0|[1-9][0-9]{0,15})$/.test(length) ? Number(length) : fail('a length that is none', length);
}

function readChunks(
  text: string,
  start: number,
): { readonly body: string; readonly trailers: StrictRequest['fields']; readonly end: number } | null {
  let body = '';
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const line = text.slice(at, lineEnd);
    if (!/^(?:0|[1-9a-f][0-9a-f]{0,8})$/.test(line)) fail('a chunk size that is none', line);
    const size = parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) {
      if (text.startsWith('\r\n', at)) return { body, trailers: [], end: at + 2 };
      const end = text.indexOf('\r\n\r\n', at);
      if (end === -1) return null;
      const trailers = text.slice(at, end).split('\r\n').map(readField);
      for (const [name] of trailers) if (neverBehind.test(plain(name))) fail('a trailer that frames or routes', name);
      return { body, trailers, end: end + 4 };
    }
    if (text.length < at + size + 2) return null;
    body += text.slice(at, at + size);
    if (text.slice(at + size, at + size + 2) !== '\r\n')
      fail('a chunk without an end', text.slice(at + size, at + size + 2));
    at += size + 2;
  }
}

const neverBehind =
  /^(?:host|content-length|transfer-encoding|connection|upgrade|expect|te|trailer|authorization|cookie|forwarded|x-forwarded-.*|x-real-ip|x-request-id)$/;

/** A field's name as the most generous readers compare it. */
export const plain = (name: string) => name.toLowerCase().replaceAll('_', '-');

function fail(what: string, text: string): never {
  throw new Ambiguous(`${what}: ${JSON.stringify(text.slice(0, 200))}`);
}
