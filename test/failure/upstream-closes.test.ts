import type { Socket } from 'node:net';
import { openWebsocket } from './support/websocket';
import { echoPath, brokenOnce } from './support/tool';
import { readAnswer } from './support/answer';
import { expectFailure, lineOf, useScenes } from './support/scene';

const scenes = useScenes();
const leavings: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['closes', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
];

describe.each(leavings)('a tool that %s the connection', (_, leave) => {
  test.each([
    ['before its answer', ''],
    ['in the first line', 'HTTP/1.1 20'],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['after an interim answer', 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n'],
  ])('%s is a 502', async (_where, bytes) => {
    const scene = await scenes.with(brokenOnce(bytes, leave));
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_CLOSED');
    expect((await scene.ask('/tool/next')).body).toBe('/next');
  });

  test('before it answers an upload is a 502', async () => {
    const scene = await scenes.with(brokenOnce('', leave));
    const answer = await scene.ask('/tool/', { method: 'POST', fields: ['Content-Length: 5'], body: 'hello' });
    await expectFailure(scene, answer, 502, 'UPSTREAM_CLOSED');
    expect(scene.tool.requests).toHaveLength(1);
  });

  test('before it answers a handshake is a 502', async () => {
    const scene = await scenes.with(brokenOnce('HTTP/1.1 101 Switching Pro', leave));
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_CLOSED');
  });

  test.each([
    ['with a length', 'Content-Length: 10\r\n\r\nhalf'],
    ['between two chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['in a chunk', 'Transfer-Encoding: chunked\r\n\r\n8\r\nhalf'],
    ['before the end of its trailers', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX-Sum: 1\r\n'],
  ])('in a body %s: the client gets what came, and sees that it is not all', async (_where, rest) => {
    const scene = await scenes.with((socket, request) => {
      if (request.index > 0) echoPath(socket, request);
      else socket.write(`HTTP/1.1 200 OK\r\n${rest}`);
    });
    const client = await scene.client();
    client.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\n\r\n');
    await client.until('half');
    leave((await scene.tool.request(0)).socket);
    const answer = readAnswer(await client.end());
    expect([answer.status, answer.body, answer.complete]).toEqual([200, 'half', false]);
    expect(await lineOf(scene, answer)).toMatchObject({ status: 200, code: 'UPSTREAM_CLOSED', bytes: 4 });
    expect((await scene.ask('/tool/next')).body).toBe('/next');
  });
});

test('a body that ends with its connection is whole when the connection is closed', async () => {
  const scene = await scenes.with((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
  expect(await scene.ask()).toMatchObject({ status: 200, body: 'all of it', complete: true });
});

test('and is not when the connection is reset', async () => {
  const scene = await scenes.with((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhalf'));
  const client = await scene.client();
  client.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n');
  await client.until('half');
  (await scene.tool.request(0)).socket.resetAndDestroy();
  expect(readAnswer(await client.end())).toMatchObject({ body: 'half', complete: false });
});
