/**
 * `Retry-After` in milliseconds from now: seconds, or a date (RFC 9110 §10.2.3). null when it is absent or says nothing.
 *
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(value: unknown, now = Date.now()): number | null {
  if (typeof value !== 'string') return null;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1_000;
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
