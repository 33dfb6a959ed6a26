import { byName } from './by-name';
import { fixCookie } from './cookies';
import { alwaysEndsHere, hopByHop, hopByHopPrefix, namedByConnection } from './hop-by-hop';
import { fixLocation, fixRefresh, type AnswerContext } from './location';
import type { RawHeaders } from './raw';
import { fixAllowedScope } from './service-worker';

/** Fields that are the gateway's to say, in lower case. */
const ours: ReadonlySet<string> = new Set(['strict-transport-security', 'x-request-id']);

/** @returns null for a field that ends here after all */
type Fix = (value: string, context: AnswerContext) => string | null;

const fixes: Readonly<Record<string, Fix>> = {
  location: fixLocation,
  'content-location': fixLocation,
  refresh: fixRefresh,
  'service-worker-allowed': fixAllowedScope,
  'set-cookie': fixCookie,
};

/** What becomes of a field of an answer: it ends here, is passed on, or is passed on with another value. */
export type AnswerFate = 'ends' | 'passes' | Fix;

/** The names of fields that are not just passed on, in lower case, and the beginnings of such names. */
export const specialAnswerFields: readonly string[] = [...hopByHop, ...ours, ...Object.keys(fixes)];
export const specialAnswerPrefixes: readonly string[] = [hopByHopPrefix];

/** Told by the name alone; `namedByConnection` may end others. */
export const answerFateOf = byName((name): AnswerFate =>
  alwaysEndsHere(name) || ours.has(name) ? 'ends' : (Object.hasOwn(fixes, name) && fixes[name]) || 'passes',
);

/**
 * The header fields of the answer to the client: the tool's own in their order, case and number, less what ends here,
 * with URLs and cookies under the mount's prefix.
 * @param own fields of the gateway (`X-Request-Id`, HSTS), instead of the tool's
 */
export function inboundFields(raw: RawHeaders, context: AnswerContext, own: RawHeaders): string[] {
  const named = namedByConnection(raw);
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const fate = answerFateOf(field);
    if (fate === 'ends' || (named.size > 0 && named.has(field.toLowerCase()))) continue;
    const passed = fate === 'passes' ? value : fate(value, context);
    if (passed !== null) out.push(field, passed);
  }
  out.push(...own);
  return out;
}
