import { isSame, lookAgain, lookNow, type Look } from './file-look';
import { settleTime } from './settled-files';

export interface FileWatchTimes {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Milliseconds without a further change before one is told: files that belong together are written one after the other. */
  readonly settle: number;
}

const usual: FileWatchTimes = { interval: 1000, settle: settleTime };

/**
 * Tells when the content of any of some files changes, when one appears and when one goes away. Symbolic links are
 * followed anew each time, so that a folder that is swapped as a whole (Kubernetes: `..data`) is noticed as well.
 *
 * It looks instead of being told (`fs.watch`): that works alike on network file systems, bind mounts and links, and
 * costs a `stat` per file and look. It does not keep the process alive.
 *
 * Create it before the files are read: what changes from then on is told.
 */
export class FileWatch {
  readonly #files: readonly string[];
  readonly #changed: () => void | Promise<void>;
  readonly #times: FileWatchTimes;
  #looks: readonly Look[];
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /**
   * @param files absolute paths; they need not be there
   * @param changed called once for all that changed together; the next look waits for it. It must not throw.
   */
  constructor(files: Iterable<string>, changed: () => void | Promise<void>, times: FileWatchTimes = usual) {
    this.#files = [...new Set(files)];
    this.#changed = changed;
    this.#times = times;
    this.#looks = this.#files.map(lookNow);
    this.#lookIn(times.interval);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #lookIn(delay: number, before: readonly Look[] = this.#looks): void {
    if (this.#stopped || this.#files.length === 0) return;
    this.#timer = setTimeout(() => void this.#look(before), delay).unref();
  }

  /** @param before the looks at the last time, which are others than those that were told while something changes */
  async #look(before: readonly Look[]): Promise<void> {
    const now = await Promise.all(this.#files.map((file, index) => lookAgain(file, before[index] ?? null)));
    if (this.#stopped) return;
    if (!isSame(now, before)) {
      this.#lookIn(this.#times.settle, now);
      return;
    }
    const told = this.#looks;
    this.#looks = now;
    if (!isSame(now, told)) await this.#changed();
    this.#lookIn(this.#times.interval);
  }
}
