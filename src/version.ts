import { readFileSync } from 'node:fs';
import path from 'node:path';

let read: string | undefined;

/** The version in package.json. */
export function version(): string {
  const text = () => readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8');
  return (read ??= (JSON.parse(text()) as { version: string }).version);
}
