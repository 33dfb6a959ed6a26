import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser';
import { pictures, prove, rowText } from './proof';
import type { Tool } from './tool';

/** The tests of these tools, and behind them the table of what was seen. */
export function proveAll(tools: readonly Tool[]): void {
  let browser: Browser;
  const lines: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    const heads = ['Tool', 'Prefix', 'Requests', 'Left it', 'New errors', 'Websockets (root)', 'Unlike the root'];
    const table = [`| ${heads.join(' | ')} |`, '|-'.repeat(heads.length) + '|', ...lines];
    process.stderr.write(['', ...table, `Pictures: ${pictures}`, ''].join('\n'));
  });

  test.each(tools.map((tool) => [tool.name, tool.what, tool] as const))(
    '%s, under two prefixes as at the root: %s',
    async (_name, _what, tool) => {
      expect(tool.missing()).toBeNull();
      for (const row of await prove(browser, tool, ['/tools/first', '/second'])) {
        lines.push(rowText(row));
        expect(row).toMatchObject({ left: [], saved: 0, newErrors: [], websockets: row.websocketsAtRoot });
        expect(row.difference).toBeLessThan(0.02);
      }
    },
    180_000,
  );
}
