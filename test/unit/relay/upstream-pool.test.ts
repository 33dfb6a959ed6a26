import net, { type Socket } from 'node:net';
import type { Target } from '../../../src/config/config';
import type { AnswerSink, UpstreamRequest } from '../../../src/relay/upstream-exchange';
import { UpstreamPool } from '../../../src/relay/upstream-pool';
import { mountOf } from '../../support/mounts';
import { echoPath, startTool } from '../../failure/support/tool';

const request: UpstreamRequest = {
  method: 'GET',
  head: 'GET /page HTTP/1.1\r\nHost: tool\r\n\r\n',
  length: 0,
  websocket: false,
  repeatable: true,
  timeouts: { connect: 0, response: 0, idle: 0 },
  startedAt: 0,
};

/** Resolves when the answer has arrived. */
function ask(pool: UpstreamPool): Promise<void> {
  return new Promise((resolve, reject) => {
    const sink: AnswerSink = {
      resent: () => undefined,
      interim: () => undefined,
      answered: () => undefined,
      body: () => undefined,
      text: () => undefined,
      ended: () => resolve(),
      upgraded: () => undefined,
      failed: (reason) => reject(new Error(String(reason))),
      wantsMore: () => true,
      drained: () => undefined,
      sending: false,
    };
    pool.send(request, sink, Buffer.alloc(0));
  });
}

test.each([
  ['ends', 'end', (socket: Socket): unknown => socket.end()],
  ['resets', 'error', (socket: Socket): unknown => socket.resetAndDestroy()],
] as const)(
  'an idle connection that the tool %s is out of the pool before anyone else is served',
  async (_, event, leave) => {
    const tool = await startTool(echoPath);
    const target: Target = mountOf({ target: tool.url }).config.target;
    const pool = new UpstreamPool({ target, tls: {}, maxHead: 16_384 }, 60_000);
    const connect = jest.spyOn(net, 'connect');
    await ask(pool);
    const socket = connect.mock.results[0]?.value as Socket;
    connect.mockRestore();
    expect(pool.counts).toEqual({ active: 0, idle: 1 });
    const counts = new Promise((resolve) => socket.once(event, () => resolve(pool.counts)));
    leave((await tool.request(0)).socket);
    expect(await counts).toEqual({ active: 0, idle: 0 });
    await tool.close();
  },
);
