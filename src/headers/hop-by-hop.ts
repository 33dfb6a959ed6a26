import { listOf, type RawHeaders } from './raw';

/**
 * Fields that mean something to one connection only (RFC 9110 §7.6.1, and those of RFC 2616 §13.5.1 that are still
 * seen). `Proxy-*` is a prefix of its own, see `dropped`.
 */
const hopByHop = new Set(['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'http2-settings']);

/**
 * Tells which fields end here: the hop-by-hop ones, all of `Proxy-*`, and whatever this message's own Connection
 * fields name, but for Content-Length, without which a body that broke off would look whole.
 * @returns a test for a lower-case field name
 */
export function endsHere(raw: RawHeaders): (name: string) => boolean {
  const named = new Set(listOf(raw, 'connection').map((option) => option.toLowerCase()));
  return (name) => hopByHop.has(name) || (named.has(name) && name !== 'content-length') || name.startsWith('proxy-');
}
