import { startGatewayProcess } from '../support/gateway-process';
import { keepFromRelay } from '../support/keep-from-relay';
import { entrance, mountFor } from '../support/ways/entrance';
import { RawClient } from '../support/raw-client';
import type { Resources } from '../support/resources';
import { requestText } from './support/scene';
import { answered, failAt, failingTool, faults, stagesOf, type Fault } from './support/stages';
import { startTool } from './support/tool';
import { accepted, handshakeText } from './support/websocket';

/** Every way in which a tool may fail, each before a tool of its own. */
const all = (Object.keys(faults) as Fault[]).flatMap((fault) => stagesOf(fault).map((stage) => ({ fault, stage })));

/** Those that wait for a limit are too many to come one by one. */
const atOnce = 8;

const held = ({ sockets, timers, descriptors }: Resources) => ({ sockets, timers, descriptors });

test('when tools have failed at every stage, their gateway holds no socket, timer or descriptor more than before', async () => {
  const tools = await Promise.all(all.map(({ stage }) => failingTool(stage)));
  const live = await startTool((socket) => void socket.write(accepted));
  const gateway = await startGatewayProcess({
    listen: { http: { mode: 'serve' } },
    limits: { bodyTimeout: '300ms' },
    mounts: [
      ...tools.map(({ url }, index) => ({
        ...mountFor(entrance),
        path: `/${index}`,
        target: url,
        timeouts: all[index]!.fault === 'goes silent' ? { response: '300ms', idle: '300ms' } : {},
      })),
      { ...mountFor(entrance), path: `/${all.length}`, target: live.url, timeouts: { idle: '300ms' } },
    ],
  });
  const connect = async () => {
    const client = await RawClient.connect(gateway.httpPort, false);
    if (entrance === 'app') keepFromRelay(client);
    return client;
  };
  try {
    // What is made once is kept.
    const first = await connect();
    await first.write(requestText('/-/up', { fields: ['Connection: close'] })).end();
    const before = held(await gateway.resources());
    expect(before.sockets).toBe(0);

    let next = 0;
    const worker = async () => {
      while (next < all.length) {
        const index = next++;
        const { fault, stage } = all[index]!;
        const client = await connect();
        const request = stage.request.replace('/tool/', `/${index}/`);
        if (fault !== 'goes silent') await failAt({ ...stage, request }, fault, client, tools[index]!);
        // The gateway, another process, may give such a tool up before this one has seen what it is to keep silent on.
        else await answered(client.write(request));
        client.destroy();
      }
    };
    const websockets = (Object.keys(faults) as Fault[]).flatMap((fault) =>
      ['client', 'tool'].map(async (side) => {
        const client = await connect();
        client.write(handshakeText(`/${all.length}/${fault.replaceAll(' ', '-')}/${side}`));
        await client.until('\r\n\r\n');
        const { socket } = live.requests.find(({ path }) => path === `/${fault.replaceAll(' ', '-')}/${side}`)!;
        faults[fault](side === 'client' ? client.socket : socket);
        await client.end();
      }),
    );
    await Promise.all([...websockets, ...Array.from({ length: atOnce }, worker)]);

    // Their tools still hold on to what they can.
    const isBack = (now: Resources) =>
      now.sockets <= before.sockets &&
      now.timers <= before.timers &&
      (now.descriptors ?? 0) <= (before.descriptors ?? 0);
    let after = await gateway.resources();
    for (let tries = 0; tries < 500 && !isBack(after); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      after = await gateway.resources();
    }
    expect(held(after)).toEqual(before);
  } finally {
    await gateway.stop();
    await Promise.all([...tools, live].map((tool) => tool.close()));
  }
});
