import { existsSync } from 'node:fs';
import path from 'node:path';

const main = path.join(__dirname, '../../dist/main.js');

/** The program as `npm run build` made it. */
export function builtProgram(): string {
  if (!existsSync(main)) throw new Error(`There is no ${main}: npm run build`);
  return main;
}
