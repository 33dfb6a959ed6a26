import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultFile, shipped } from '../config/default-file';

/** From which editors complete and check the configuration: its first line says so. */
const schemaFile = 'config/schema.json';

export interface InitOutput {
  /** Called with each line to print. */
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

/**
 * Writes the configuration that comes with the gateway into a folder, as something to edit. What is there stays.
 *
 * @returns the exit code: 0, or 1 when nothing was written
 */
export function init(folder: string, { out, error }: InitOutput): number {
  if (!existsSync(shipped(defaultFile))) {
    error(
      `The configuration that comes with the gateway is missing: ${shipped(defaultFile)}; install the gateway again`,
    );
    return 1;
  }
  try {
    mkdirSync(path.join(folder, path.dirname(defaultFile)), { recursive: true });
    if (!copy(defaultFile, folder)) {
      error(`${defaultFile} is there already and was left as it is; to have a new one, move it away first`);
      return 1;
    }
    out(`Wrote ${defaultFile}: edit it, then see whether it is right with kpow-gateway check`);
    if (copy(schemaFile, folder)) out(`Wrote ${schemaFile}, from which editors complete it`);
    return 0;
  } catch (failure) {
    const { code = String(failure) } = failure as NodeJS.ErrnoException;
    error(`${defaultFile} cannot be written in ${folder} (${code}); make the folder writable, or go to another`);
    return 1;
  }
}

/** @returns false when there is something of that name */
function copy(name: string, folder: string): boolean {
  const text = readFileSync(shipped(name));
  const file = path.join(folder, name);
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // Half a file would be in the way of the next attempt.
    rmSync(file, { force: true });
    throw error;
  }
}
