import type { SecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { ManagedCertificate, type ServedPair } from '../acme/managed-certificate';
import type { HttpsListen } from '../config/config';
import type { Log } from '../observe/log';
import { loadCertificate } from './certificate';

/** A certificate that could be served. */
export interface PreparedCertificate {
  readonly pair: ServedPair;
  readonly managed: ManagedCertificate | null;
}

/** Where the listener's certificate comes from: files, or an authority. */
export class CertificateSource {
  readonly #log: Log;
  readonly #serve: (pair: ServedPair) => void;
  readonly #ending = new Set<Promise<void>>();
  #managed: ManagedCertificate | null = null;

  /** @param serve puts another certificate in use */
  constructor(log: Log, serve: (pair: ServedPair) => void) {
    this.#log = log;
    this.#serve = serve;
  }

  /**
   * Reads or makes what can be served at once, and changes nothing yet.
   * @throws ConfigError
   */
  async prepare(https: HttpsListen): Promise<PreparedCertificate> {
    if (https.acme === null)
      return { pair: await loadCertificate(https, (message) => this.#log.warn(message)), managed: null };
    if (this.#managed && isDeepStrictEqual(this.#managed.settings, https.acme))
      return { pair: this.#managed.pair, managed: this.#managed };
    const managed: ManagedCertificate = await ManagedCertificate.open(https.acme, {
      log: this.#log,
      serve: (pair) => {
        if (this.#managed === managed) this.#serve(pair);
      },
    });
    return { pair: managed.pair, managed };
  }

  /** Serves what has been prepared, and sees to its renewal. */
  use({ pair, managed }: PreparedCertificate): void {
    const before = this.#managed;
    this.#managed = managed;
    this.#serve(pair);
    if (managed !== null && managed === before) {
      this.#end(managed.retryNow());
      return;
    }
    if (before) this.#end(before.stop());
    managed?.start();
  }

  /** What an authority is told that asks for a token (RFC 8555 §8.3); null when there is nothing to tell. */
  async keyAuthorization(token: string): Promise<string | null> {
    return (await this.#managed?.keyAuthorization(token)) ?? null;
  }

  /** Finds the certificate for a tls-alpn-01 challenge by name; null while that challenge is not in use. */
  get challengeContext(): ((servername: string) => Promise<SecureContext | null>) | null {
    const managed = this.#managed;
    return managed?.settings.challenge === 'tls-alpn-01' ? (name) => managed.challengeContext(name) : null;
  }

  async stop(): Promise<void> {
    if (this.#managed) this.#end(this.#managed.stop());
    this.#managed = null;
    await Promise.all(this.#ending);
  }

  #end(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}
