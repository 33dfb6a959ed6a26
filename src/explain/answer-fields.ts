import type { Adopted } from '../adopt/adopted-answer';
import { adoptedAnswerValue } from '../adopt/answer-fields';
import { gatewayFields } from '../app/own-page';
import { framedFields, hasBody } from '../headers/answer-framing';
import { alwaysEndsHere, namedByConnection } from '../headers/hop-by-hop';
import type { AnswerContext } from '../headers/location';
import { hasField, type RawHeaders } from '../headers/raw';
import { inboundFields } from '../headers/response';
import type { HttpsListen } from '../config/config';
import type { Peer } from '../headers/forwarded';
import type { FieldChange } from './fields';

/** What the gateway says in an answer for itself. */
export interface OwnWords {
  readonly peer: Peer;
  readonly https: HttpsListen | null;
  /** A Set-Cookie of the gateway's, by which the target is found again. */
  readonly targetCookie: string | null;
  readonly requestId: string;
  /** What is done to it for `prefix: adopt`; null for another mount's. */
  readonly adopted: Adopted | null;
}

/**
 * The fields of an answer as the client gets them, each with what the tool said; those that are about one connection
 * alone and that the gateway writes for its own (Connection, Date, the framing) are left out.
 */
export function answerFields(
  raw: RawHeaders,
  { method, status }: { readonly method: string; readonly status: number },
  context: AnswerContext,
  own: OwnWords,
): FieldChange[] {
  const named = namedByConnection(raw);
  const { adopted } = own;
  const hasLength = hasField(raw, 'content-length') && !adopted?.rewriter;
  const chunked = hasBody(method, status) && status !== 101 && !hasLength;
  const changes: FieldChange[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', before = ''] = raw.slice(i, i + 2);
    // Each by itself, with the fields that Connection names: what becomes of one depends on no other.
    const said = adopted ? adoptedAnswerValue(name, before, adopted.answer) : before;
    const given = said === null ? [] : inboundFields([name, said], context, []);
    const [, after = null] = framedFields(given, status, chunked);
    if (after === null || named.has(name.toLowerCase()))
      changes.push({
        name,
        before,
        after: null,
        reason: said === null ? whyAdoptingEnds(name) : whyItEnds(name, named),
      });
    else changes.push({ name, before, after, reason: after === before ? null : whyItChanges(name, before, after) });
  }
  for (const [name, after] of Object.entries(gatewayFields({ id: own.requestId, peer: own.peer }, own.https)))
    changes.push({ name, before: null, after, reason: ownReasons[name] ?? null });
  for (let i = 0; i + 1 < (adopted?.own.length ?? 0); i += 2) {
    const [name = '', after = ''] = adopted?.own.slice(i, i + 2) ?? [];
    changes.push({ name, before: null, after, reason: ownReasons[name] ?? null });
  }
  if (own.targetCookie !== null)
    changes.push({
      name: 'Set-Cookie',
      before: null,
      after: own.targetCookie,
      reason: '`sticky`: finds the target again',
    });
  return changes;
}

const ownReasons: Readonly<Record<string, string>> = {
  'X-Request-Id': 'the access log has it',
  'Set-Cookie': '`prefix: adopt`: tells from which mount a request comes that has none in its path',
  'Cache-Control': 'no mount is in its path: the same URL may be another tool’s for the next page',
  'Strict-Transport-Security': 'the client came over TLS: `listen.https.hsts`',
};

function whyItEnds(name: string, named: ReadonlySet<string>): string {
  const plain = name.toLowerCase();
  if (plain === 'x-request-id') return 'the gateway gives requests their ids';
  if (plain === 'strict-transport-security') return 'how the gateway is reached, is for the gateway to say';
  if (plain === 'set-cookie') return 'names that begin so are kept for the gateway’s own cookies';
  if (plain === 'transfer-encoding') return 'how the body is framed, the gateway says itself, once';
  if (plain === 'content-length' || plain === 'trailer') return 'does not go with the framing of this answer';
  if (alwaysEndsHere(plain)) return 'is about this connection alone (RFC 9110 §7.6.1)';
  if (named.has(plain)) return 'the Connection field of the answer says that it ends here';
  return 'ends here';
}

function whyAdoptingEnds(name: string): string {
  return /^(?:cache-control|expires)$/i.test(name)
    ? 'this URL is the tool’s for this page alone'
    : 'is true of the body as the tool sent it, which is rewritten';
}

function whyItChanges(name: string, before: string, after: string): string {
  const plain = name.toLowerCase();
  if (plain === 'etag') return 'the body is rewritten: the tag is another one, so that the two are not mixed up';
  if (plain.startsWith('content-security-policy'))
    return 'lets the gateway’s script in; paths in it are the public ones';
  if (plain === 'service-worker-allowed') return 'a service worker of this tool gets no requests but its own mount’s';
  return plain === 'set-cookie'
    ? whyTheCookieChanges(before, after)
    : 'led out of the mount, as the browser would read it';
}

function whyTheCookieChanges(before: string, after: string): string {
  const attributes = (value: string) => value.split(';');
  const others = (value: string) => attributes(value).filter((it) => !/^\s*domain\s*(?:=|$)/i.test(it));
  return [
    ...(attributes(before).length === attributes(after).length
      ? []
      : ['its Domain names the tool, and browsers would refuse it: without, it is the public host’s']),
    ...(others(before).join(';') === others(after).join(';')
      ? []
      : ['its path goes under the mount, so that no other tool gets it, or loses its own of that name']),
  ].join('; ');
}
