import { existsSync } from 'node:fs';
import { startDemoTools } from '../../../src/demo/demo';
import { ask } from './ask';

test('the demo tools start on free ports, healthy, with mounts that lead to them, and stop', async () => {
  const tools = await startDemoTools();
  expect(tools.mounts.map(({ path, prefix }) => [path, prefix])).toEqual([
    ['/kpow', 'strip'],
    ['/schemas', 'keep'],
    ['/tail', 'strip'],
  ]);
  for (const { target, health, icon } of tools.mounts) {
    expect((await ask(target + health.path)).status).toBe(200);
    expect(existsSync(icon)).toBe(true);
  }
  await tools.close();
  for (const { target } of tools.mounts) await expect(ask(target)).rejects.toThrow('ECONNREFUSED');
});
