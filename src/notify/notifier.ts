import { hostname } from 'node:os';
import type { Config, MountConfig, WebhookConfig } from '../config/config';
import type { EventLog } from '../observe/log';
import type { StatusBoard } from '../upstream/status';
import type { Sender } from './message';
import { Webhook } from './webhook';

/** Milliseconds that the end of the gateway may wait for receivers. */
const LAST_WORDS = 2_000;

/** Tells the configured receivers when a mount's state changes. */
export class Notifier {
  readonly #board: StatusBoard;
  readonly #log: EventLog;
  readonly #unsubscribe: () => void;
  #webhooks: { readonly webhook: Webhook; readonly mounts: ReadonlySet<string> }[] = [];

  constructor(config: Config, board: StatusBoard, log: EventLog) {
    this.#board = board;
    this.#log = log;
    this.replace(config);
    this.#unsubscribe = board.onChange((mount, status) => {
      for (const { webhook, mounts } of this.#webhooks) if (mounts.has(mount.path)) webhook.observe(mount, status);
    });
  }

  /**
   * Takes over a reloaded configuration. A webhook whose URL stays knows what it has told; a new one hears of what is
   * wrong at present; a mount that is gone is forgotten.
   */
  replace(config: Config): void {
    const sender = senderOf(config);
    const before = [...this.#webhooks];
    this.#webhooks = config.notify.webhooks.map((settings) => {
      const mounts = watchedMounts(config, settings);
      const paths = new Set(mounts.map(({ path }) => path));
      const known = before.findIndex(({ webhook }) => webhook.url === settings.url);
      const webhook = before.splice(known, known < 0 ? 0 : 1)[0]?.webhook ?? new Webhook(settings, sender, this.#log);
      webhook.replace(settings, sender, paths);
      for (const mount of mounts) webhook.observe(mount, this.#board.statusOf(mount));
      return { webhook, mounts: paths };
    });
    for (const { webhook } of before) webhook.close();
  }

  /** Tells what is due, if that is possible at once, and ends. Resolves within about two seconds, whatever receivers do. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(this.#webhooks.map(({ webhook }) => webhook.stop(LAST_WORDS)));
  }
}

export function senderOf({ notify }: Pick<Config, 'notify'>): Sender {
  return { gateway: hostname(), link: notify.link };
}

/** The mounts that a webhook is told of: those it names, or all whose state is known. */
export function watchedMounts(
  { mounts }: Pick<Config, 'mounts'>,
  { mounts: named }: Pick<WebhookConfig, 'mounts'>,
): MountConfig[] {
  return mounts.filter(({ path, health }) => health !== null && (named === null || named.includes(path)));
}
