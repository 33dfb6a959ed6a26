import { listOf, valuesOf, type RawHeaders } from './raw';

/**
 * Fields that mean something to one connection only (RFC 9110 §7.6.1, and those of RFC 2616 §13.5.1 that are still
 * seen).
 */
export const hopByHop = new Set(['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'http2-settings']);

/** And those whose names begin so. */
export const hopByHopPrefix = 'proxy-';

/** Whether a field ends here whatever the message says: a hop-by-hop one, or any of `Proxy-*`. @param name lower case */
export function alwaysEndsHere(name: string): boolean {
  return hopByHop.has(name) || name.startsWith(hopByHopPrefix);
}

const none: ReadonlySet<string> = new Set();

/**
 * The fields that this message's own Connection fields name, and which therefore end here, in lower case: but for
 * Content-Length, without which a body that broke off would look whole.
 */
export function namedByConnection(raw: RawHeaders): ReadonlySet<string> {
  const values = valuesOf(raw, 'connection');
  if (values.every((value) => value === 'keep-alive' || value === 'close')) return none;
  const named = new Set(listOf(raw, 'connection').map((option) => option.toLowerCase()));
  named.delete('content-length');
  return named;
}
