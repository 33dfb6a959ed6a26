import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError, type AcmeConfig } from '../config/config';
import { writeWhole } from '../listener/write-whole';
import { spokenDuration } from '../observe/duration';
import type { Log } from '../observe/log';
import { Challenges } from './challenges';
import { AcmeFailure, adviceFor } from './failure';
import { forgetFailure, readFailure, writeFailure, type FailureRecord } from './failure-record';
import { takeTurn } from './lock';
import { orderCertificate } from './order';
import { renewalTime, retryDelay } from './schedule';
import { standInFor, type StandIn } from './stand-in';
import { storagePlaces, storageProblem, type StoragePlaces } from './storage';
import { formatStored, readStored, type IssuedCertificate } from './stored-certificate';

const day = 86_400_000;

/** How often the storage is looked at, in milliseconds: for what another gateway has got, and for what is due. */
const watchInterval = 3_000;

/** PEM. */
export interface ServedPair {
  readonly cert: string;
  readonly key: string;
}

export interface ManagedCertificateDeps {
  readonly log: Log;
  /** Another certificate is to be served from now on. */
  readonly serve: (pair: ServedPair) => void;
  /** What is to be served until another is found; null makes a stand-in. */
  readonly before: ServedPair | null;
}

/**
 * A certificate from an authority: kept in the storage folder, ordered when there is none, renewed ahead of its end.
 * What fails is logged and tried again; meanwhile the old certificate is served, or a self-signed stand-in.
 */
export class ManagedCertificate {
  readonly #places: StoragePlaces;
  readonly #challenges: Challenges;
  readonly #stopping = new AbortController();
  #issued: { readonly certificate: IssuedCertificate; readonly renewAt: Date; readonly version: string | null } | null =
    null;
  #standIn: StandIn | null = null;
  /** A failure that could not be written down. */
  #unwritten: FailureRecord | null = null;
  /**
   * A stored file whose content is of no use, so that it is told of once; and what was wrong with the storage last. A file
   * that cannot be read is no such file: its content may be good, and another gateway may just be writing it.
   */
  #refused: string | null = null;
  #trouble = '';
  /** By name, since making one costs as much as ten handshakes, and everybody may ask for it while one is pending. */
  readonly #challengeContexts = new Map<string, { readonly of: string; readonly context: Promise<SecureContext> }>();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #waits = false;

  private constructor(
    readonly settings: AcmeConfig,
    private readonly deps: ManagedCertificateDeps,
  ) {
    this.#places = storagePlaces(settings);
    this.#challenges = new Challenges(this.#places.challenges);
  }

  /**
   * Reads what is stored, and makes a self-signed stand-in where that is nothing. Asks no authority.
   * @throws ConfigError when the storage folder cannot be used, and nothing is served already
   */
  static async open(settings: AcmeConfig, deps: ManagedCertificateDeps): Promise<ManagedCertificate> {
    const problem = deps.before === null ? storageProblem(settings) : null;
    if (problem !== null) throw new ConfigError('TLS certificate', [problem]);
    const managed = new ManagedCertificate(settings, deps);
    if (deps.before !== null) managed.#takeOver(deps.before);
    // What cannot be read may be read a moment later, and is looked at again and again.
    await managed.#pickUp().catch((error: unknown) => managed.#tellOnce(error));
    if (managed.#issued === null)
      managed.#standIn ??= await standInFor(settings.domains, path.dirname(managed.#places.certificate));
    return managed;
  }

  /** Serves on what another process served. */
  #takeOver(pair: ServedPair): void {
    const certificate = readStored(formatStored(pair.key, pair.cert), this.settings.domains);
    if (typeof certificate === 'string' || certificate.isSelfSigned)
      this.#standIn = { ...pair, called: 'what was served before' };
    else this.#issued = { certificate, renewAt: this.#renewalOf(certificate), version: null };
  }

  #renewalOf({ validFrom, validTo }: IssuedCertificate): Date {
    return renewalTime(validFrom, validTo, this.settings.renewBefore, Math.random());
  }

  /** What is to be served now. */
  get pair(): ServedPair {
    const served = this.#issued?.certificate ?? this.#standIn;
    if (!served) throw new Error('not opened');
    return { cert: served.cert, key: served.key };
  }

  /** Begins to watch, order and renew. */
  start(): void {
    if (this.#standIn)
      this.deps.log.warn(
        `No certificate for ${this.#names} yet: serving ${this.#standIn.called}, until ${this.#authority} has issued it`,
      );
    this.#running = this.#run();
  }

  /** Somebody has set something right: tries again now, unless the authority asked for more time. */
  async retryNow(): Promise<void> {
    const record = this.#unwritten ?? (await readFailure(this.#places.failure).catch(() => null));
    if (record?.asked === false) {
      this.#unwritten = null;
      await forgetFailure(this.#places.failure).catch(() => undefined);
    }
    // Whoever wants another certificate removes the file and reloads.
    const gone = (await versionOf(this.#places.certificate).catch(() => '')) === null;
    if (gone && this.#issued) this.#issued = { ...this.#issued, renewAt: new Date() };
    this.#wake();
  }

  /** What the authority is told that asks for a token of http-01; null when none is pending. */
  async keyAuthorization(token: string): Promise<string | null> {
    return this.settings.challenge === 'http-01' ? this.#challenges.get('http-01', token) : null;
  }

  /** The certificate that answers a tls-alpn-01 challenge (RFC 8737 §3); null when none is pending for that name. */
  async challengeContext(servername: string): Promise<SecureContext | null> {
    const name = servername.toLowerCase();
    const keyAuthorization = await this.#challenges.get('tls-alpn-01', name);
    const made = this.#challengeContexts.get(name);
    if (keyAuthorization !== null && made?.of === keyAuthorization) return made.context;
    this.#challengeContexts.delete(name);
    if (keyAuthorization === null) return null;
    const context = challengeContext(name, keyAuthorization);
    this.#challengeContexts.set(name, { of: keyAuthorization, context });
    return context;
  }

  /** Ends timers and what is asked of the authority. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the gateway stops'));
    this.#wake();
    await this.#running;
  }

  get #names(): string {
    return this.settings.domains.join(', ');
  }

  get #authority(): string {
    return new URL(this.settings.directory).host;
  }

  async #run(): Promise<void> {
    do {
      await this.#round().then(
        () => (this.#trouble = ''),
        (error: unknown) => this.#tellOnce(error),
      );
    } while (await this.#pause(watchInterval * (0.8 + Math.random() * 0.4)));
  }

  /** What is wrong with the storage, and may be so for days, looked at every few seconds. */
  #tellOnce(error: unknown): void {
    const trouble = String(error);
    if (trouble === this.#trouble || this.#stopping.signal.aborted) return;
    this.#trouble = trouble;
    const { path: file = this.settings.storage } = error as NodeJS.ErrnoException;
    this.deps.log.error(
      { err: error },
      `${file} cannot be used; let the gateway read and write there. No certificate is ordered until then`,
    );
  }

  /** @returns false when it is time to stop */
  #pause(milliseconds: number): Promise<boolean> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), milliseconds);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve(!signal.aborted);
      };
      if (signal.aborted) this.#wake();
    });
  }

  async #round(): Promise<void> {
    await this.#follow();
    if (!(await this.#isDue())) return;
    const turn = await takeTurn(this.#places.lock);
    if (turn === null) {
      if (!this.#waits && this.#unwritten === null)
        this.deps.log.info(`Another gateway is ordering in ${this.settings.storage}; waiting for it`);
      this.#waits = true;
      return;
    }
    this.#waits = false;
    try {
      // Another may have had its turn since.
      await this.#follow();
      if (await this.#isDue()) await this.#order(AbortSignal.any([turn.lost, this.#stopping.signal]));
    } finally {
      await turn
        .release()
        .catch((error: unknown) => this.deps.log.warn({ err: error }, 'A lock could not be released'));
    }
  }

  async #isDue(): Promise<boolean> {
    if (this.#issued !== null && Date.now() < this.#issued.renewAt.getTime()) return false;
    const record = this.#unwritten ?? (await readFailure(this.#places.failure));
    return record === null || Date.now() >= record.retryAt;
  }

  async #order(signal: AbortSignal): Promise<void> {
    const { log } = this.deps;
    const { certificate, failure, account } = this.#places;
    const startedAt = Date.now();
    await refuseUnreadable(account);
    log.info(`Ordering a certificate for ${this.#names} from ${this.#authority} (${this.#way()})`);
    try {
      await this.#challenges.sweep();
      const text = await orderCertificate(this.settings, {
        challenges: this.#challenges,
        accountFile: account,
        signal,
      });
      const issued = readStored(text, this.settings.domains);
      if (typeof issued === 'string') throw new AcmeFailure('unusable', `what the authority sent ${issued}`);
      signal.throwIfAborted();
      await writeWhole(certificate, text, 0o600);
      this.#unwritten = null;
      await forgetFailure(failure);
      log.info(`${issued.issuer} issued a certificate for ${this.#names} in ${spokenDuration(Date.now() - startedAt)}`);
      await this.#follow();
    } catch (error) {
      if (signal.aborted) log.info(`Gave up the order for ${this.#names}: ${(signal.reason as Error).message}`);
      else await this.#failed(error);
    }
  }

  /** Where the authority will come to. */
  #way(): string {
    const [domain = ''] = this.settings.domains;
    return this.settings.challenge === 'http-01'
      ? `it will ask for http://${domain}:80/.well-known/acme-challenge/...`
      : `it will make a TLS handshake with ${domain}:443`;
  }

  async #failed(error: unknown): Promise<void> {
    const failure = error instanceof AcmeFailure ? error : asFailure(error);
    const before = this.#unwritten ?? (await readFailure(this.#places.failure).catch(() => null));
    const failures = (before?.failures ?? 0) + 1;
    const delay = retryDelay(failures, this.settings.retry, failure.retryAfter, Math.random());
    const retryAt = Date.now() + delay;
    const record = { failures, retryAt, asked: failure.retryAfter !== null, reason: failure.message };
    this.#unwritten = await writeFailure(this.#places.failure, record).then(
      () => null,
      () => record,
    );
    const end = this.#issued?.certificate.validTo ?? new Date();
    // With two weeks left there is time for people to look after it.
    const level = end.getTime() - Date.now() < 14 * day ? 'error' : 'warn';
    const served = this.#issued ? `the one that is valid until ${dayOf(end)}` : this.#standIn?.called;
    this.deps.log[level](
      { err: failure, failures, retryAt: new Date(retryAt).toISOString() },
      `No certificate for ${this.#names}: ${failure.message}. What helps: ${adviceFor(failure.code, this.settings)}. Next try in ${spokenDuration(delay)}${record.asked ? ', as the authority asks' : ', or with a reload'}; meanwhile serving ${served}`,
    );
  }

  /** Serves the stored certificate, when it is another than the one in use. */
  async #follow(): Promise<void> {
    if ((await this.#pickUp()) && !this.#stopping.signal.aborted) this.deps.serve(this.pair);
  }

  /**
   * @returns whether the stored certificate was another than the one in use
   * @throws what `fs` throws, and remembers nothing of it
   */
  async #pickUp(): Promise<boolean> {
    const { certificate: file } = this.#places;
    const version = await versionOf(file);
    if (version === null || version === this.#issued?.version || version === this.#refused) return false;
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw Object.assign(error as Error, { path: file });
    });
    const certificate = readStored(text, this.settings.domains);
    if (typeof certificate === 'string') {
      this.#refused = version;
      this.deps.log.warn(`${file} ${certificate}; it is left out, and replaced by a new one when there is one`);
      return false;
    }
    const isServed = certificate.cert === this.#issued?.certificate.cert;
    const renewAt = isServed && this.#issued ? this.#issued.renewAt : this.#renewalOf(certificate);
    this.#issued = { certificate, renewAt, version };
    this.#standIn = null;
    this.#waits = false;
    if (isServed) return false;
    const { validTo } = certificate;
    this.deps.log.info(
      `Serving the certificate for ${this.#names} by ${certificate.issuer}, valid until ${validTo.toISOString()}; it will be renewed on ${dayOf(renewAt)}`,
    );
    return true;
  }
}

/** @throws what `fs` throws for a file that is there: an order could not even begin, and that is no failure of it */
async function refuseUnreadable(file: string): Promise<void> {
  await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw Object.assign(error as Error, { path: file });
  });
}

async function challengeContext(name: string, keyAuthorization: string): Promise<SecureContext> {
  const { crypto } = await import('acme-client');
  const authorization = { identifier: { type: 'dns', value: name } };
  const key = await crypto.createPrivateEcdsaKey('P-256');
  // Of the authorization, only the identifier is read.
  const [, cert] = await crypto.createAlpnCertificate(authorization as never, keyAuthorization, key);
  return createSecureContext({ key, cert });
}

/** Changes when the file is replaced; null when there is none. */
async function versionOf(file: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function asFailure(error: unknown): AcmeFailure {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  return new AcmeFailure(code, message, null, { cause: error });
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
