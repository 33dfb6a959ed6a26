import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { parseTarget } from '../../../src/config/target';
import { sendOnce, type OneAnswer } from '../../../src/upstream/send-once';
import { refusingPort } from '../../support/free-ports';
import { rawUpstream, type Upstream } from '../../support/upstreams';
import type { Socket } from 'node:net';

const limits = { connect: 1_000, head: 300, body: 300, bytes: 4_096 };

const open: Upstream[] = [];
afterAll(() => Promise.all(open.map((upstream) => upstream.close())));

/** Sends a request to a tool that answers it with bytes. */
async function ask(script: (socket: Socket) => void, fields: readonly string[] = []) {
  const upstream = await rawUpstream((socket) => socket.once('data', () => script(socket)));
  open.push(upstream);
  return askAt(upstream.url, fields);
}

function askAt(url: string, fields: readonly string[] = []) {
  const target = parseTarget(url);
  if (typeof target === 'string') throw new Error(target);
  const request = { method: 'GET', target: '/x', fields: ['Host', 'tool', ...fields] };
  return sendOnce(request, { name: 'Tool', target, tls: {}, maxHead: 8_192 }, limits);
}

async function answer(script: (socket: Socket) => void): Promise<OneAnswer> {
  const result = await ask(script);
  if (result.kind === 'failed') throw result.error;
  return result;
}

async function code(script: (socket: Socket) => void, fields: readonly string[] = []) {
  const result = await ask(script, fields);
  return result.kind === 'failed' ? result.error.code : result.status;
}

test.each([
  ['gzip', gzipSync('hello')],
  ['br', brotliCompressSync('hello')],
  ['deflate', deflateSync('hello')],
  ['', Buffer.from('hello')],
  ['identity', Buffer.from('hello')],
])('a body in %j is read', async (coding, bytes) => {
  const { body } = await answer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  });
  expect([body.bytes?.toString(), body.received, body.end]).toEqual(['hello', bytes.length, 'whole']);
});

test('of a body in a coding that is not known, its size alone is told', async () => {
  const { body } = await answer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 2\r\n\r\nok'),
  );
  expect(body).toEqual({ bytes: null, received: 2, end: 'whole' });
});

test('a small body that would become a large one does not', async () => {
  const bomb = gzipSync(Buffer.alloc(1024 * 1024));
  const { body } = await answer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    socket.write(bomb);
  });
  expect([body.bytes?.length, body.end]).toEqual([4_096, 'whole']);
});

test('what says that it is compressed, and is not, is no failure', async () => {
  const { body } = await answer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope'),
  );
  expect(body.bytes?.length).toBe(0);
});

test('a body without end is read until it is long enough', async () => {
  const { body } = await answer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = () => {
      if (!socket.destroyed) socket.write(`400\r\n${'x'.repeat(0x400)}\r\n`, () => setImmediate(more));
    };
    more();
  });
  expect([body.bytes?.length, body.end]).toEqual([4_096, 'size']);
});

test('a body that goes silent is waited for no longer than its limit', async () => {
  const { body, bodyAfter } = await answer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
  );
  expect([body.bytes?.toString(), body.end, bodyAfter !== null]).toEqual(['ok', 'time', true]);
});

test.each([
  ['Content-Length: 9\r\n\r\nok', 'short'],
  ['Transfer-Encoding: chunked\r\n\r\nnonsense', 'nonsense'],
])('a body that breaks off is told so: %j', async (rest) => {
  const { body } = await answer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${rest}`);
    socket.end();
  });
  expect(body.end).toBe('broken');
});

test('each way of not answering has the gateway’s code', async () => {
  const handshake = ['Connection', 'Upgrade', 'Upgrade', 'websocket'];
  expect(await code(() => undefined)).toBe('UPSTREAM_RESPONSE_TIMEOUT');
  expect(await code((socket) => socket.end())).toBe('UPSTREAM_CLOSED');
  expect(await code((socket) => socket.write('\x16\x03\x01 garbage'))).toBe('UPSTREAM_BAD_ANSWER');
  expect(await code((socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`))).toBe(
    'UPSTREAM_HEAD_TOO_LARGE',
  );
  expect(await code((socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0'))).toBe(
    'UPSTREAM_BAD_ANSWER',
  );
  const switched = 'HTTP/1.1 101 Ok\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  expect(await code((socket) => socket.write(switched), handshake)).toBe(101);
  expect(await code((socket) => socket.write(switched.replace('websocket', 'h2c')), handshake)).toBe(
    'UPSTREAM_BAD_ANSWER',
  );
});

test('nobody there, and a request that cannot be sent, are answers too', async () => {
  const refused = await askAt(`http://127.0.0.1:${await refusingPort()}`);
  expect(refused).toMatchObject({ kind: 'failed', phase: 'connect', error: { code: 'UPSTREAM_REFUSED' } });
  expect(await askAt(`http://127.0.0.1:${await refusingPort()}`, ['X', 'a\r\nb'])).toMatchObject({ kind: 'failed' });
});
