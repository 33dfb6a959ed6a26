import type { Mount } from '../mount/mount';
import { forwardedFields, isOrigin, tellsOfTheClient, type ClientView, type Peer } from './forwarded';
import { byName } from './by-name';
import { alwaysEndsHere, namedByConnection } from './hop-by-hop';
import { dashed, valuesOf, type RawHeaders } from './raw';
import { withoutGatewayCookies } from './gateway-cookies';
import { traceFieldNames } from './trace-context';

/** How the body is framed towards the tool: decided by us alone, once, whatever the client's fields said. */
export type Framing = { readonly length: string } | 'chunked' | 'none';

/** Methods whose requests have no body unless they say so (RFC 9110 §9.3). */
const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** The framing of a request that is not chunked. @param length of Content-Length, digits, if there is one */
export function framingByLength(method: string, length: string | null): Framing {
  if (length === null) return bodiless.has(method) ? 'none' : { length: '0' };
  // Some read a number that begins with a zero in base eight.
  return { length: length.startsWith('0') ? length.replace(/^0+(?=\d)/, '') : length };
}

/** Methods that may be sent twice (RFC 9110 §9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether a request may be sent once more; one with a body may not, for its bytes are gone. */
export function isRepeatable(method: string, framing: Framing): boolean {
  return framing === 'none' && idempotent.has(method);
}

/** The id that a trusted proxy gave a request; null for none, and for one that could do harm in a log. */
export function saidRequestId(raw: RawHeaders): string | null {
  const [said] = valuesOf(raw, 'x-request-id');
  return said !== undefined && /^[\w.:/+=-]{1,128}$/.test(said) ? said : null;
}

export interface RequestFacts {
  readonly view: ClientView;
  readonly peer: Peer;
  readonly framing: Framing;
  readonly websocket: boolean;
  /** The client waits for a 100 before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Whether the gateway takes part in the trace: then Trace Context's fields are not the client's. */
  readonly traced: boolean;
}

/** Fields that are never copied because they are written anew, or because their meaning ended with the parser. */
const writtenAnew = new Set(['host', 'content-length', 'expect', 'trailer']);

/** CGI and its like make HTTP_PROXY of it, by which programs choose the proxy for requests of their own (httpoxy). */
const httpoxy = 'proxy';

/** What becomes of a client's field; `trace` ends here where the gateway takes part in the trace. */
const fateOf = byName((name): 'ends' | 'passes' | 'origin' | 'cookie' | 'trace' => {
  // A tool that takes `Content_Length` for `Content-Length` would have a second framing.
  const plain = dashed(name);
  if (writtenAnew.has(plain) || alwaysEndsHere(plain) || tellsOfTheClient(plain) || plain === httpoxy) return 'ends';
  if (traceFieldNames.has(name)) return 'trace';
  return name === 'origin' || name === 'cookie' ? name : 'passes';
});

/** Whether a client's field ends here, also as a trailer. @param name as it stood on the wire */
export function requestFieldEnds(name: string): boolean {
  return fateOf(name) === 'ends';
}

/**
 * The header fields of the request to the tool: Host, then the client's own fields in their order, case and number,
 * less what ends here, then what the tool is told about the client. `singleFields` come behind them; these here are the
 * same for every request of a connection that has the same fields, mount and framing.
 */
export function outboundFields(raw: RawHeaders, mount: Mount, facts: RequestFacts): string[] {
  const { config } = mount;
  const named = namedByConnection(raw);
  const out = ['Host', config.host === 'target' ? config.target.authority : facts.view.host];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    const value = passedValue(field, raw[i + 1] ?? '', named, mount, facts);
    if (value !== null) out.push(field, value);
  }
  const prefix = config.prefix === 'strip' && config.forwardedPrefix ? mount.base : '';
  out.push(...forwardedFields(facts.view, facts.peer, prefix));
  if (facts.framing === 'chunked') out.push('Transfer-Encoding', 'chunked');
  else if (facts.framing !== 'none') out.push('Content-Length', facts.framing.length);
  if (facts.expectsContinue) out.push('Expect', '100-continue');
  if (facts.websocket) out.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else out.push('Connection', 'keep-alive');
  return out;
}

/**
 * The value with which a client's field goes to the tool.
 * @param named the fields that end here because Connection names them, in lower case
 * @returns null for one that ends here
 */
export function passedValue(
  field: string,
  value: string,
  named: ReadonlySet<string>,
  mount: Mount,
  { view, traced }: Pick<RequestFacts, 'view' | 'traced'>,
): string | null {
  const fate = fateOf(field);
  if (fate === 'ends' || (fate === 'trace' && traced)) return null;
  if (named.size > 0 && named.has(field.toLowerCase())) return null;
  if (fate === 'cookie') return withoutGatewayCookies(value);
  return fate === 'origin' ? originFor(value, mount, view) : value;
}

/**
 * The fields that this one request alone has.
 * @param trace Trace Context's as a raw header list; null where the gateway takes no part in the trace
 */
export function singleFields(requestId: string, trace: readonly string[] | null): string[] {
  return trace ? ['X-Request-Id', requestId, ...trace] : ['X-Request-Id', requestId];
}

/** A tool that is given its own Host compares Origin with that (websockets, CSRF checks): both say the same again. */
function originFor(value: string, mount: Mount, view: ClientView): string {
  const { host, target } = mount.config;
  if (host !== 'target' || !isOrigin(value, view.origin)) return value;
  return `${target.protocol}//${target.authority}`;
}
