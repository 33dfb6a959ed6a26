import { startProgram } from '../../support/program';
import { answering, both, installed, missingProgram, type Tool } from '../tool';

const version = '0.9.0';

export const redisCommander: Tool = {
  name: 'redis-commander',
  version: () => version,
  missing: () => missingProgram('redis-server', 'redis-server'),
  what: 'adds a key by a command, sees it in the tree, opens it',
  ports: 2,
  start: async (port = 0, redisPort = 0) => {
    const folder = installed('redis-commander', { 'redis-commander': version });
    const redis = await startProgram('redis-server', ['--port', String(redisPort), '--save', '']);
    await redis.until('Ready to accept connections');
    const program = await startProgram(
      process.execPath,
      [
        'node_modules/redis-commander/bin/redis-commander.js',
        '--redis-port',
        String(redisPort),
        '--noload',
        '--nosave',
        '--port',
        String(port),
      ],
      { cwd: folder },
    );
    const origin = `http://127.0.0.1:${port}`;
    await answering(origin, program);
    return { origin, stop: both(program, redis) };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    const line = page.locator('#commandLine input, #commandLineField input, input[name="commandLineField"]').first();
    await line.click();
    await line.fill('set greeting hello');
    await line.press('Enter');
    await page.getByText(/"OK"/).first().waitFor();
    await page.getByText('Refresh').first().click();
    await page.locator('.jstree-ocl').first().click();
    await page.getByText('greeting', { exact: true }).first().click();
    await page.locator('#stringValue').waitFor();
    // Its panels slide to their places.
    await page.waitForFunction("jQuery(':animated').length === 0");
    await shot('key');
  },
};
