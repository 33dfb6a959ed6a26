import { readdirSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(__dirname, '../failure');
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));

/**
 * Runs every fourth file of test/failure. They are required here, and not jest's own, because to load the gateway for each
 * of them takes longer than most of them do.
 * @param first from 0 to 3
 */
export function runEveryFourth(first: number): void {
  for (const file of files.filter((_, index) => index % 4 === first))
    describe(file, () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      require(path.join(folder, file));
    });
}
