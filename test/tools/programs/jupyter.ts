import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, missingProgram, type Tool } from '../tool';

const notebook = {
  cells: [{ cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: ['print(6 * 7)'] }],
  metadata: { kernelspec: { display_name: 'Python 3 (ipykernel)', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 2,
};

export const jupyter: Tool = {
  name: 'Jupyter Notebook',
  version: () => spawnSync('jupyter-notebook', ['--version'], { encoding: 'utf8' }).stdout.trim(),
  missing: () => missingProgram('jupyter-notebook', 'jupyter-notebook'),
  what: 'logs in, opens a notebook from the tree, runs it, saves it, ends its kernel',
  ports: 1,
  start: async (port = 0) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'sums.ipynb'), JSON.stringify(notebook));
    const program = await startProgram(
      'jupyter-notebook',
      ['--allow-root', '--no-browser', '--ip=127.0.0.1', `--port=${port}`, '--NotebookApp.token=secret'],
      { cwd: folder, env: { ...process.env, HOME: folder } },
    );
    const origin = `http://127.0.0.1:${port}`;
    await answering(`${origin}/login`, program);
    return { origin, stop: () => program.stop('SIGTERM') };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.locator('#password_input').fill('secret');
    await page.locator('#login_submit').click();
    const link = page.locator('a.item_link', { hasText: 'sums.ipynb' });
    await link.waitFor();
    await shot('tree', '.item_modified');
    const [opened] = await Promise.all([page.waitForEvent('popup'), link.click()]);
    await opened.locator('.kernel_idle_icon').waitFor();
    await opened.locator('.CodeMirror').first().click();
    await opened.keyboard.press('Control+Enter');
    await opened.getByText('42', { exact: true }).waitFor();
    await opened.keyboard.press('Control+s');
    await opened
      .getByText(/Checkpoint created/)
      .first()
      .waitFor();
    await opened.close();
    await page.reload();
    await page.getByRole('link', { name: 'Running' }).click();
    await page.locator('#running').getByText('Shutdown').click();
    await page.getByText('There are no notebooks running').waitFor();
  },
};
