import { expectFailure, lineOf, until, useScenes } from './support/scene';
import { brokenOnce, echoPath } from './support/tool';
import { accepted, handshakeText, openWebsocket } from './support/websocket';
import { readAnswer } from './support/answer';

const scenes = useScenes();

describe('a tool’s refusal of a websocket reaches the client as it is', () => {
  test.each([
    [
      'a 401 with its challenge',
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="kPow"\r\nContent-Length: 13\r\n\r\nSign in first',
      {
        status: 401,
        reason: 'Unauthorized',
        body: 'Sign in first',
        headers: { 'www-authenticate': 'Basic realm="kPow"' },
      },
    ],
    [
      'a 302, its Location under the prefix',
      'HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n',
      { status: 302, reason: 'Found', body: '', headers: { location: '/tool/login' } },
    ],
    [
      'a 403 in chunks',
      'HTTP/1.1 403 Wrong Origin\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b; Path=/\r\n\r\n5\r\nOrigi\r\n2\r\nn!\r\n0\r\n\r\n',
      { status: 403, reason: 'Wrong Origin', body: 'Origin!', headers: { 'set-cookie': 'a=b; Path=/tool' } },
    ],
    [
      'a 426 with what it would take',
      'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 3\r\n\r\nold',
      { status: 426, body: 'old', headers: { 'sec-websocket-version': '8' } },
    ],
    ['a 200', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { status: 200, body: 'hello' }],
    ['a 503 that ends with the connection', 'HTTP/1.1 503 Busy\r\n\r\nlater', { status: 503, body: 'later' }],
    ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
  ])('%s', async (what, bytes, expected) => {
    const scene = await scenes.with((socket) => {
      socket.write(bytes);
      if (what.includes('ends with')) socket.end();
    });
    const answer = await (await openWebsocket(scene)).refused();
    expect(answer).toMatchObject(expected);
    expect(answer.complete).not.toBe(false);
    expect(answer.headers['connection']).toBe('close');
    expect(await lineOf(scene, answer)).toMatchObject({
      status: expected.status,
      code: null,
      bytes: expected.body.length,
    });
  });
});

test('a refusal that is larger than any buffer arrives as a whole', async () => {
  const page = 'x'.repeat(2_000_000);
  const scene = await scenes.with((socket) => {
    socket.write(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
  });
  const answer = await (await openWebsocket(scene)).refused();
  expect(answer.complete).toBe(true);
});

test('after a refusal no connection to the tool is left hanging, and the next request is answered', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index > 0) echoPath(socket, request);
    else socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  expect((await (await openWebsocket(scene)).refused()).status).toBe(403);
  await until(() => scene.tool.sockets.size === 0);
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});

test.each([
  ['switches to a websocket', accepted],
  ['does not say to what', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
])('a 101 to a plain request that %s is a 502, not a tunnel', async (_, bytes) => {
  const scene = await scenes.with(brokenOnce(`${bytes}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON`));
  const answer = await scene.ask();
  await expectFailure(scene, answer, 502, 'UPSTREAM_BAD_ANSWER');
  expect(answer.raw).not.toContain('POISON');
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});

test.each([
  ['nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['a websocket, by no Connection', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
  [
    'two protocols',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n',
  ],
  ['something else', accepted.replace('websocket', 'h2c')],
])('a 101 to a handshake that switches to %s is a 502', async (_, bytes) => {
  const scene = await scenes.with((socket) => void socket.write(bytes));
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_BAD_ANSWER');
  await until(() => scene.tool.sockets.size === 0);
});

describe('a handshake with a body is a plain request', () => {
  test.each([
    ['a length', ['Content-Length: 4'], 'body', 'body'],
    ['chunks', ['Transfer-Encoding: chunked'], '4\r\nbody\r\n0\r\n\r\n', '4\r\nbody\r\n'],
  ])('with %s', async (_, fields, sent, arrives) => {
    let received = '';
    const scene = await scenes.with((socket, request) => {
      received = request.rest;
      socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
      echoPath(socket, request);
    });
    const client = await scene.client();
    await client.write(handshakeText('/tool/live', fields) + sent).until(/\/live$/);
    expect(readAnswer(client.text).status).toBe(200);
    await until(() => received.includes(arrives));
    expect((await scene.tool.request(0)).head).not.toMatch(/^(upgrade|connection: upgrade)/im);
  });

  test('so no second request can hide in it', async () => {
    const scene = await scenes.with(echoPath);
    const hidden = 'GET /tool/hidden HTTP/1.1\r\nHost: tools.example\r\n\r\n';
    const client = await scene.client();
    client.write(handshakeText('/tool/live', [`Content-Length: ${hidden.length}`]) + hidden);
    await client.until(/\/live$/);
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/live', '/next']);
  });

  test('nor does a POST become a websocket', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client();
    await client.write(handshakeText().replace('GET', 'POST')).until(/\/live$/);
    expect((await scene.tool.request(0)).head).not.toMatch(/^(upgrade|connection: upgrade)/im);
  });
});
