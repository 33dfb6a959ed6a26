import type { RateLimiterRedis } from 'rate-limiter-flexible';
import type { RateLimitConfig } from '../../config/config';
import { countWith, refusalBy, storeUnknown, type RateLimiter, type RateRefusal } from './limiter';
import { MemoryLimiter } from './memory-limiter';
import type { Store } from './store';
import type { StoreConnection } from './store-connection';

/** Counts together with all other gateways that have the same limit at the same path. */
export class SharedLimiter implements RateLimiter {
  readonly #store: Store;
  readonly #limit: RateLimitConfig;
  readonly #name: string;
  readonly #whenAway: (client: string) => Promise<RateRefusal | null>;
  #last: { readonly connection: StoreConnection; readonly limiter: RateLimiterRedis } | null = null;

  /** @param path the mount's */
  constructor(store: Store, path: string, limit: RateLimitConfig) {
    this.#store = store;
    this.#limit = limit;
    // With the limit in it: what was counted towards another says nothing of this one.
    this.#name = `${store.prefix}:${path}:${limit.requests}/${limit.per / 1_000}s`;
    this.#whenAway = whenAway(limit);
  }

  async count(client: string): Promise<RateRefusal | null> {
    try {
      const result = await this.#store.ask((connection) => countWith(this.#limiterOn(connection), client));
      return refusalBy(result, this.#limit.requests);
    } catch {
      // The store has told the log why.
      return this.#whenAway(client);
    }
  }

  #limiterOn(connection: StoreConnection): RateLimiterRedis {
    if (this.#last?.connection !== connection)
      this.#last = { connection, limiter: connection.limiter(this.#name, this.#limit) };
    return this.#last.limiter;
  }
}

function whenAway(limit: RateLimitConfig): (client: string) => Promise<RateRefusal | null> {
  if (limit.whenStoreAway === 'allow') return () => Promise.resolve(null);
  if (limit.whenStoreAway === 'refuse') return () => Promise.resolve(storeUnknown);
  const alone = new MemoryLimiter(limit);
  return (client) => alone.count(client);
}
