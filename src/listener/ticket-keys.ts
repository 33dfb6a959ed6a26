import { randomBytes } from 'node:crypto';

/** A name, a key for HMAC and one for AES, of 16 bytes each: what Node calls `ticketKeys`. */
const length = 48;

/** Milliseconds that a key is in use. */
const lifetime = 12 * 3600_000;

/**
 * The key that session tickets are sealed with. Whoever learns it can read recorded connections of TLS 1.2 that were
 * begun with it, so it is never written down and is replaced twice a day.
 *
 * OpenSSL would take older keys for tickets that come back; Node knows one key only. A ticket sealed with the one before
 * costs its client a full handshake, once.
 *
 * Processes that share a port have to share this key: one of them makes it, the others are told with `replace`.
 */
export class TicketKeys {
  readonly #told: boolean;
  #current: Buffer;
  #changed: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;

  /** @param told the key of the process that makes them; without it, this process does */
  constructor(told: Buffer | null = null) {
    this.#told = told !== null;
    this.#current = told ?? randomBytes(length);
  }

  get current(): Buffer {
    return this.#current;
  }

  /** @param changed called with each new key */
  start(changed: () => void): void {
    this.#changed = changed;
    if (!this.#told) this.#timer = setInterval(() => this.rotate(), lifetime).unref();
  }

  rotate(): void {
    this.replace(randomBytes(length));
  }

  /** @param keys 48 bytes */
  replace(keys: Buffer): void {
    this.#current = keys;
    this.#changed();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#changed = () => undefined;
  }
}
