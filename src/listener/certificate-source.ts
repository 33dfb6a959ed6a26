import type { SecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { ManagedCertificate, type ServedPair } from '../acme/managed-certificate';
import { ConfigError, type HttpsListen } from '../config/config';
import { FileWatch } from '../config/file-watch';
import type { Log } from '../observe/log';
import { loadCertificate } from './certificate';
import { inspectTlsFiles, tlsFilesOf, type TlsFiles } from './tls-files';
import type { TlsSettings } from './tls-settings';

/** What could be served. */
export interface PreparedTls {
  readonly settings: TlsSettings;
  readonly https: HttpsListen;
  readonly managed: ManagedCertificate | null;
}

/** What a listener serves, and by which part of the configuration: another process may take over with it. */
export interface ServedTls {
  readonly source: string;
  readonly settings: TlsSettings;
}

export interface CertificateSourceDeps {
  /** Puts other settings in use; throws when it cannot. */
  readonly serve: (settings: TlsSettings) => void;
  /** Told what is served from now on. */
  readonly served: (tls: ServedTls) => void;
  /** What the process served in whose place this one is; null where there was none. */
  readonly before: ServedTls | null;
}

/**
 * Where the listener's certificates come from, files or an authority, and when others are to be served: one was
 * renewed, or a file has changed. Files that are of no use are reported, and what was served before is served on.
 */
export class CertificateSource {
  readonly #log: Log;
  readonly #deps: CertificateSourceDeps;
  readonly #ending = new Set<Promise<void>>();
  #used: PreparedTls | null = null;
  #watch: FileWatch | null = null;
  /** What is wrong with the files, told already; '' for nothing. */
  #trouble = '';

  constructor(log: Log, deps: CertificateSourceDeps) {
    this.#log = log;
    this.#deps = deps;
  }

  /**
   * Reads or makes what can be served at once, and changes nothing yet. In the place of another process it is what that
   * one served: what has become of the files is seen to when it is in use.
   * @throws ConfigError
   */
  async prepare(https: HttpsListen): Promise<PreparedTls> {
    const { before } = this.#deps;
    if (this.#used === null && before !== null && before.source === sourceOf(https))
      return { settings: before.settings, https, managed: https.acme && (await this.#manage(https.acme, before)) };
    const files = inspectTlsFiles(https);
    const inspection = { pair: files.own, problems: files.problems, warnings: files.warnings };
    const warn = (message: string) => this.#log.warn(message);
    if (https.acme === null) {
      const own = await loadCertificate(https, warn, inspection);
      return { settings: settingsOf(own, files), https, managed: null };
    }
    if (files.problems.length > 0) throw new ConfigError('TLS certificate', files.problems);
    files.warnings.forEach(warn);
    const managed = await this.#manage(https.acme);
    return { settings: settingsOf(managed.pair, files), https, managed };
  }

  async #manage(acme: NonNullable<HttpsListen['acme']>, before?: ServedTls): Promise<ManagedCertificate> {
    const used = this.#used?.managed;
    if (used && isDeepStrictEqual(used.settings, acme)) return used;
    const managed: ManagedCertificate = await ManagedCertificate.open(acme, {
      log: this.#log,
      serve: (pair) => {
        if (this.#used?.managed === managed) this.#replace(pair);
      },
      before: before?.settings.certificates[0] ?? null,
    });
    return managed;
  }

  /** Serves what has been prepared, and sees to its renewal. */
  use(prepared: PreparedTls): void {
    const { settings, https, managed } = prepared;
    const before = this.#used?.managed ?? null;
    this.#used = prepared;
    this.#serve(settings, https);
    this.#watch?.stop();
    this.#trouble = '';
    this.#watch = new FileWatch(tlsFilesOf(https), () => this.#readAgain());
    // They may have changed between the reading and the watching.
    this.#readAgain();
    if (managed !== null && managed === before) {
      this.#end(managed.retryNow());
      return;
    }
    if (before) this.#end(before.stop());
    managed?.start();
  }

  /** What an authority is told that asks for a token (RFC 8555 §8.3); null when there is nothing to tell. */
  async keyAuthorization(token: string): Promise<string | null> {
    return (await this.#used?.managed?.keyAuthorization(token)) ?? null;
  }

  /** Finds the certificate for a tls-alpn-01 challenge by name; null while that challenge is not in use. */
  get challengeContext(): ((servername: string) => Promise<SecureContext | null>) | null {
    const managed = this.#used?.managed;
    return managed?.settings.challenge === 'tls-alpn-01' ? (name) => managed.challengeContext(name) : null;
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    if (this.#used?.managed) this.#end(this.#used.managed.stop());
    this.#used = null;
    await Promise.all(this.#ending);
  }

  /** An authority has issued another certificate. */
  #replace(pair: ServedPair): void {
    if (!this.#used) return;
    const { settings } = this.#used;
    const [, ...others] = settings.certificates;
    this.#change({ ...settings, certificates: [pair, ...others] });
  }

  /** @throws where it cannot be served */
  #serve(settings: TlsSettings, https: HttpsListen): void {
    this.#deps.serve(settings);
    this.#deps.served({ source: sourceOf(https), settings });
  }

  #change(settings: TlsSettings): void {
    if (!this.#used) return;
    this.#serve(settings, this.#used.https);
    this.#used = { ...this.#used, settings };
  }

  #readAgain(): void {
    try {
      this.#follow();
    } catch (error) {
      this.#keep([`listen.https: what has changed cannot be read (${String(error)}); put the old files there again`]);
    }
  }

  #follow(): void {
    if (!this.#used) return;
    const { https, managed, settings } = this.#used;
    const files = inspectTlsFiles(https);
    const own = managed?.pair ?? files.own;
    if (own === null || files.problems.length > 0) {
      const gone = `listen.https.cert: ${https.cert} and its key do not exist any more; put both there again`;
      this.#keep(files.problems.length > 0 ? files.problems : [gone]);
      return;
    }
    const found = settingsOf(own, files);
    const had = this.#trouble !== '';
    this.#trouble = '';
    if (isDeepStrictEqual(found, settings)) {
      if (had) this.#log.info('The files of listen.https are again as they are served');
      return;
    }
    try {
      this.#change(found);
    } catch (error) {
      this.#keep([`listen.https: what has changed cannot be served (${String(error)}); put the old files there again`]);
      return;
    }
    for (const warning of files.warnings) this.#log.warn(warning);
    this.#log.info(`The files of listen.https have changed: serving ${described(files, managed)}`);
  }

  /** Told once, not with every look at the files. */
  #keep(problems: readonly string[]): void {
    const trouble = problems.join('\n');
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    for (const problem of problems) this.#log.error(problem);
    this.#log.error('The changed certificate files were not taken; what was served before is served on');
  }

  #end(ending: Promise<void>): void {
    const told = ending.catch((error: unknown) =>
      this.#log.error({ err: error }, 'Something went wrong with the certificate of the authority'),
    );
    this.#ending.add(told);
    void told.finally(() => this.#ending.delete(told));
  }
}

/** The part of the configuration that certificates come from. */
function sourceOf({ acme, cert, key, certificates, clientCa, clientAuth, forwardClientCert }: HttpsListen): string {
  return JSON.stringify([acme, acme === null && [cert, key], certificates, clientCa, clientAuth, forwardClientCert]);
}

function settingsOf({ cert, key }: ServedPair, { others, clients }: TlsFiles): TlsSettings {
  return { certificates: [{ cert, key }, ...others.map((pair) => ({ cert: pair.cert, key: pair.key }))], clients };
}

/** `tools.example until 2027-01-31, other.example until 2027-02-28`, with the client authority where there is one */
function described({ own, others, clients }: TlsFiles, managed: ManagedCertificate | null): string {
  const pairs = [...(managed || !own ? [] : [own]), ...others].map(
    ({ names, validTo }) =>
      `${names[0] ?? 'a certificate without DNS name'} until ${validTo.toISOString().slice(0, 10)}`,
  );
  return [...pairs, ...(clients ? ['client certificates by clientCa'] : [])].join(', ');
}
