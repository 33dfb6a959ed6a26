import type { RateLimitStoreConfig } from '../../config/config';
import type { EventLog } from '../../observe/log';
import { StoreConnection } from './store-connection';
import { within } from '../../within';

/** Milliseconds for connecting, TLS and login included, and from one try to the next. */
const connectLimit = 2_000;
const retryDelay = 1_000;

/** A store that fails in ever new ways is told of so often, and no more until it has been back. */
const mostReasons = 5;

/**
 * The store that several gateways count in. It is there or away: when it does not answer in time, nobody waits for it any
 * more until a new connection has counted something.
 */
export class Store {
  readonly #config: RateLimitStoreConfig;
  readonly #log: EventLog;
  /** null while it is away. */
  #connection: StoreConnection | null = null;
  #connectedAt = 0;
  /** One that is being opened. */
  #next: StoreConnection | null = null;
  /** Its end, where requests may wait for it. */
  #awaited: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** What the log has been told since it went away. */
  readonly #told = new Set<string>();
  #closed = false;

  constructor(config: RateLimitStoreConfig, log: EventLog) {
    this.#config = config;
    this.#log = log;
    this.#connectAtOnce();
  }

  get prefix(): string {
    return this.#config.prefix;
  }

  get isThere(): boolean {
    return this.#connection !== null;
  }

  /** Resolves when it is known whether the store is there, within two seconds or so. */
  async known(): Promise<void> {
    await this.#awaited;
  }

  /** @throws when the store is away, or does not answer in time */
  async ask<T>(question: (connection: StoreConnection) => Promise<T>): Promise<T> {
    const { timeout } = this.#config;
    if (this.#awaited) {
      await within(timeout, this.#awaited).catch(() => {
        this.#awaited = null;
      });
    }
    const connection = this.#connection;
    if (!connection) throw new Error('the store is away');
    try {
      return await within(timeout, question(connection));
    } catch (error) {
      if (this.#dropped(connection)) this.#isAway(error);
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#next?.destroy();
    this.#connection?.destroy();
    this.#connection = null;
  }

  #connectAtOnce(): void {
    const awaited = this.#connect().finally(() => {
      if (this.#awaited === awaited) this.#awaited = null;
    });
    this.#awaited = awaited;
  }

  async #connect(): Promise<void> {
    const connection = new StoreConnection(this.#config, (error) => this.#broken(connection, error));
    this.#next = connection;
    try {
      await connection.open(connectLimit);
      if (this.#closed) connection.destroy();
      else this.#opened(connection);
    } catch (error) {
      this.#isAway(error);
    }
  }

  #opened(connection: StoreConnection): void {
    this.#connection = connection;
    this.#connectedAt = performance.now();
    if (this.#told.size > 0) this.#log.info({}, `${this.#name} is back: requests are counted there again`);
    this.#told.clear();
  }

  /** A server that restarts, or that closes what is idle, is connected to again before anybody is told. */
  #broken(connection: StoreConnection, error: unknown): void {
    if (!this.#dropped(connection)) return;
    if (performance.now() - this.#connectedAt > retryDelay) this.#connectAtOnce();
    else this.#isAway(error);
  }

  /** @returns whether it was the one in use */
  #dropped(connection: StoreConnection): boolean {
    if (connection !== this.#connection) return false;
    this.#connection = null;
    connection.destroy();
    return true;
  }

  #isAway(error: unknown): void {
    if (this.#closed) return;
    const reason = reasonOf(error);
    if (!this.#told.has(reason) && this.#told.size < mostReasons) {
      this.#told.add(reason);
      this.#log.warn({}, `${this.#name} is away, so each mount does what its rateLimit.whenStoreAway says: ${reason}`);
    }
    this.#timer = setTimeout(() => void this.#connect(), retryDelay);
    this.#timer.unref();
  }

  get #name(): string {
    const { host, port } = this.#config;
    return `The store of the rate limits at ${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
}

/** A sentence for the log. The messages of client and server hold no password. */
function reasonOf(error: unknown): string {
  // All addresses of a host failed: the text is in the parts.
  const part: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = part instanceof Error ? part.message.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300) : 'an unknown failure';
  if (part instanceof TypeError) return `it does not answer as Redis does; look at the url of rateLimitStore (${text})`;
  if (/^(WRONGPASS|NOAUTH)|^ERR (AUTH|invalid password|Client sent AUTH)/.test(text))
    return `it does not take the password; look at rateLimitStore (${text})`;
  if (/^NOPERM|^ERR The user executing the script can't/.test(text))
    return `its user may do too little; docs/access.md has what is needed (${text})`;
  if (/^(MOVED|ASK|CROSSSLOT)/.test(text)) return `it is a part of a cluster, which is not supported (${text})`;
  return text;
}
