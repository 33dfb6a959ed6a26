import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

const text = readFileSync(path.join(__dirname, '../../../docs/access.md'), 'utf8');
const blocks = [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, block = '']) => block);

test('docs/access.md has examples', () => {
  expect(blocks.length).toBeGreaterThan(2);
});

test.each(blocks)('an example in docs/access.md can be copied as it is: %#', (block) => {
  const env = { REDIS_URL: 'rediss://gateway@redis.example.com:6379', REDIS_PASSWORD: 'p@ss' };
  const warnings = configWarnings(resolveConfig(parse(block), { env }));
  expect(warnings).toEqual([]);
});
