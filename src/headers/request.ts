import type { Mount } from '../mount/mount';
import { forwardedFields, isOrigin, tellsOfTheClient, type ClientView, type Peer } from './forwarded';
import { endsHere } from './hop-by-hop';
import type { RawHeaders } from './raw';
import { traceFieldNames } from './trace-context';

/** How the body is framed towards the tool: decided by us alone, once, whatever the client's fields said. */
export type Framing = { readonly length: string } | 'chunked' | 'none';

export interface RequestFacts {
  readonly view: ClientView;
  readonly peer: Peer;
  readonly requestId: string;
  readonly framing: Framing;
  readonly websocket: boolean;
  /** The client waits for a 100 before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Trace Context's fields as a raw header list, instead of the client's; null leaves those as they are. */
  readonly trace: readonly string[] | null;
}

/** Fields that are never copied because they are written anew, or because their meaning ended with the parser. */
const writtenAnew = new Set(['host', 'content-length', 'expect', 'trailer']);

/**
 * The header fields of the request to the tool: Host, then the client's own fields in their order, case and number,
 * less what ends here, then what the tool is told about the client.
 */
export function outboundFields(raw: RawHeaders, mount: Mount, facts: RequestFacts): string[] {
  const { config } = mount;
  const ends = endsHere(raw);
  const out = ['Host', config.host === 'target' ? config.target.authority : facts.view.host];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const name = field.toLowerCase();
    if (writtenAnew.has(name) || ends(name) || tellsOfTheClient(name)) continue;
    if (facts.trace && traceFieldNames.has(name)) continue;
    out.push(field, name === 'origin' ? originFor(value, mount, facts.view) : value);
  }
  const prefix = config.prefix === 'strip' && config.forwardedPrefix ? mount.base : '';
  out.push(...forwardedFields(facts.view, facts.peer, prefix, facts.requestId));
  if (facts.trace) out.push(...facts.trace);
  if (facts.framing === 'chunked') out.push('Transfer-Encoding', 'chunked');
  else if (facts.framing !== 'none') out.push('Content-Length', facts.framing.length);
  if (facts.expectsContinue) out.push('Expect', '100-continue');
  if (facts.websocket) out.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else out.push('Connection', 'keep-alive');
  return out;
}

/** A tool that is given its own Host compares Origin with that (websockets, CSRF checks): both say the same again. */
function originFor(value: string, mount: Mount, view: ClientView): string {
  const { host, target } = mount.config;
  if (host !== 'target' || !isOrigin(value, view.origin)) return value;
  return `${target.protocol}//${target.authority}`;
}
