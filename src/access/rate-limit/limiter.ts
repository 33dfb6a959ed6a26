import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { ProxyErrorCode } from '../../upstream/proxy-error';

/** Why a request is not let through, and when the next would be. */
export interface RateRefusal {
  readonly code: Extract<ProxyErrorCode, 'RATE_LIMITED' | 'RATE_LIMIT_UNKNOWN'>;
  /** Whole seconds, at least 1 (RFC 9110 §10.2.3). */
  readonly retryAfter: number;
}

/**
 * Counts the requests of clients in one mount. Whoever else can count (other processes of this gateway, say) is another
 * one of these.
 */
export interface RateLimiter {
  /**
   * Counts a request; answers within the time limit of the store, and never fails.
   * @param client as `clientKey` gives it
   * @returns null when the request is let through
   */
  count(client: string): Promise<RateRefusal | null>;
}

/** What clients are told while nobody knows the counts; the gateway looks for the store every second. */
export const storeUnknown: RateRefusal = { code: 'RATE_LIMIT_UNKNOWN', retryAfter: 5 };

/**
 * Counts a request that may be one too many: the library throws its result then.
 * @throws what the store throws, and TypeError where it answers something else than numbers
 */
export async function countWith(limiter: RateLimiterAbstract, client: string): Promise<RateLimiterRes> {
  const result = await limiter.consume(client).catch((thrown: unknown) => {
    if (thrown instanceof Error) throw thrown;
    return thrown as RateLimiterRes;
  });
  const { consumedPoints, msBeforeNext } = result;
  if (!Number.isSafeInteger(consumedPoints) || consumedPoints < 1 || !Number.isFinite(msBeforeNext))
    throw new TypeError('its count is not a number');
  return result;
}

export function refusalBy({ consumedPoints, msBeforeNext }: RateLimiterRes, requests: number): RateRefusal | null {
  if (consumedPoints <= requests) return null;
  return { code: 'RATE_LIMITED', retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1_000)) };
}
