import net, { type Socket } from 'node:net';
import type { Target } from '../../../src/config/config';
import { UpstreamPool } from '../../../src/relay/upstream-pool';
import { mountOf } from '../../support/mounts';
import { echoPath, startTool } from '../../failure/support/tool';
import { askOf } from './ask';

test.each([
  ['ends', 'end', (socket: Socket): unknown => socket.end()],
  ['resets', 'error', (socket: Socket): unknown => socket.resetAndDestroy()],
] as const)(
  'an idle connection that the tool %s is out of the pool before anyone else is served',
  async (_, event, leave) => {
    const tool = await startTool(echoPath);
    const target: Target = mountOf({ target: tool.url }).config.target;
    const pool = new UpstreamPool({ target, tls: {}, maxHead: 16_384 }, { idle: 60_000, life: 60_000 });
    const connect = jest.spyOn(net, 'connect');
    await askOf(pool);
    const socket = connect.mock.results[0]?.value as Socket;
    connect.mockRestore();
    expect(pool.counts).toEqual({ active: 0, idle: 1 });
    const counts = new Promise((resolve) => socket.once(event, () => resolve(pool.counts)));
    leave((await tool.request(0)).socket);
    expect(await counts).toEqual({ active: 0, idle: 0 });
    await tool.close();
  },
);
