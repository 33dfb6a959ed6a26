import type { Socket } from 'node:net';
import { expectFailure, lineWith, until, useScenes } from './support/scene';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();
const impatient = { mount: { timeouts: { response: '300ms' } } };
const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n';

/** Sends the same bytes for as long as there is a connection. */
function flood(socket: Socket, bytes: string): void {
  if (!socket.destroyed) socket.write(bytes, () => setImmediate(flood, socket, bytes));
}

// RFC 9110 §15.2: a proxy forwards them (Caddy does so too; nginx drops them); 100 goes to those alone who wait for it.
test('interim answers are passed on, with their fields as those of an answer', async () => {
  const before = [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 102 Processing\r\nX-Done: 40%\r\nConnection: X-Own\r\nX-Own: 1\r\nContent-Length: 5\r\n\r\n',
    hint,
    'HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /upload/1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 199\r\n\r\n',
  ];
  const scene = await scenes.with((socket) => {
    socket.write(`${before.join('')}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  });
  for (const tls of [true, false]) {
    const { interim, raw, body } = await scene.ask('/tool/', { tls });
    expect([interim, body]).toEqual([[102, 103, 104, 199], 'ok']);
    expect(raw.slice(0, raw.indexOf('HTTP/1.1 200'))).toBe(
      [
        'HTTP/1.1 102 Processing\r\nX-Done: 40%\r\n\r\n',
        hint,
        'HTTP/1.1 104 \r\nLocation: /tool/upload/1\r\n\r\n',
        'HTTP/1.1 199 \r\n\r\n',
      ].join(''),
    );
  }
});

// Its end would be the end of the connection, which the answer is still to come on (RFC 9110 §15.2); curl reads on as well.
test.each([
  ['100 of HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n', ''],
  [
    '102 with Connection: close',
    'HTTP/1.1 102 Processing\r\nConnection: close\r\nX-Of: HTTP/1.0\r\n\r\n',
    'X-Of: HTTP/1.0\r\n',
  ],
  ['102 with more options', 'HTTP/1.1 102 Processing\r\nconnection: X-Own, Close\r\nX-Own: 1\r\n\r\n', ''],
  ['102 with Proxy-Connection', 'HTTP/1.1 102 Processing\r\nProxy-Connection: close\r\n\r\n', ''],
])('an interim answer that says it is the last is not: %s', async (_, interim, passed) => {
  const scene = await scenes.with((socket) => {
    socket.write(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  });
  const { raw, status, body } = await scene.ask();
  expect([status, body]).toEqual([200, 'ok']);
  const before = raw.slice(0, raw.indexOf('HTTP/1.1 200'));
  expect(before).toBe(interim.includes('102') ? `HTTP/1.1 102 Processing\r\n${passed}\r\n` : '');
});

test('HTTP/1.0 knows none of them', async () => {
  const scene = await scenes.with((socket) => {
    socket.write(`HTTP/1.1 102 Processing\r\n\r\n${hint}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  });
  const client = await scene.client();
  expect(await client.write('GET /tool/ HTTP/1.0\r\n\r\n').end()).toMatch(/^HTTP\/1\.1 200 OK\r\n(?!HTTP)[^]*ok$/);
});

test('a websocket’s are passed on before its 101', async () => {
  const scene = await scenes.with((socket) => void socket.write(`HTTP/1.1 102 Processing\r\n\r\n${accepted}`));
  const { client } = await openWebsocket(scene);
  await client.until(/^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 101 [^]*\r\n\r\n$/);
  client.destroy();
  await lineWith(scene, 101);
});

test('those of an adopted tool have its URLs under the mount', async () => {
  const scene = await scenes.with(
    (socket) => void socket.write(`${hint}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`),
    { mount: { prefix: 'adopt' } },
  );
  expect((await scene.ask()).raw).toMatch(
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/tool\/style\.css>; rel=preload\r\n\r\n/,
  );
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
