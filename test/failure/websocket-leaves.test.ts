import type { Socket } from 'node:net';
import { accessLines, expectFailure, lineWith, until, useScenes, type Scene } from './support/scene';
import type { Tool } from './support/tool';
import { accepted, handshakeText, openWebsocket } from './support/websocket';

const scenes = useScenes();

const leavings: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['by closing', (socket) => socket.destroy()],
  ['by half-closing', (socket) => socket.end()],
  ['by a reset', (socket) => socket.resetAndDestroy()],
];

/** No connection of this websocket is left on either side, and it has one line in the log. */
async function expectNothingLeft(scene: Scene & { tool: Tool }, status: number): Promise<void> {
  await until(() => scene.tool.sockets.size === 0);
  await lineWith(scene, status);
  expect(accessLines(scene.gateway.lines)).toMatchObject([{ status, mount: '/tool', path: '/tool/live' }]);
}

describe.each([
  ['in plain HTTP', false],
  ['over TLS', true],
])('%s', (_, tls) => {
  describe.each(leavings.filter(([how]) => !tls || how !== 'by a reset'))('a client that leaves %s', (_how, leave) => {
    test('before its handshake is complete is heard of by no tool', async () => {
      const scene = await scenes.with(() => undefined);
      const client = await scene.client(tls);
      client.write(handshakeText().slice(0, -2));
      leave(client.socket);
      await client.end();
      expect(scene.tool.connections).toBe(0);
    });

    test('while the tool decides takes the tool’s connection along', async () => {
      const scene = await scenes.with(() => undefined);
      const { client } = await openWebsocket(scene, { tls });
      await scene.tool.request(0);
      leave(client.socket);
      await client.end();
      await expectNothingLeft(scene, 499);
    });

    test('while it is being refused takes the tool’s connection along', async () => {
      const scene = await scenes.with(
        (socket) => void socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhalf'),
      );
      const { client } = await openWebsocket(scene, { tls });
      await client.until('half');
      leave(client.socket);
      await client.end();
      await expectNothingLeft(scene, 499);
    });

    test('afterwards takes the tool’s connection along', async () => {
      const scene = await scenes.with((socket) => void socket.write(accepted));
      const { client, open } = await openWebsocket(scene, { tls });
      await open();
      leave(client.socket);
      await client.end();
      await expectNothingLeft(scene, 101);
    });
  });

  describe.each(leavings)('a tool that leaves %s', (how, leave) => {
    test.each([
      ['before its answer', ''],
      ['in the head of its answer', accepted.slice(0, 40)],
    ])('%s is a 502', async (_when, bytes) => {
      const scene = await scenes.with((socket) => {
        if (bytes) socket.write(bytes, () => leave(socket));
        else leave(socket);
      });
      const { refused } = await openWebsocket(scene, { tls });
      await expectFailure(scene, await refused(), 502, 'UPSTREAM_CLOSED');
      await expectNothingLeft(scene, 502);
    });

    test('while it refuses is an answer that breaks off', async () => {
      const scene = await scenes.with(
        (socket) => void socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhalf'),
      );
      const { client, refused } = await openWebsocket(scene, { tls });
      await client.until('half');
      leave((await scene.tool.request(0)).socket);
      expect(await refused()).toMatchObject({ status: 403, body: 'half', complete: false });
      await expectNothingLeft(scene, 403);
    });

    test('afterwards takes the client’s connection along', async () => {
      const scene = await scenes.with((socket) => void socket.write(accepted));
      const { client, open } = await openWebsocket(scene, { tls });
      await open();
      const { socket } = await scene.tool.request(0);
      if (how === 'by a reset') leave(socket);
      else socket.write('last words', () => leave(socket));
      const text = await client.end();
      if (how !== 'by a reset') expect(text.endsWith('last words')).toBe(true);
      await expectNothingLeft(scene, 101);
    });
  });
});

test('many websockets that end in every way leave nothing behind', async () => {
  const scene = await scenes.with((socket) => void socket.write(accepted));
  const sockets = await Promise.all(Array.from({ length: 60 }, () => openWebsocket(scene, { tls: false })));
  await Promise.all(sockets.map(({ open }) => open()));
  for (const [i, { client }] of sockets.entries())
    leavings[i % 3]![1](i % 2 ? client.socket : (await scene.tool.request(i)).socket);
  await Promise.all(sockets.map(({ client }) => client.end()));
  await until(() => scene.tool.sockets.size === 0);
  await until(() => accessLines(scene.gateway.lines).length === sockets.length);
});

test('an open websocket is ended when the gateway stops', async () => {
  const scene = await scenes.with((socket) => void socket.write(accepted));
  const { client, open } = await openWebsocket(scene);
  await open();
  await scene.gateway.stop();
  await client.end();
  await until(() => scene.tool.sockets.size === 0);
});
