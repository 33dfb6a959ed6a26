import type { Mount } from '../mount/mount';
import { forwardedFields, originNamed, tellsOfTheClient, type ClientView, type Peer } from './forwarded';
import { byName } from './by-name';
import { alwaysEndsHere, namedByConnection } from './hop-by-hop';
import { isItsOwnSpelling, tellsOfAPerson } from './identity';
import { isSamePlace } from './origin';
import { dashed, valuesOf, type RawHeaders } from './raw';
import { withoutGatewayCookies } from './gateway-cookies';
import { traceFieldNames } from './trace-context';
import { toolDestination, toolIf } from './webdav';

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

/** Fields that pass with another value. */
type Passing = 'origin' | 'referer' | 'cookie' | 'destination' | 'if';
const passing: ReadonlySet<string> = new Set<Passing>(['origin', 'referer', 'cookie', 'destination', 'if']);

/** What becomes of a client's field; `trace` ends here where the gateway takes part in the trace. */
const fateOf = byName((name): 'ends' | 'trace' | 'passes' | 'identity' | Passing => {
  // A tool that takes `Content_Length` for `Content-Length` would have a second framing.
  const plain = dashed(name);
  if (writtenAnew.has(plain) || alwaysEndsHere(plain) || plain === httpoxy) return 'ends';
  if (tellsOfAPerson(name)) return isItsOwnSpelling(name) ? 'identity' : 'ends';
  if (tellsOfTheClient(plain)) return 'ends';
  if (traceFieldNames.has(name)) return 'trace';
  return passing.has(name) ? (name as Passing) : 'passes';
});

/** Whether a client's field ends here as a trailer: of a person only a head tells. @param name as it stood on the wire */
export function requestFieldEnds(name: string): boolean {
  const fate = fateOf(name);
  return fate === 'ends' || fate === 'identity';
}

/**
 * The header fields of the request to the tool: Host, then the client's own fields in their order, case and number,
 * less what ends here, then what the tool is told about the client. `singleFields` come behind them; these here are the
 * same for every request of a connection that has the same fields, mount and framing.
 */
export function outboundFields(raw: RawHeaders, mount: Mount, facts: RequestFacts): string[] {
  const { config } = mount;
  const { view } = facts;
  const pass = passer(raw, mount, facts);
  const ownName = config.host === 'target';
  const out = ['Host', ownName ? config.target.authority : view.host];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    const value = pass(i, raw[i + 1] ?? '');
    if (value !== null) out.push(field, value);
  }
  const origin = ownName ? originNamed(config.target.authority, view) : view.origin;
  out.push(...forwardedFields(view, facts.peer, toldPrefix(mount, view), origin));
  if (facts.framing === 'chunked') out.push('Transfer-Encoding', 'chunked');
  else if (facts.framing !== 'none') out.push('Content-Length', facts.framing.length);
  if (facts.expectsContinue) out.push('Expect', '100-continue');
  if (facts.websocket) out.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else out.push('Connection', 'keep-alive');
  return out;
}

/** What was taken off the path before the tool gets it, by a trusted proxy in front and here; '' is not told. */
function toldPrefix({ config: { prefix, forwardedPrefix }, base, adopts }: Mount, view: ClientView): string {
  if (!forwardedPrefix || adopts) return '';
  return prefix === 'keep' ? view.prefix : view.prefix + base;
}

/**
 * Gives the value with which a client's field goes to the tool: by the index of its name in `raw`, and its value there
 * or another; null for a field that ends here.
 */
export function passer(
  raw: RawHeaders,
  mount: Mount,
  { view, traced }: Pick<RequestFacts, 'view' | 'traced'>,
): (index: number, value: string) => string | null {
  const named = namedByConnection(raw);
  const identities = view.trusted && mount.config.trustedIdentity ? lastIdentities(raw) : none;
  return (index, value) => {
    const field = raw[index] ?? '';
    const fate = fateOf(field);
    if (fate === 'ends' || (fate === 'trace' && traced) || (fate === 'identity' && !identities.has(index))) return null;
    if (named.size > 0 && named.has(field.toLowerCase())) return null;
    switch (fate) {
      case 'cookie':
        return withoutGatewayCookies(value);
      case 'origin':
      case 'referer':
        return toldOwnName(value, mount, view);
      case 'destination':
        return toolDestination(value, mount, view);
      case 'if':
        return toolIf(value, mount, view);
      default:
        return value;
    }
  };
}

const none: ReadonlySet<number> = new Set();

/** Where the fields stand that tell of a person: of several lines of one the last, which was written nearest to us. */
function lastIdentities(raw: RawHeaders): ReadonlySet<number> {
  const last = new Map<string, number>();
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (fateOf(raw[i] ?? '') === 'identity') last.set((raw[i] ?? '').toLowerCase(), i);
  return new Set(last.values());
}

/**
 * The fields that this one request alone has.
 * @param trace Trace Context's as a raw header list; null where the gateway takes no part in the trace
 */
export function singleFields(requestId: string, trace: readonly string[] | null): string[] {
  return trace ? ['X-Request-Id', requestId, ...trace] : ['X-Request-Id', requestId];
}

/**
 * A tool that is given its own Host compares Origin with that (websockets, CSRF checks), or Referer: both say the same
 * again.
 */
function toldOwnName(value: string, { config: { host, target } }: Mount, { origin }: ClientView): string {
  if (host !== 'target') return value;
  const [own = ''] = /^https?:\/\/[^/?#]*/i.exec(value) ?? [];
  return isSamePlace(own, origin) ? `${target.protocol}//${target.authority}${value.slice(own.length)}` : value;
}
