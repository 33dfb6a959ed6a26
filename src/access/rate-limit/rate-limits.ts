import type { Config, MountConfig } from '../../config/config';
import type { EventLog } from '../../observe/log';
import type { RateLimiter } from './limiter';
import { MemoryLimiter } from './memory-limiter';
import { SharedLimiter } from './shared-limiter';
import { Store } from './store';

/** The rate limits of a configuration; what a reload leaves as it is keeps its counts. */
export class RateLimits {
  readonly #log: EventLog;
  #limiters = new Map<string, { readonly key: string; readonly limiter: RateLimiter }>();
  #store: { readonly key: string; readonly store: Store } | null = null;

  /** There are none before the first `replace`. */
  constructor(log: EventLog) {
    this.#log = log;
  }

  /** @returns null for a mount without a limit */
  of({ path }: Pick<MountConfig, 'path'>): RateLimiter | null {
    return this.#limiters.get(path)?.limiter ?? null;
  }

  /** null where no store is asked. */
  get storeIsThere(): boolean | null {
    return this.#store?.store.isThere ?? null;
  }

  /** Begins to connect to the store, where there is another one than before. */
  replace({ mounts, rateLimitStore }: Config): void {
    const limited = mounts.some(({ rateLimit }) => rateLimit !== null);
    const storeKey = limited && rateLimitStore ? JSON.stringify(rateLimitStore) : null;
    if (storeKey !== (this.#store?.key ?? null)) {
      this.#store?.store.close();
      this.#store =
        storeKey !== null && rateLimitStore ? { key: storeKey, store: new Store(rateLimitStore, this.#log) } : null;
    }
    const store = this.#store?.store ?? null;
    const before = this.#limiters;
    this.#limiters = new Map();
    for (const { path, rateLimit } of mounts) {
      if (rateLimit === null) continue;
      const key = JSON.stringify([rateLimit, storeKey]);
      const kept = before.get(path);
      const limiter =
        kept?.key === key
          ? kept.limiter
          : store
            ? new SharedLimiter(store, path, rateLimit)
            : new MemoryLimiter(rateLimit);
      this.#limiters.set(path, { key, limiter });
    }
  }

  /** Resolves when it is known whether the store is there. */
  async ready(): Promise<void> {
    await this.#store?.store.known();
  }

  stop(): void {
    this.#store?.store.close();
  }
}
