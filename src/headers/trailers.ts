import { alwaysEndsHere, namedByConnection } from './hop-by-hop';
import type { RawHeaders } from './raw';

/** Fields that frame or route a message mean nothing after it, and must not be smuggled in there (RFC 9110 §6.5.1). */
const neverTrailers = new Set(['content-length', 'host', 'trailer', 'authorization', 'cookie', 'set-cookie']);

/**
 * The trailer fields that may be passed on.
 * @param head the fields of the message's head, whose Connection may name some
 * @param dropped a test for names, in lower case, that may not be passed on either
 */
export function passedTrailers(
  trailers: RawHeaders,
  head: RawHeaders,
  dropped: (name: string) => boolean,
): [string, string][] {
  if (trailers.length === 0) return [];
  const named = namedByConnection(head);
  const passed: [string, string][] = [];
  for (let i = 0; i + 1 < trailers.length; i += 2) {
    const name = (trailers[i] ?? '').toLowerCase();
    if (!alwaysEndsHere(name) && !named.has(name) && !neverTrailers.has(name) && !dropped(name))
      passed.push([trailers[i] ?? '', trailers[i + 1] ?? '']);
  }
  return passed;
}
