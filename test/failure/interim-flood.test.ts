import type { Socket } from 'node:net';
import { expectFailure, until, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const impatient = { mount: { timeouts: { response: '300ms' } } };
const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n';

/** Sends the same bytes for as long as there is a connection. */
function flood(socket: Socket, bytes: string): void {
  if (!socket.destroyed) socket.write(bytes, () => setImmediate(flood, socket, bytes));
}

test('a few interim answers do not stand in the way of the answer', async () => {
  const scene = await scenes.with((socket) => {
    socket.write(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${hint}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
    );
  });
  expect(await scene.ask()).toMatchObject({ status: 200, body: 'ok', interim: [103] });
});

test('a tool that sends interim answers without end is a 504 in the usual time', async () => {
  const scene = await scenes.with((socket) => {
    flood(socket, hint.repeat(50));
  }, impatient);
  const answer = await scene.ask();
  await expectFailure(scene, answer, 504, 'UPSTREAM_RESPONSE_TIMEOUT');
  await until(() => scene.tool.sockets.size === 0);
  // Hints are hints: a client is not flooded because a tool floods.
  expect(answer.interim.length).toBeLessThan(100);
});

test('so it is for a websocket', async () => {
  const scene = await scenes.with((socket) => {
    flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n');
  }, impatient);
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
});

test('an interim answer that is too large is a 502', async () => {
  const scene = await scenes.with(
    (socket) => void socket.write(`HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(100_000)}\r\n\r\n`),
  );
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_HEAD_TOO_LARGE');
});
