import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '../listener/write-whole';

/** A turn that is being had. */
export interface Turn {
  /** Aborted when the turn has passed to someone else, because this process did not get to renew it in time. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** How long a turn is valid without being renewed, in milliseconds: then its holder is taken for dead. */
const defaultLease = 60_000;

/**
 * Takes the lock of a folder that several processes share, on one machine or on a shared volume.
 *
 * Turns are files with ascending numbers, and the highest one is in force. Whoever creates the next number, which only
 * one can, has the turn; so an expired turn can be taken over without two thinking that they did. The highest file is
 * never removed, not even when its turn is over.
 *
 * @returns null while someone else has the turn
 */
export async function takeTurn(folder: string, lease = defaultLease): Promise<Turn | null> {
  await mkdir(folder, { recursive: true });
  const before = await highest(folder);
  if (before > 0 && !(await isOver(path.join(folder, String(before)), lease))) return null;

  const number = before + 1;
  const file = path.join(folder, String(number));
  const owner = randomUUID();
  if (!(await create(file, entry(owner, Date.now() + lease)))) return null;
  // Someone slow may create a number that has been used and tidied away; a higher one is there then.
  if ((await highest(folder)) > number) {
    await rm(file, { force: true });
    return null;
  }
  for (const name of await readdir(folder)) {
    if (isTurn(name) && Number(name) < number) await rm(path.join(folder, name), { force: true });
  }

  const lost = new AbortController();
  const renew = async () => {
    if ((await highest(folder)) > number) lost.abort(new Error('another gateway took the lock over'));
    else await writeWhole(file, entry(owner, Date.now() + lease), 0o600);
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    // What cannot be written now may be written next time; if not, the turn passes on.
    renewing = renewing.then(renew).catch(() => undefined);
  }, lease / 3);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await renewing;
      if (!lost.signal.aborted) await writeWhole(file, entry(owner, 0), 0o600);
    },
  };
}

/** @param until milliseconds since 1970; 0 when it has been released */
function entry(owner: string, until: number): string {
  return JSON.stringify({ owner, until });
}

async function create(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isTurn(name: string): boolean {
  return /^[1-9]\d{0,14}$/.test(name);
}

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await readdir(folder)).filter(isTurn).map(Number));
}

async function isOver(file: string, lease: number): Promise<boolean> {
  const now = Date.now();
  try {
    const until = untilOf(await readFile(file, 'utf8'));
    // Being written just now, or never finished.
    if (until === null) return (await stat(file)).mtimeMs + lease < now;
    // A clock far ahead must not hold the lock for ever.
    return until < now || until > now + 10 * lease;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function untilOf(text: string): number | null {
  try {
    const { until } = JSON.parse(text) as { until?: unknown };
    return typeof until === 'number' ? until : null;
  } catch {
    return null;
  }
}
