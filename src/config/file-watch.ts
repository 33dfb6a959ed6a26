import { createHash } from 'node:crypto';
import { statSync, readFileSync, type BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

export interface FileWatchTimes {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Milliseconds without a further change before one is told: files that belong together are written one after the other. */
  readonly settle: number;
}

const usual: FileWatchTimes = { interval: 1000, settle: 300 };

/** A file that has changed less long ago than this may have changed again within one tick of its file system's clock. */
const coarsestClock = 3000;

/** Larger files are told apart by size and times alone. */
const largestRead = 16n * 1024n * 1024n;

/** What a file was at a look. */
interface Look {
  /** What `stat` says, or the code of its error. */
  readonly stat: string;
  /** A hash of the content; of what is no ordinary file, or cannot be read, what there is to say of it. */
  readonly content: string;
  /** Whether `stat` alone cannot tell that nothing has changed since. */
  readonly unsure: boolean;
}

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
    this.#looks = this.#files.map(firstLook);
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

function isSame(some: readonly Look[], others: readonly Look[]): boolean {
  return some.every(({ content }, index) => content === others[index]?.content);
}

function firstLook(file: string): Look {
  try {
    const stats = statSync(file, { bigint: true });
    return lookOf(stats, isReadable(stats) ? readFileSync(file) : null);
  } catch (error) {
    return failedLook(error);
  }
}

async function lookAgain(file: string, before: Look | null): Promise<Look> {
  try {
    const stats = await stat(file, { bigint: true });
    if (before && !before.unsure && before.stat === identity(stats)) return before;
    return lookOf(stats, isReadable(stats) ? await readFile(file) : null);
  } catch (error) {
    return failedLook(error);
  }
}

function lookOf(stats: BigIntStats, bytes: Buffer | null): Look {
  return {
    stat: identity(stats),
    content: bytes === null ? identity(stats) : createHash('sha256').update(bytes).digest('base64'),
    unsure: Math.abs(Date.now() - Number(stats.ctimeMs)) < coarsestClock,
  };
}

function failedLook(error: unknown): Look {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return { stat: code, content: code, unsure: true };
}

/** Reading a pipe could take for ever. */
function isReadable(stats: BigIntStats): boolean {
  return stats.isFile() && stats.size <= largestRead;
}

function identity({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
