import type { MountConfig, WebhookConfig } from '../config/config';
import type { EventLog } from '../observe/log';
import type { MountStatus } from '../upstream/status';
import { deliver, type Attempt } from './deliver';
import { messageOf, summary, type Message, type Sender } from './message';
import { afterTelling, dueOf, forgetRefusal, observe, type Due, type Outage, type Result } from './outage';
import { batchSize, payload } from './payload';
import { adviceForStatus, retryDelay, verdictOf } from './receiver-answer';

/** Milliseconds between two requests to one receiver: Slack takes one message a second. */
const GAP = 1_000;

/** Tools that fail together are told together: the first waits for the others a tenth of `after`, at most this long. */
const LONGEST_GATHERING = 5_000;

interface Watch {
  readonly mount: Pick<MountConfig, 'name' | 'path'>;
  readonly outage: Outage;
}

/** Something that is due, as it was when its message was made. */
interface Telling {
  readonly watch: Watch;
  readonly due: Due;
}

/** Tells one receiver of its mounts, one request after the other. Its timer does not hold the process. */
export class Webhook {
  readonly #log: EventLog;
  #config: WebhookConfig;
  #sender: Sender;
  #watches = new Map<string, Watch>();
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<boolean> | null = null;
  readonly #end = new AbortController();
  #stopping = false;
  /** Attempts in a row that have failed. */
  #failures = 0;
  #notBefore = 0;

  constructor(config: WebhookConfig, sender: Sender, log: EventLog) {
    this.#config = config;
    this.#sender = sender;
    this.#log = log;
  }

  get url(): string {
    return this.#config.url;
  }

  observe(mount: Pick<MountConfig, 'name' | 'path'>, status: MountStatus): void {
    const before = this.#watches.get(mount.path)?.outage ?? null;
    const outage = observe(before, status, this.#config, performance.now());
    this.#watches.set(mount.path, { mount, outage });
    this.#schedule();
  }

  /** Takes over reloaded settings. What was told of the mounts that stay is still known. */
  replace(config: WebhookConfig, sender: Sender, mounts: ReadonlySet<string>): void {
    this.#config = config;
    this.#sender = sender;
    this.#notBefore = 0;
    this.#watches = new Map(
      Array.from(this.#watches)
        .filter(([path]) => mounts.has(path))
        .map(([path, watch]) => [path, { ...watch, outage: forgetRefusal(watch.outage) }]),
    );
    this.#schedule();
  }

  /** Falls silent at once. */
  close(): void {
    this.#stopping = true;
    this.#clearTimer();
    this.#end.abort();
  }

  /** Attempts once more to tell what is due, then falls silent; resolves within `within` milliseconds. */
  async stop(within: number): Promise<void> {
    this.#stopping = true;
    this.#clearTimer();
    const deadline = setTimeout(() => this.#end.abort(), within);
    try {
      await this.#sending;
      while (!this.#end.signal.aborted && (await this.#send()));
    } finally {
      clearTimeout(deadline);
      this.close();
    }
  }

  #schedule(): void {
    if (this.#stopping || this.#sending !== null) return;
    this.#clearTimer();
    const due = Array.from(this.#watches.values(), ({ outage }) => dueOf(outage, this.#config)?.at ?? Infinity);
    const first = Math.min(Infinity, ...due);
    if (first === Infinity) return;
    const at = Math.max(first + Math.min(this.#config.after / 10, LONGEST_GATHERING), this.#notBefore);
    this.#timer = setTimeout(() => void this.#send(), Math.max(0, at - performance.now())).unref();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @returns whether something was due and is settled, so that there may be more to send */
  #send(): Promise<boolean> {
    this.#sending = this.#sendDue()
      .catch((error: unknown) => this.#broke(error))
      .finally(() => {
        this.#sending = null;
        this.#schedule();
      });
    return this.#sending;
  }

  /** The message could not even be made, or Node refuses to send it: that costs this receiver alone. */
  #broke(error: unknown): false {
    this.#failures += 1;
    this.#notBefore = performance.now() + retryDelay(this.#failures, 0, Math.random());
    this.#log.error({ err: error }, `${new URL(this.#config.url).origin} could not be told; it is tried again`);
    return false;
  }

  async #sendDue(): Promise<boolean> {
    const config = this.#config;
    const [first, ...others] = this.#dueNow(batchSize(config));
    if (first === undefined) return false;
    const now = new Date();
    const message = ({ watch, due }: Telling) => messageOf(watch.mount, watch.outage, due.event, now);
    const messages: [Message, ...Message[]] = [message(first), ...others.map(message)];
    const attempt = await deliver(config, payload(config, messages, this.#sender), this.#end.signal);
    const result = this.#settle(attempt, messages);
    for (const telling of [first, ...others]) this.#record(telling, result);
    return result === 'yes' || result === 'refused';
  }

  /** What is due, the longest waiting first. */
  #dueNow(most: number): Telling[] {
    const now = performance.now();
    return Array.from(this.#watches.values())
      .flatMap((watch): Telling[] => {
        const due = dueOf(watch.outage, this.#config);
        return due === null || due.at > now ? [] : [{ watch, due }];
      })
      .sort((a, b) => a.due.at - b.due.at)
      .slice(0, most);
  }

  #record({ watch, due }: Telling, result: Result): void {
    const path = watch.mount.path;
    const current = this.#watches.get(path);
    if (current === undefined) return;
    const outage = afterTelling(current.outage, watch.outage, due.event, result, performance.now());
    this.#watches.set(path, { ...current, outage });
  }

  /** Logs an attempt and sets the time of the next. The receiver's origin is all of it that is logged. */
  #settle(attempt: Attempt, messages: readonly Message[]): Result {
    const receiver = new URL(this.#config.url).origin;
    const what = messages.map(summary).join(', ');
    const answered = attempt.outcome === 'answered';
    const verdict = answered ? verdictOf(attempt.status) : 'again';
    const fields = { webhook: receiver, mounts: messages.map(({ path }) => path), attempts: this.#failures + 1 };
    const problem = answered
      ? `answered ${attempt.status}. ${adviceForStatus(attempt.status)}`
      : `could not be told: ${attempt.reason}.`;

    if (verdict !== 'again') {
      this.#failures = 0;
      this.#notBefore = performance.now() + GAP;
      if (verdict === 'taken') this.#log.info(fields, `Told ${receiver}: ${what}`);
      else this.#log.error(fields, `${receiver} ${problem} It was not told: ${what}`);
      return verdict === 'taken' ? 'yes' : 'refused';
    }
    this.#failures += 1;
    const delay = retryDelay(this.#failures, answered ? attempt.retryAfter : 0, Math.random());
    this.#notBefore = performance.now() + delay;
    // Whoever reads the log wants to know that it fails, and when it no longer does.
    const level = this.#failures === 1 || this.#stopping ? 'warn' : 'debug';
    const next = this.#stopping
      ? 'The gateway tries no more, so it was not told'
      : 'It is tried again for as long as there is something to tell';
    this.#log[level]({ ...fields, nextInMs: Math.round(delay) }, `${receiver} ${problem} ${next}: ${what}`);
    const mayHaveArrived = answered ? attempt.status !== 429 : attempt.sent;
    return mayHaveArrived ? 'maybe' : 'no';
  }
}
