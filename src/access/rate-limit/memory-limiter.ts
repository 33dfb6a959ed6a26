import type { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateLimitConfig } from '../../config/config';
import { countWith, refusalBy, type RateLimiter, type RateRefusal } from './limiter';

/** Clients that are known at once: who has more addresses than that is not stopped by a limit for each. */
const mostClients = 50_000;

/** Counts in this process alone. */
export class MemoryLimiter implements RateLimiter {
  readonly #limiter: Promise<RateLimiterMemory>;
  readonly #requests: number;
  readonly #per: number;
  readonly #most: number;
  /** When the time of each client is over, milliseconds since 1970; the next to end comes first. */
  readonly #ends = new Map<string, number>();

  constructor({ requests, per }: Pick<RateLimitConfig, 'requests' | 'per'>, most = mostClients) {
    this.#requests = requests;
    this.#per = per;
    this.#most = most;
    const options = { points: requests, duration: per / 1_000 };
    this.#limiter = import('rate-limiter-flexible').then((library) => new library.RateLimiterMemory(options));
    // Whoever counts is told; before somebody does, nobody would have caught it.
    this.#limiter.catch(() => undefined);
  }

  async count(client: string): Promise<RateRefusal | null> {
    const limiter = await this.#limiter;
    const result = await countWith(limiter, client);
    if (result.isFirstInDuration) this.#began(limiter, client);
    return refusalBy(result, this.#requests);
  }

  /** All times are of one length, so that they end in the order in which they began. */
  #began(limiter: RateLimiterMemory, client: string): void {
    const now = Date.now();
    this.#ends.delete(client);
    this.#ends.set(client, now + this.#per);
    for (const [first, end] of this.#ends) {
      if (end > now && this.#ends.size <= this.#most) return;
      this.#ends.delete(first);
      void limiter.delete(first);
    }
  }
}
