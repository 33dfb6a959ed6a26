import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startKpow } from '../../src/demo/kpow';
import { freePorts } from '../support/free-ports';
import { startGateway, temporaryFolder } from '../support/gateway';
import { parsedBlock } from '../support/notification-blocks';
import { startProgram } from '../support/program';

const program = process.env['ALERTMANAGER'] ?? 'prometheus-alertmanager';
const installed = spawnSync(program, ['--version']).status === 0;

async function startAlertmanager() {
  const [port = 0] = await freePorts(1);
  const folder = temporaryFolder();
  const config = path.join(folder, 'alertmanager.yml');
  writeFileSync(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
  const alertmanager = await startProgram(program, [
    `--config.file=${config}`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  const origin = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (alertmanager.over) throw new Error(`Alertmanager did not start; it said:\n${alertmanager.output}`);
    await pause(50);
  }
  return { origin, stop: () => alertmanager.stop() };
}

interface Alert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
}

const name = installed ? '' : ' (skipped: prometheus-alertmanager is not installed)';
(installed ? test : test.skip)(
  `a real Alertmanager has an alert for kPow’s ERROR state as long as it lasts, by the documented block${name}`,
  async () => {
    const alertmanager = await startAlertmanager();
    const kpow = await startKpow({ port: 0, errorStateLasts: 0 });
    const block = parsedBlock('Alertmanager');
    Object.assign(block.notify.webhooks[0]!, { url: `${alertmanager.origin}/api/v2/alerts`, after: '20ms' });
    const gateway = await startGateway({
      ...block,
      health: { interval: '20ms' },
      mounts: [{ name: 'kPow', path: '/kpow', target: `http://127.0.0.1:${kpow.port}`, health: '/healthy' }],
    });
    const alerts = async () => (await (await fetch(`${alertmanager.origin}/api/v2/alerts`)).json()) as Alert[];
    try {
      kpow.setErrorState(true);
      while ((await alerts()).length === 0) await pause(50);
      const [alert] = await alerts();
      expect(alert).toMatchObject({
        labels: { alertname: 'ToolInTrouble', severity: 'critical', tool: 'kPow', path: '/kpow' },
        annotations: { summary: 'kPow: ERROR state', description: expect.stringContaining('Restart kPow') },
      });
      // It has set an end of its own, minutes ahead: that is why the block has reminders.
      expect(Date.parse(alert!.endsAt)).toBeGreaterThan(Date.now() + 60_000);

      kpow.setErrorState(false);
      while ((await alerts()).length > 0) await pause(50);
      const answers = gateway.lines.filter(({ msg }) => String(msg).startsWith('Told '));
      expect(answers).toHaveLength(2);
    } finally {
      await gateway.stop();
      await kpow.close();
      await alertmanager.stop();
    }
  },
);
