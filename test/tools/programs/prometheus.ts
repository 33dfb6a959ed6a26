import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, missingProgram, type Tool } from '../tool';

export const prometheus: Tool = {
  name: 'Prometheus',
  version: () => /version (\S+)/.exec(spawnSync('prometheus', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? '',
  missing: () => missingProgram('prometheus', 'prometheus'),
  what: 'runs a query, sees its own target come up, reads flags and alerts',
  ports: 1,
  start: async (port = 0) => {
    const folder = temporaryFolder();
    const config = path.join(folder, 'prometheus.yml');
    const job = { job_name: 'itself', scrape_interval: '1s', static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
    writeFileSync(config, JSON.stringify({ scrape_configs: [job] }));
    const program = await startProgram('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const origin = `http://127.0.0.1:${port}`;
    await answering(`${origin}/-/ready`, program);
    return { origin, stop: () => program.stop() };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.locator('textarea').first().fill('up{job="itself"}');
    const execute = page.getByRole('button', { name: 'Execute' }).first();
    await execute.click();
    // It scrapes itself every second: the first time may be still to come.
    const found = page.getByText('instance=').first();
    for (let tries = 0; tries < 20 && !(await found.isVisible()); tries++) {
      await page.waitForTimeout(500);
      await execute.click();
    }
    await found.waitFor();
    await shot('query', '.eval_stats', '[class*=stats]', '.legend', 'input');
    await page.getByText('Status', { exact: true }).first().click();
    await page.getByText('Targets', { exact: true }).first().click();
    // It is scraped while we look.
    const up = page.locator('td').getByText('up', { exact: true }).first();
    for (let tries = 0; tries < 20 && !(await up.isVisible()); tries++) {
      await page.waitForTimeout(500);
      await page.reload();
    }
    await up.waitFor();
    await shot('targets', 'td:nth-child(4)', 'td:nth-child(5)');
    await open('/classic/flags');
    await page.getByText('web.enable-lifecycle').waitFor();
    await page.getByText('Alerts', { exact: true }).first().click();
    await page.getByText('No alerting rules defined').waitFor();
    await shot('alerts');
  },
};
