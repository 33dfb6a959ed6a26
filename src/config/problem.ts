/** Where a problem is: keys and list positions from the top of the file. */
export type FieldPath = readonly (string | number)[];

/** Something wrong with the configuration: `message` is a sentence without its subject, the field's path. */
export interface Problem {
  readonly path: FieldPath;
  readonly message: string;
  /** Set where it is a file that one tool needs: the gateway can start without that tool. */
  readonly ofOneTool?: true;
}

/** `mounts[1].target`; a key that is no plain word is quoted: `mounts[0]["we ird"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** `mounts[1].target: "localhost:9090" has no scheme; write http://localhost:9090` */
export function formatProblem({ path, message }: Problem): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

/** A value as it is quoted in a message: one line, and not too long a one. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
    return text.replace(/[\u2028\u2029\u0085]/g, ' ');
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : 'a mapping';
}

/** What to write instead, unquoted, within a message: one line, and not too long a one. */
export function suggest(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
