import { accessSync, constants, readFileSync, statSync, type Stats } from 'node:fs';

/** The file's text, or what is wrong: a sentence whose subject is the file. `missing` is set when there is none. */
export type TextOrProblem = { readonly text: string } | { readonly problem: string; readonly missing: boolean };

export function readText(file: string): TextOrProblem {
  return textOf(readBytes(file));
}

/** The file's bytes, or what is wrong, as with {@link TextOrProblem}. */
export type BytesOrProblem = { readonly bytes: Buffer } | { readonly problem: string; readonly missing: boolean };

export function readBytes(file: string): BytesOrProblem {
  try {
    refuseEndless(file);
    return { bytes: readFileSync(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: reasonFor(code), missing: code === 'ENOENT' || code === 'ENOTDIR' };
  }
}

export function textOf(content: BytesOrProblem): TextOrProblem {
  if ('problem' in content) return content;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content.bytes) };
  } catch {
    return { problem: 'is not a text file in UTF-8; save it as one', missing: false };
  }
}

/** Why a file cannot be read, a sentence whose subject is the file; null when it can. */
export function unreadable(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    return refuseEndless(file).isDirectory() ? reasonFor('EISDIR') : null;
  } catch (error) {
    return reasonFor((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Reading a named pipe would wait for whoever writes to it, and stop the whole process meanwhile. What a shell gives a
 * program to read (`/dev/stdin`, `<(...)`) comes to its end.
 */
function refuseEndless(file: string): Stats {
  const stats = statSync(file);
  if (!stats.isFile() && !stats.isDirectory() && !file.startsWith('/dev/'))
    throw Object.assign(new Error('no ordinary file'), { code: 'ENOTFILE' });
  return stats;
}

function reasonFor(code = 'unknown error'): string {
  return reasons[code] ?? `cannot be read (${code}); check the file`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the name',
  ENOTDIR: 'does not exist; check the name',
  EISDIR: 'is a folder; name the file in it',
  ENOTFILE: 'is a pipe, a socket or a device; name an ordinary file',
  EACCES: 'cannot be read (permission denied); let the user that runs the gateway read it',
  EPERM: 'cannot be read (permission denied); let the user that runs the gateway read it',
};
