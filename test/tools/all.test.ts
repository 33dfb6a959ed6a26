import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser';
import { prometheus } from './programs/prometheus';
import { redisCommander } from './programs/redis-commander';
import { verdaccio } from './programs/verdaccio';
import { pictures, prove, rowText } from './proof';

let browser: Browser;
const lines: string[] = [];

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  process.stderr.write(
    [
      '',
      '| Tool | Prefix | Requests | Left the prefix | New console errors | Websockets (at the root) | Other points |',
      '|-|-|-|-|-|-|-|',
      ...lines,
      `Pictures: ${pictures}`,
      '',
    ].join('\n'),
  );
});

test.each([prometheus, redisCommander, verdaccio].map((tool) => [tool.name, tool] as const))(
  '%s works under two prefixes as at the root',
  async (_, tool) => {
    expect(tool.missing()).toBeNull();
    for (const row of await prove(browser, tool, ['/tools/first', '/second'])) {
      lines.push(rowText(row));
      expect(row).toMatchObject({ left: [], saved: 0, newErrors: [], websockets: row.websocketsAtRoot });
      expect(row.difference).toBeLessThan(0.02);
    }
  },
  180_000,
);
