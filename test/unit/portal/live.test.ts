import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { createLiveStatus, type LiveStatus, type LiveStatusOptions } from '../../../src/portal/live';
import { createPortal, type Portal, type ToolStatus } from '../../../src/portal/portal';
import type { MountConfig } from '../../../src/config/config';
import { FakeBoard, mountNamed, statusOf } from './fixtures';

const kpow = mountNamed('kPow', '/kpow');
const grafana = mountNamed('Grafana', '/grafana');

interface Message {
  type: string;
  revision: string;
  tools: ToolStatus[];
}

let board: FakeBoard;
let server: Server;
let live: LiveStatus;
let open: (WebSocket | Socket)[];

const portalOf = (mounts: MountConfig[]): Portal => createPortal({ mounts, portal: { title: 'Tools' } }, board);

async function start(options: LiveStatusOptions = {}): Promise<void> {
  live = createLiveStatus(portalOf([kpow, grafana]), {
    changeDelay: 5,
    latencyDelay: 5,
    closeTimeout: 200,
    ...options,
  });
  server = createServer().on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

const port = (): number => (server.address() as AddressInfo).port;

/** A page that keeps every message, so that none is missed between two awaits. */
function page() {
  const socket = new WebSocket(`ws://127.0.0.1:${port()}/-/live`);
  open.push(socket);
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse((data as Buffer).toString('utf8')));
    waiting.splice(0).forEach((wake) => wake());
  });
  const next = async (): Promise<Message> => {
    while (messages.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return messages.shift()!;
  };
  return { socket, next };
}

/** A client that opens a websocket by hand and then never answers anything. */
async function deafClient(): Promise<Socket> {
  const socket = connect(port(), '127.0.0.1');
  open.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    'GET /-/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

beforeEach(() => {
  open = [];
  board = new FakeBoard().set(kpow, statusOf('healthy')).set(grafana, statusOf('healthy'));
});

afterEach(async () => {
  await live.close();
  for (const socket of open) {
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
  }
  server.close();
  await once(server, 'close');
});

test('sends everything to begin with', async () => {
  await start();
  expect(await page().next()).toMatchObject({
    type: 'snapshot',
    revision: portalOf([kpow, grafana]).revision,
    summary: { headline: 'Both tools are well' },
    tools: [
      { path: '/kpow', state: 'healthy', word: 'Well', latencyText: '12 ms' },
      { path: '/grafana', state: 'healthy' },
    ],
  });
});

test('sends every page what changes, and only that', async () => {
  await start();
  const pages = [page(), page()];
  for (const { next } of pages) await next();
  board.set(grafana, statusOf('unreachable', { detail: 'refuses the connection', advice: ['Start it'] }));
  for (const { next } of pages) {
    const message = await next();
    expect(message).toMatchObject({ type: 'change', summary: { headline: '1 of 2 tools is well', troubled: 1 } });
    expect(message.tools).toEqual([
      expect.objectContaining({
        path: '/grafana',
        state: 'unreachable',
        detail: 'Grafana refuses the connection.',
        advice: ['Start it.'],
      }),
    ]);
  }
});

test('gathers changes that come together into one message', async () => {
  await start({ changeDelay: 20 });
  const { next } = page();
  await next();
  board.set(kpow, statusOf('unhealthy')).set(grafana, statusOf('unreachable')).set(kpow, statusOf('unreachable'));
  const { tools } = await next();
  expect(tools.map(({ path, state }) => [path, state])).toEqual([
    ['/kpow', 'unreachable'],
    ['/grafana', 'unreachable'],
  ]);
});

test('does not let a state wait behind a latency', async () => {
  await start({ latencyDelay: 3_600_000 });
  const { next } = page();
  await next();
  board.set(kpow, statusOf('healthy', { latency: 99 }));
  board.set(grafana, statusOf('unreachable'));
  expect((await next()).tools).toMatchObject([
    { path: '/kpow', latencyText: '99 ms' },
    { path: '/grafana', state: 'unreachable' },
  ]);
});

test('tells pages of another revision after a reload of the configuration, and watches the new board', async () => {
  await start();
  const { next } = page();
  const before = await next();
  const oldBoard = board;
  board = new FakeBoard().set(kpow, statusOf('unhealthy'));
  live.update(portalOf([kpow]));
  const after = await next();
  expect(after).toMatchObject({ type: 'snapshot', tools: [{ path: '/kpow', state: 'unhealthy' }] });
  expect(after.revision).not.toBe(before.revision);
  expect(oldBoard.watched).toBe(false);
  board.set(kpow, statusOf('healthy'));
  expect(await next()).toMatchObject({ type: 'change', tools: [{ state: 'healthy' }] });
});

test('keeps pages that answer, and says that it is alive', async () => {
  await start({ pingInterval: 25 });
  const { next } = page();
  await next();
  for (let i = 0; i < 4; i += 1) expect(await next()).toEqual({ type: 'alive' });
  expect(live.clients).toBe(1);
});

test('ends peers that no longer answer', async () => {
  await start({ pingInterval: 25 });
  const deaf = await deafClient();
  deaf.resume();
  await once(deaf, 'close');
  while (live.clients > 0) await new Promise(setImmediate);
});

test('ends a client that reads too slowly to keep up', async () => {
  await start({ maxBuffered: 64 * 1024 });
  const slow = await deafClient();
  slow.pause();
  while (live.clients > 0) {
    for (let i = 0; i < 50; i += 1) live.update(portalOf([kpow]));
    await new Promise(setImmediate);
  }
});

test('ignores what clients say', async () => {
  await start();
  const { socket, next } = page();
  await next();
  socket.send('{"type":"change","tools":[]}');
  socket.send(Buffer.from([0, 1, 2]));
  board.set(kpow, statusOf('unhealthy'));
  expect(await next()).toMatchObject({ type: 'change' });
});

test('cuts off a client that says too much', async () => {
  await start();
  const { socket, next } = page();
  await next();
  socket.send('x'.repeat(5000));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1009);
});

test('refuses more clients than it is meant to have', async () => {
  await start({ maxClients: 1 });
  await page().next();
  const { socket } = page();
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(503);
  expect(live.clients).toBe(1);
});

test('ends all pages with 1001 when it closes', async () => {
  await start();
  const pages = [page(), page()];
  for (const { next } of pages) await next();
  const codes = Promise.all(pages.map(async ({ socket }) => (await once(socket, 'close'))[0]));
  await live.close();
  expect(await codes).toEqual([1001, 1001]);
  expect(board.watched).toBe(false);
});

test('does not wait for long for a peer that does not answer the close', async () => {
  await start({ closeTimeout: 20 });
  await deafClient();
  await live.close();
  expect(live.clients).toBe(0);
});

test('refuses pages once it is closed', async () => {
  await start();
  await live.close();
  const { socket } = page();
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(503);
});
