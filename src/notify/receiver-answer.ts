/*
 * What becomes of a message after a receiver's answer, or after none. Pure.
 */

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 5 * 60_000;
/** A receiver may ask for patience, but not that nobody hears of an outage before the next day. */
const LONGEST_RETRY_AFTER = 60 * 60_000;

export type Verdict = 'taken' | 'again' | 'refused';

/** Request timeout, too many requests and the server's own errors pass; whatever else is not 2xx stays as it is. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'taken';
  return status === 408 || status === 429 || status >= 500 ? 'again' : 'refused';
}

/**
 * Milliseconds until the next attempt: twice as long each time, up to five minutes, less up to a half by chance, so that
 * several gateways do not stay in step. Never sooner than the receiver asked for.
 * @param failures attempts that have failed, at least 1
 * @param random from 0 to 1
 */
export function retryDelay(failures: number, retryAfter: number, random: number): number {
  const longest = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(failures - 1, 20));
  return Math.max(longest * (1 - random / 2), Math.min(retryAfter, LONGEST_RETRY_AFTER));
}

/** What to do about an answer that is not 2xx; follows `answered 404. `. */
export function adviceForStatus(status: number): string {
  if (status >= 300 && status < 400) return 'Redirects are not followed: write the address that it leads to in url.';
  switch (status) {
    case 401:
    case 403:
      return 'The receiver does not accept url or headers: look whether the webhook was revoked or its token has expired.';
    case 404:
    case 410:
      return 'The receiver knows no such webhook: look whether it was removed, and copy its address into url again.';
    case 400:
    case 422:
      return 'The receiver does not understand the message: look at format, template and contentType.';
    case 429:
      return 'The receiver has had too many messages.';
    default:
      return status >= 500 || status === 408 ? 'The receiver has trouble of its own.' : 'Look at the receiver’s log.';
  }
}
