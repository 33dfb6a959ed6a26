import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, built, missingProgram, type Tool } from '../tool';

const version = '0.27.0';

/** Debian's comes without its web pages. */
export const alertmanager: Tool = {
  name: 'Alertmanager',
  version: () => version,
  missing: () => missingProgram('go', 'golang'),
  what: 'reads an alert, silences it, finds the silence by its address, reads the status',
  ports: 1,
  start: async (port = 0) => {
    const folder = temporaryFolder();
    const config = path.join(folder, 'alertmanager.yml');
    writeFileSync(config, JSON.stringify({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] }));
    const program = await startProgram(
      built('alertmanager', `github.com/prometheus/alertmanager/cmd/alertmanager@v${version}`),
      [
        `--config.file=${config}`,
        `--storage.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
    );
    const origin = `http://127.0.0.1:${port}`;
    await answering(`${origin}/-/ready`, program);
    const alert = { labels: { alertname: 'DiskFull', instance: 'db-1' }, annotations: { summary: 'No room' } };
    await fetch(`${origin}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([alert]),
    });
    return { origin, stop: () => program.stop() };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.getByText('alertname="DiskFull"').or(page.getByText('DiskFull')).first().waitFor();
    await page.getByText('Expand all groups').click();
    await page.locator('a[href*="silences/new"][href*="DiskFull"]').first().click();
    await page.locator('xpath=//label[normalize-space()="Creator"]/following::input[1]').fill('ann');
    await page
      .locator('xpath=//label[normalize-space()="Comment"]/following::textarea[1]')
      .fill('a new disk is on its way');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('a new disk is on its way').first().waitFor();
    await page.reload();
    await page.getByText('a new disk is on its way').first().waitFor();
    await page.getByRole('link', { name: 'Status' }).click();
    await page.getByText('Uptime').first().waitFor();
    await page.getByText('receiver: nobody').first().waitFor();
    await page.getByRole('link', { name: 'Silences' }).click();
    await page.getByText('Active').first().waitFor();
    await shot('silences', 'text=/Ends/');
  },
};
