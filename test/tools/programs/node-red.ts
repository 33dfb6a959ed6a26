import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, installed, type Tool } from '../tool';

const version = '4.1.8';

const inject = { id: 'a1', type: 'inject', z: 'f1', name: 'clock', repeat: '1', once: true, topic: '', x: 200, y: 80 };
const flow = [
  { id: 'f1', type: 'tab', label: 'Flow 1' },
  { ...inject, payload: 'it ticks', payloadType: 'str', props: [{ p: 'payload' }], wires: [['d1']] },
  {
    id: 'd1',
    type: 'debug',
    z: 'f1',
    name: 'shown',
    active: true,
    tosidebar: true,
    complete: 'payload',
    x: 400,
    y: 80,
    wires: [],
  },
];

export const nodeRed: Tool = {
  name: 'Node-RED',
  version: () => version,
  missing: () => null,
  what: 'sees messages come in live, changes a node, deploys, finds the change after a reload',
  ports: 1,
  start: async (port = 0) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'flows.json'), JSON.stringify(flow));
    writeFileSync(
      path.join(folder, 'settings.js'),
      `module.exports = { flowFile: 'flows.json', uiHost: '127.0.0.1', uiPort: ${port}, telemetry: { enabled: false },
        credentialSecret: 'x', editorTheme: { tours: false } };`,
    );
    const program = await startProgram(process.execPath, ['node_modules/node-red/red.js', '-u', folder], {
      cwd: installed('node-red', { 'node-red': version }),
    });
    const origin = `http://127.0.0.1:${port}`;
    await answering(origin, program);
    await program.until('Started flows');
    return { origin, stop: () => program.stop() };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.locator('#red-ui-workspace-chart').getByText('clock').waitFor();
    await page.locator('.red-ui-tab-link-button[title*=Debug], [id*=debug-link-button]').first().click();
    await page.getByText('it ticks').first().waitFor();
    await page.locator('#red-ui-workspace-chart').getByText('clock').dblclick({ force: true });
    const name = page.locator('#node-input-name');
    await name.fill('metronome');
    await page.locator('#node-dialog-ok').click();
    await page.locator('#red-ui-header-button-deploy').click();
    await page.getByText('Successfully deployed').waitFor();
    await page.reload();
    await page.locator('#red-ui-workspace-chart').getByText('metronome').waitFor();
    await page.locator('#red-ui-palette').getByText('inject', { exact: true }).first().waitFor();
    await page.getByText('Successfully deployed').waitFor({ state: 'detached' });
    await shot('editor', '.red-ui-debug-content');
  },
};
