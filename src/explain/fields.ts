import { adoptedRequestFields, adoptedRequestValue } from '../adopt/request-fields';
import { dashed, type RawHeaders } from '../headers/raw';
import { tellsOfTheClient } from '../headers/forwarded';
import { alwaysEndsHere, namedByConnection } from '../headers/hop-by-hop';
import { outboundFields, passedValue, singleFields, type RequestFacts } from '../headers/request';
import { traceFieldNames } from '../headers/trace-context';
import type { Mount } from '../mount/mount';
import type { AskedRequest } from './asked';

/** What becomes of a header field. */
export interface FieldChange {
  readonly name: string;
  /** null where there was none before. */
  readonly before: string | null;
  /** null where it ends here. */
  readonly after: string | null;
  /** null where nothing was changed. */
  readonly reason: string | null;
}

/** Stands for an id that each request gets anew. */
export const newId = '(a new one for each request)';

/** What a trusted proxy is heard on. */
const heard = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-request-id',
]);

/**
 * The fields of the request to the tool, in their order, and before them the client's that end here.
 * @param saidId the id that a trusted proxy gave the request
 */
export function requestFields(
  { method, fields: raw }: Pick<AskedRequest, 'method' | 'fields'>,
  mount: Mount,
  facts: RequestFacts,
  saidId: string | null,
): FieldChange[] {
  const named = namedByConnection(raw);
  const asked = { method, fields: raw };
  const adopted = { mount, view: facts.view, whole: false };
  const ended: FieldChange[] = [];
  const passed: FieldChange[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', before = ''] = raw.slice(i, i + 2);
    if (name.toLowerCase() === 'host') continue;
    const said = mount.adopts ? adoptedRequestValue(name, before, asked, adopted) : before;
    const after = said === null ? null : passedValue(name, said, named, mount, facts);
    const ofAdopting = said === before ? undefined : whyAdoptingChanges[name.toLowerCase()];
    if (after === null) ended.push({ name, before, after, reason: ofAdopting ?? whyItEnds(name, named, facts) });
    else passed.push({ name, before, after, reason: after === before ? null : (ofAdopting ?? whyItChanges(name)) });
  }
  const out = [
    ...outboundFields(mount.adopts ? adoptedRequestFields(asked, adopted) : raw, mount, facts),
    ...singleFields(saidId ?? newId, facts.traced ? traceFields : null),
  ];
  const [, host = ''] = out;
  const own: FieldChange[] = [];
  for (let i = 2 + passed.length * 2; i + 1 < out.length; i += 2) {
    const [name = '', after = ''] = out.slice(i, i + 2);
    own.push({ name, before: null, after, reason: whyItIsSaid(name, mount, facts) });
  }
  return [...ended, hostChange(host, mount, facts), ...passed, ...own];
}

const ofOwnTags = 'the tag of a rewritten body is the gateway’s, and the tool knows its own alone';
const ofParts = 'a part of a page cannot be rewritten: the whole is asked for';

const whyAdoptingChanges: Readonly<Record<string, string>> = {
  'accept-encoding': 'what comes is rewritten: no coding is asked for that could not be undone',
  referer: 'the page’s address as the tool knows it',
  'if-none-match': ofOwnTags,
  'if-match': ofOwnTags,
  range: ofParts,
  'if-range': ofParts,
};

const traceFields: RawHeaders = ['traceparent', newId];

function hostChange(after: string, mount: Mount, { view }: RequestFacts): FieldChange {
  const own = mount.config.host === 'target';
  const reason = own ? 'the tool is asked by its own name: `host: target`' : null;
  return { name: 'Host', before: view.host, after, reason };
}

function whyItEnds(name: string, named: ReadonlySet<string>, { view, peer }: RequestFacts): string {
  const plain = dashed(name.toLowerCase());
  const alias = plain === name.toLowerCase() ? '' : `, as which tools may read it`;
  if (plain === 'content-length' || plain === 'transfer-encoding')
    return 'how the body is framed, the gateway says itself, once';
  if (plain === 'expect' || plain === 'trailer') return 'the gateway deals with it itself';
  if (alwaysEndsHere(plain)) return `is about this connection alone (RFC 9110 §7.6.1)${alias}`;
  if (plain === 'proxy') return 'programs take it for the proxy to use themselves (httpoxy)';
  if (tellsOfTheClient(plain)) {
    if (view.trusted && heard.has(plain) && alias === '')
      return `${peer.address} is a trusted proxy: it was heard, and is written anew`;
    if (view.trusted) return `what the client is, the gateway tells the tool in its own fields${alias}`;
    return `not believed: ${peer.address} is not in \`trustedProxies\`${alias}`;
  }
  if (named.has(name.toLowerCase())) return 'the Connection field of the request says that it ends here';
  if (traceFieldNames.has(name.toLowerCase())) return 'the gateway takes part in the trace: written anew';
  return 'holds the cookie of the gateway alone, by which it finds the target again';
}

function whyItChanges(name: string): string {
  return name.toLowerCase() === 'origin'
    ? 'the tool is asked by its own name (`host: target`), and compares Origin with that'
    : 'without the cookie of the gateway, by which it finds the target again';
}

function whyItIsSaid(name: string, { config }: Mount, { view, websocket }: RequestFacts): string {
  const origin = view.trusted ? 'as the trusted proxy says' : 'as the client asked for it';
  const reasons: Readonly<Record<string, string>> = {
    'X-Real-IP': 'who asks',
    'X-Forwarded-For': view.forwardedFor === '' ? 'who asks' : 'what the trusted proxy says, and the proxy itself',
    'X-Forwarded-Proto': `the scheme, ${origin}`,
    'X-Forwarded-Host': `the host, ${origin}`,
    'X-Forwarded-Port': `the port, ${origin}`,
    Forwarded: 'the same by the standard (RFC 7239)',
    'X-Forwarded-Prefix': 'the prefix that was taken off; `forwardedPrefix: false` leaves it out',
    'X-SSL-Client-Verify': '`clientCa` is set: what was found of the certificate',
    'Content-Length': 'how the body is framed',
    'Transfer-Encoding': 'how the body is framed',
    Expect: 'the client waits for a 100 before it sends its body',
    Connection: websocket
      ? 'the handshake of a websocket (RFC 6455)'
      : 'the connection to the tool is kept for the next request',
    Upgrade: 'the handshake of a websocket (RFC 6455)',
    'X-Request-Id': view.trusted ? 'the trusted proxy’s, or a new one; the access log has it' : 'the access log has it',
    traceparent: '`traces` is on',
  };
  return reasons[name] ?? `the gateway tells it to ${config.name}`;
}
