import { adoptedRequestFields, adoptedRequestValue } from '../adopt/request-fields';
import { dashed, type RawHeaders } from '../headers/raw';
import { nearestOf } from '../headers/forwarded';
import { alwaysEndsHere, namedByConnection } from '../headers/hop-by-hop';
import { outboundFields, passer, singleFields, type RequestFacts } from '../headers/request';
import { traceFieldNames } from '../headers/trace-context';
import type { Mount } from '../mount/mount';
import type { AskedRequest } from './asked';
import { whyItIsNotPassed } from './believed';

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
  const asked = { method, fields: raw };
  const adopted = { mount, view: facts.view, whole: false };
  const pass = passer(raw, mount, facts);
  const ended: FieldChange[] = [];
  const passed: FieldChange[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', before = ''] = raw.slice(i, i + 2);
    if (name.toLowerCase() === 'host') continue;
    const said = mount.adopts ? adoptedRequestValue(name, before, asked, adopted) : before;
    const after = said === null ? null : pass(i, said);
    const ofAdopting = said === before ? undefined : whyAdoptingChanges[name.toLowerCase()];
    if (after === null) ended.push({ name, before, after, reason: ofAdopting ?? whyItEnds(raw, i, mount, facts) });
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
    own.push({ name, before: null, after, reason: whyItIsSaid(name, mount, facts, raw) });
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

function whyItEnds(raw: RawHeaders, index: number, mount: Mount, facts: RequestFacts): string {
  const name = raw[index] ?? '';
  const plain = dashed(name.toLowerCase());
  const alias = plain === name.toLowerCase() ? '' : `, as which tools may read it`;
  if (plain === 'content-length' || plain === 'transfer-encoding')
    return 'how the body is framed, the gateway says itself, once';
  if (plain === 'expect' || plain === 'trailer') return 'the gateway deals with it itself';
  if (alwaysEndsHere(plain)) return `is about this connection alone (RFC 9110 §7.6.1)${alias}`;
  if (plain === 'proxy') return 'programs take it for the proxy to use themselves (httpoxy)';
  const ofWho = whyItIsNotPassed(raw, index, mount, facts);
  if (ofWho !== null) return ofWho;
  if (namedByConnection(raw).has(name.toLowerCase()))
    return 'the Connection field of the request says that it ends here';
  if (traceFieldNames.has(name.toLowerCase())) return 'the gateway takes part in the trace: written anew';
  return 'holds nothing but cookies of the gateway’s own';
}

const ofOwnName = (name: string) =>
  `the tool is asked by its own name (\`host: target\`), and compares ${name} with that`;

const whyChanges: Readonly<Record<string, string>> = {
  origin: ofOwnName('Origin'),
  referer: ofOwnName('Referer'),
  destination: 'the URL as the tool knows it: less the prefix, and by the name that it is asked by',
  if: 'the URLs of its tags as the tool knows them: less the prefix, and by the name that it is asked by',
  cookie: 'without the gateway’s own cookies',
};

const whyItChanges = (name: string) => whyChanges[name.toLowerCase()] ?? 'the gateway writes it anew';

function whyItIsSaid(name: string, { config }: Mount, { view, websocket }: RequestFacts, raw: RawHeaders): string {
  const said = (field: string) =>
    nearestOf(raw, view.heard === 'forwarded' ? 'forwarded' : field) === undefined || !view.trusted
      ? 'as the client asked for it'
      : 'as the trusted proxy says';
  const ownName = 'of the tool’s own name, as Host and Origin are: `host: target`';
  const reasons: Readonly<Record<string, string>> = {
    'X-Real-IP': 'who asks',
    'X-Forwarded-For': view.forwardedFor === '' ? 'who asks' : 'what the trusted proxy says, and the proxy itself',
    'X-Forwarded-Proto': `the scheme, ${said('x-forwarded-proto')}`,
    'X-Forwarded-Host': `the host, ${config.host === 'target' ? ownName : said('x-forwarded-host')}`,
    'X-Forwarded-Port': `the port, ${config.host === 'target' ? ownName : said('x-forwarded-port')}`,
    Forwarded: 'the same by the standard (RFC 7239)',
    'X-Forwarded-Prefix': `${whatWasTakenOff(config.prefix === 'keep' ? '' : config.path, view.prefix)}; \`forwardedPrefix: false\` leaves it out`,
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

function whatWasTakenOff(here: string, before: string): string {
  if (before === '') return 'the prefix that was taken off';
  return `what the trusted proxy took off${here === '' || here === '/' ? '' : `, and ${here}, which was taken off here`}`;
}
