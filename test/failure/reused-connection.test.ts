import { echoPath, type Script } from './support/tool';
import { expectFailure, useScenes } from './support/scene';

const scenes = useScenes();

/**
 * A tool that closes a kept connection just as the second request comes in on it: the request is on its way, and no
 * one reads it.
 */
const closesOnReuse =
  (how: 'end' | 'resetAndDestroy'): Script =>
  (socket, request) => {
    if (request.index === 1) socket[how]();
    else echoPath(socket, request);
  };

describe.each(['end', 'resetAndDestroy'] as const)(
  'a kept connection that the tool closes by %s as it is used again',
  (how) => {
    test.each(['GET', 'HEAD', 'OPTIONS', 'DELETE'])(
      'costs a %s without a body nothing: it is sent once more',
      async (method) => {
        const scene = await scenes.with(closesOnReuse(how));
        expect((await scene.ask('/tool/first')).body).toBe('/first');
        const answer = await scene.ask('/tool/second', { method });
        expect(answer.status).toBe(200);
        expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/first', '/second', '/second']);
        expect(scene.tool.connections).toBe(2);
      },
    );

    test.each([
      ['POST', ['Content-Length: 4'], 'body'],
      ['POST', ['Content-Length: 0'], ''],
      ['PATCH', ['Transfer-Encoding: chunked'], '4\r\nbody\r\n0\r\n\r\n'],
      ['PUT', ['Content-Length: 4'], 'body'],
      ['GET', ['Content-Length: 4'], 'body'],
    ])(
      'is a 502 to a %s with %j, which may have been acted upon or cannot be sent again',
      async (method, fields, body) => {
        const scene = await scenes.with(closesOnReuse(how));
        await scene.ask('/tool/first');
        const answer = await scene.ask('/tool/second', { method, fields, body });
        await expectFailure(scene, answer, 502, 'UPSTREAM_CLOSED');
        expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/first', '/second']);
      },
    );
  },
);

test('a request whose answer broke off in its head is not sent once more', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 1) socket.end('HTTP/1.1 20');
    else echoPath(socket, request);
  });
  await scene.ask('/tool/first');
  await expectFailure(scene, await scene.ask('/tool/second'), 502, 'UPSTREAM_CLOSED');
  expect(scene.tool.requests).toHaveLength(2);
});

test('a request is sent once more, not for ever', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) echoPath(socket, request);
    else socket.end();
  });
  await scene.ask('/tool/first');
  await expectFailure(scene, await scene.ask('/tool/second'), 502, 'UPSTREAM_CLOSED');
  expect(scene.tool.requests).toHaveLength(3);
});

test('a fresh connection that is closed is no reason to try again', async () => {
  const scene = await scenes.with((socket) => void socket.end());
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_CLOSED');
  expect(scene.tool.requests).toHaveLength(1);
});

test('an answer that has begun is not asked for again', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) echoPath(socket, request);
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  await scene.ask('/tool/first');
  expect(await scene.ask('/tool/second')).toMatchObject({ body: 'half', complete: false });
  expect(scene.tool.requests).toHaveLength(2);
});

test('a kept connection that was closed long before is not used', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    else echoPath(socket, request);
  });
  await scene.ask('/tool/first');
  const answer = await scene.ask('/tool/second', { method: 'POST', fields: ['Content-Length: 4'], body: 'body' });
  expect([answer.status, answer.body]).toEqual([200, '/second']);
});
