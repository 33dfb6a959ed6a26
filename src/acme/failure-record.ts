import { readFile, rm } from 'node:fs/promises';
import { writeWhole } from '../listener/write-whole';

/** What is remembered of failures, for every gateway with this storage and also after a restart. */
export interface FailureRecord {
  /** In a row. */
  readonly failures: number;
  /** Milliseconds since 1970 before which no one tries again. */
  readonly retryAt: number;
  /** Whether the authority asked for this time. */
  readonly asked: boolean;
  /** For people who look into the file. */
  readonly reason: string;
}

/**
 * null when there was none since the last success, or when the file has been removed to try at once.
 * @throws what `fs` throws for a file that is there: what it says may be that nobody is to try yet
 */
export async function readFailure(file: string): Promise<FailureRecord | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  try {
    const { failures, retryAt, asked, reason } = JSON.parse(text) as Partial<FailureRecord>;
    if (typeof failures !== 'number' || typeof retryAt !== 'number') return null;
    return { failures, retryAt, asked: asked === true, reason: String(reason) };
  } catch {
    return null;
  }
}

export async function writeFailure(file: string, record: FailureRecord): Promise<void> {
  await writeWhole(file, `${JSON.stringify(record)}\n`, 0o600);
}

export async function forgetFailure(file: string): Promise<void> {
  await rm(file, { force: true });
}
