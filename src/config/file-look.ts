import { createHash } from 'node:crypto';
import { statSync, readFileSync, type BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** A file that has changed less long ago than this may have changed again within one tick of its file system's clock. */
const coarsestClock = 3000;

/** Larger files are told apart by size and times alone. */
const largestRead = 16n * 1024n * 1024n;

/** What a file was at a look. */
export interface Look {
  /** What `stat` says, or the code of its error. */
  readonly stat: string;
  /** A hash of the content; of what is no ordinary file, or cannot be read, what there is to say of it. */
  readonly content: string;
  /** Whether `stat` alone cannot tell that nothing has changed since. */
  readonly unsure: boolean;
}

export function isSame(some: readonly Look[], others: readonly Look[]): boolean {
  return some.every(({ content }, index) => content === others[index]?.content);
}

export function lookNow(file: string): Look {
  try {
    const stats = statSync(file, { bigint: true });
    return lookOf(stats, isReadable(stats) ? readFileSync(file) : null);
  } catch (error) {
    return failedLook(error);
  }
}

/** @param before an earlier look, which is still right where nothing has changed */
export async function lookAgain(file: string, before: Look | null): Promise<Look> {
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
