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
  const chunked = hasBody(method, status) && status !== 101 && !hasField(raw, 'content-length');
  const changes: FieldChange[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', before = ''] = raw.slice(i, i + 2);
    // Each by itself, with the fields that Connection names: what becomes of one depends on no other.
    const [, after = null] = framedFields(inboundFields([name, before], context, []), status, chunked);
    if (after === null || named.has(name.toLowerCase()))
      changes.push({ name, before, after: null, reason: whyItEnds(name, named) });
    else changes.push({ name, before, after, reason: after === before ? null : whyItChanges(name) });
  }
  for (const [name, after] of Object.entries(gatewayFields({ id: own.requestId, peer: own.peer }, own.https)))
    changes.push({ name, before: null, after, reason: ownReasons[name] ?? null });
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
  'Strict-Transport-Security': 'the client came over TLS: `listen.https.hsts`',
};

function whyItEnds(name: string, named: ReadonlySet<string>): string {
  const plain = name.toLowerCase();
  if (plain === 'x-request-id') return 'the gateway gives requests their ids';
  if (plain === 'strict-transport-security') return 'how the gateway is reached, is for the gateway to say';
  if (plain === 'transfer-encoding') return 'how the body is framed, the gateway says itself, once';
  if (plain === 'content-length' || plain === 'trailer') return 'does not go with the framing of this answer';
  if (alwaysEndsHere(plain)) return 'is about this connection alone (RFC 9110 §7.6.1)';
  if (named.has(plain)) return 'the Connection field of the answer says that it ends here';
  return 'ends here';
}

function whyItChanges(name: string): string {
  return name.toLowerCase() === 'set-cookie'
    ? 'its path goes under the mount, so that no other tool gets it, or loses its own of that name'
    : 'led out of the mount, as the browser would read it';
}
