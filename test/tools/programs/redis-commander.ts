import { freePorts } from '../../support/free-ports';
import { startProgram } from '../../support/program';
import { answering, installed, missingProgram, type Tool } from '../tool';

const version = '0.9.0';

export const redisCommander: Tool = {
  name: 'redis-commander',
  version: () => version,
  missing: () => missingProgram('redis-server', 'redis-server'),
  what: 'adds a key, sees it in the tree, opens and changes it, runs a command',
  start: async () => {
    const [port = 0, redisPort = 0] = await freePorts(2);
    const folder = installed('redis-commander', { 'redis-commander': version });
    const redis = await startProgram('redis-server', ['--port', String(redisPort), '--save', '']);
    await redis.until('Ready to accept connections');
    const program = await startProgram(
      process.execPath,
      [
        'node_modules/redis-commander/bin/redis-commander.js',
        '--redis-port',
        String(redisPort),
        '--port',
        String(port),
      ],
      { cwd: folder },
    );
    const origin = `http://127.0.0.1:${port}`;
    await answering(origin, program);
    return {
      origin,
      stop: async () => {
        await program.stop();
        await redis.stop();
      },
    };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    const line = page.locator('#commandLine input, #commandLineField input, input[name="commandLineField"]').first();
    await line.click();
    await line.fill('set greeting hello');
    await line.press('Enter');
    await page.getByText('OK', { exact: true }).first().waitFor();
    await page.getByText('Refresh').first().click();
    await page.locator('.jstree-ocl').first().click();
    await page.getByText('greeting', { exact: true }).first().click();
    await page.locator('#stringValue').waitFor();
    await shot('key', '#stringValue', '.jstree', '#commandLineContainer', '.jstree-anchor');
  },
};
