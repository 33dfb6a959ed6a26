/** The longest time between two tries, in milliseconds, whatever the authority asks for aside. */
const longestRetry = 6 * 3600_000;

/** The longest that an authority is believed to want us to wait, in milliseconds. */
const longestRetryAfter = 7 * 86_400_000;

/**
 * When a certificate is to be renewed: `renewBefore` ms ahead of its end, or when two thirds of its lifetime are over
 * where that is later, as for certificates of a few days. Up to a tenth of the time left is added, so that gateways
 * that got theirs together do not all come together again.
 *
 * @param random 0 up to 1
 */
export function renewalTime(validFrom: Date, validTo: Date, renewBefore: number, random: number): Date {
  const lifetime = validTo.getTime() - validFrom.getTime();
  const margin = Math.min(renewBefore, lifetime / 3);
  return new Date(validTo.getTime() - margin * (1 - random / 10));
}

/**
 * Milliseconds from a failure to the next try: doubles with each failure, up to six hours, a quarter more or less by
 * chance, and never less than what the authority asked for (Retry-After, RFC 8555 §6.6).
 *
 * @param failures in a row, 1 for the first
 * @param first milliseconds after the first failure
 * @param retryAfter milliseconds; null when the authority said nothing
 * @param random 0 up to 1
 */
export function retryDelay(failures: number, first: number, retryAfter: number | null, random: number): number {
  const grown = Math.min(first * 2 ** Math.min(failures - 1, 30), longestRetry);
  return Math.round(Math.max(grown * (0.75 + random / 2), Math.min(retryAfter ?? 0, longestRetryAfter)));
}
