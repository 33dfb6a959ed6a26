import { readFile } from 'node:fs/promises';
import type { RedisClientType } from '@redis/client';
import type { RateLimiterRedis } from 'rate-limiter-flexible';
import type { RateLimitConfig, RateLimitStoreConfig } from '../../config/config';
import { countWith } from './limiter';
import { within } from '../../within';

/** Commands that wait for the store at once; more are refused. */
const mostWaiting = 10_000;

type Limit = Pick<RateLimitConfig, 'requests' | 'per'>;

/** A connection to the store: opened once, used until it fails, and never opened again. */
export class StoreConnection {
  readonly #config: RateLimitStoreConfig;
  readonly #failed: (error: unknown) => void;
  #redis: RedisClientType | null = null;
  #newLimiter: ((name: string, limit: Limit) => RateLimiterRedis) | null = null;
  #destroyed = false;

  /** @param failed called when the connection breaks, perhaps more than once */
  constructor(config: RateLimitStoreConfig, failed: (error: unknown) => void) {
    this.#config = config;
    this.#failed = failed;
  }

  /**
   * Connects, logs in, and counts something: what can be reached may still have no memory left, or be a replica.
   * @param limit milliseconds for all of that
   * @throws after which nothing is left open
   */
  async open(limit: number): Promise<void> {
    // Read from the disk the first time, which is not the store's fault.
    const libraries = await Promise.all([import('@redis/client'), import('rate-limiter-flexible')]);
    try {
      await within(limit, this.#open(limit, ...libraries));
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** @param name what keys begin with */
  limiter(name: string, limit: Limit): RateLimiterRedis {
    if (!this.#newLimiter) throw new Error('the connection is not open');
    return this.#newLimiter(name, limit);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#redis?.destroy();
  }

  async #open(
    limit: number,
    { createClient }: typeof import('@redis/client'),
    { RateLimiterRedis }: typeof import('rate-limiter-flexible'),
  ): Promise<void> {
    const { host, port, tls, username, password, database, ca, prefix } = this.#config;
    const place = { host, port, connectTimeout: limit, reconnectStrategy: false as const };
    const pem = ca === null ? {} : { ca: await readFile(ca, 'utf8') };
    const redis = createClient({
      socket: tls ? { ...place, ...pem, tls } : place,
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      database,
      // What every server of these years speaks, proxies and managed ones included, and no command more than is needed.
      RESP: 2,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      disableOfflineQueue: true,
      commandsQueueMaxLength: mostWaiting,
    }) as unknown as RedisClientType;
    redis.on('error', this.#failed);
    // A connection that comes about after it was given up is nobody's.
    redis.on('connect', () => {
      if (this.#destroyed) redis.destroy();
    });
    this.#redis = redis;
    this.#newLimiter = (name, { requests, per }) =>
      new RateLimiterRedis({
        storeClient: redis,
        useRedisPackage: true,
        keyPrefix: name,
        points: requests,
        duration: per / 1_000,
      });
    if (this.#destroyed) return;
    await redis.connect();
    await countWith(this.limiter(prefix, { requests: 1, per: 1_000 }), 'probe');
  }
}
