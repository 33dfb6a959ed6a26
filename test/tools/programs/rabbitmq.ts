import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, missingProgram, type Tool } from '../tool';

const folder = '/usr/lib/rabbitmq/bin';

export const rabbitmq: Tool = {
  name: 'RabbitMQ management',
  version: () => spawnSync('dpkg-query', ['-Wf', '${Version}', 'rabbitmq-server'], { encoding: 'utf8' }).stdout,
  missing: () => missingProgram('rabbitmq-server', 'rabbitmq-server'),
  what: 'logs in, makes a queue, publishes a message, takes it out, sees the figures, logs out',
  ports: 4,
  start: async (port = 0, amqp = 0, distribution = 0, names = 0) => {
    const home = temporaryFolder();
    const plugins = path.join(home, 'plugins');
    const config = path.join(home, 'rabbitmq.conf');
    writeFileSync(plugins, '[rabbitmq_management].');
    writeFileSync(config, `management.tcp.port = ${port}\nmanagement.tcp.ip = 127.0.0.1\n`);
    const program = await startProgram(`${folder}/rabbitmq-server`, [], {
      group: true,
      env: {
        ...process.env,
        HOME: home,
        RABBITMQ_NODENAME: 'try@localhost',
        RABBITMQ_NODE_PORT: String(amqp),
        RABBITMQ_DIST_PORT: String(distribution),
        ERL_EPMD_PORT: String(names),
        RABBITMQ_MNESIA_BASE: path.join(home, 'data'),
        RABBITMQ_LOG_BASE: path.join(home, 'log'),
        RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
        RABBITMQ_CONFIG_FILE: config,
        RABBITMQ_CONF_ENV_FILE: '/dev/null',
      },
    });
    const origin = `http://127.0.0.1:${port}`;
    await answering(origin, program);
    return { origin, stop: () => program.stop() };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.locator('input[name=username]').fill('guest');
    await page.locator('input[name=password]').fill('guest');
    await page.getByRole('button', { name: 'Login' }).click();
    await page.getByText('Global counts').waitFor();
    await page.getByRole('link', { name: 'Queues' }).first().click();
    await page.getByText('Add a new queue').click();
    await page.locator('form[action="#/queues"] input[name=name]').fill('letters');
    await page.getByRole('button', { name: 'Add queue' }).click();
    await page.getByRole('link', { name: 'letters' }).click();
    await page.getByText('Publish message').first().click();
    await page.locator('textarea[name=payload]').fill('a letter');
    await page.getByRole('button', { name: 'Publish message' }).click();
    await page.getByText('Message published').waitFor();
    await page.getByText('Close', { exact: true }).click();
    await page.reload();
    await page.getByText('Get messages').first().click();
    await page.getByRole('button', { name: 'Get Message' }).click();
    await page.getByText('a letter').waitFor();
    await page.getByRole('link', { name: 'Admin' }).first().click();
    await page.getByRole('link', { name: 'guest' }).first().waitFor();
    await shot('admin', '#status');
    await page.getByText('Log out').click();
    await page.locator('input[name=username]').waitFor();
  },
};
