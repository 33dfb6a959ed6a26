import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../support/free-ports';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, missingProgram, type Tool } from '../tool';

export const prometheus: Tool = {
  name: 'Prometheus',
  version: () => /version (\S+)/.exec(spawnSync('prometheus', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? '',
  missing: () => missingProgram('prometheus', 'prometheus'),
  what: 'runs a query, sees its own target come up, reads flags and rules',
  start: async () => {
    const [port = 0] = await freePorts(1);
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
    await page.getByRole('button', { name: 'Execute' }).first().click();
    await page.getByText('instance=').first().waitFor();
    await shot('query', 'td', 'th', '.graph_container', '.eval_stats', '[class*=stats]', 'input', 'table', 'form');
    await page.getByText('Status', { exact: true }).first().click();
    await page.getByText('Targets', { exact: true }).first().click();
    // It is scraped while we look.
    const up = page.getByText('UP', { exact: true }).first();
    for (let tries = 0; tries < 20 && !(await up.isVisible()); tries++) {
      await page.waitForTimeout(500);
      await page.reload();
    }
    await up.waitFor();
    await shot('targets', 'td', 'table');
    await open('/classic/flags');
    await page.getByText('web.enable-lifecycle').waitFor();
    await page.getByText('Alerts', { exact: true }).first().click();
    await page.getByText('No alerting rules defined').waitFor();
    await shot('alerts');
  },
};
