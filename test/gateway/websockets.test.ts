import { once } from 'node:events';
import WebSocket, { WebSocketServer } from 'ws';
import { startGateway, testConfig, type TestGateway } from '../support/gateway';
import { httpUpstream, type Upstream } from '../support/upstreams';
import type { IncomingMessage, Server } from 'node:http';

let tool: Upstream & { server: Server };
let gateway: TestGateway;
const handshakes: IncomingMessage[] = [];

beforeAll(async () => {
  tool = await httpUpstream((_req, res) => void res.writeHead(404).end('no such page'));
  const echo = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
  });
  echo.on('headers', (headers) => headers.push('Set-Cookie: ws=1; Path=/; HttpOnly', 'X-From-The-Tool: yes'));
  tool.server.on('upgrade', (req: IncomingMessage, socket, head) => {
    handshakes.push(req);
    echo.handleUpgrade(req, socket, head, (client) => {
      client.on('error', () => undefined);
      client.on('message', (data, binary) => client.send(data, { binary }));
      client.on('ping', () => undefined);
    });
  });
  gateway = await startGateway({
    mounts: [
      { name: 'kPow', path: '/kpow', target: tool.url },
      { name: 'Quiet', path: '/quiet', target: tool.url, timeouts: { idle: '50ms' } },
    ],
  });
});
beforeEach(() => (handshakes.length = 0));
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

const open = async (path: string, protocols: string[] = [], options: WebSocket.ClientOptions = {}) => {
  const socket = new WebSocket(`wss://localhost:${gateway.httpsPort}${path}`, protocols, {
    rejectUnauthorized: false,
    origin: `https://localhost:${gateway.httpsPort}`,
    ...options,
  });
  const upgraded = once(socket, 'upgrade') as Promise<[IncomingMessage]>;
  await once(socket, 'open');
  return { socket, answer: (await upgraded)[0] };
};
const close = async (socket: WebSocket) => {
  socket.close(4001, 'done');
  const [code] = (await once(socket, 'close')) as [number];
  return code;
};

test('a handshake gets the request’s headers and path; its answer gets the answer’s', async () => {
  const { socket, answer } = await open('/kpow/chsk?client-id=1', [], { headers: { 'X-Forwarded-For': '6.6.6.6' } });
  const [request] = handshakes;
  expect(request?.url).toBe('/chsk?client-id=1');
  expect(request?.headers).toMatchObject({
    host: `localhost:${gateway.httpsPort}`,
    origin: `https://localhost:${gateway.httpsPort}`,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/kpow',
  });
  expect(answer.headers['set-cookie']).toEqual(['ws=1; Path=/kpow; HttpOnly']);
  expect(answer.rawHeaders).toContain('X-From-The-Tool');
  expect(answer.headers['x-request-id']).toBe(request?.headers['x-request-id']);
  await close(socket);
});

test('any subprotocol and extension passes untouched', async () => {
  const { socket, answer } = await open('/kpow/', ['graphql-ws', 'my.own+proto'], { perMessageDeflate: true });
  expect(handshakes[0]?.headers['sec-websocket-protocol']).toBe('graphql-ws,my.own+proto');
  expect(handshakes[0]?.headers['sec-websocket-extensions']).toContain('permessage-deflate');
  expect(socket.protocol).toBe('my.own+proto');
  expect(answer.headers['sec-websocket-extensions']).toContain('permessage-deflate');
  await close(socket);
});

test('messages of every size and kind pass both ways, and a close code arrives', async () => {
  const { socket } = await open('/kpow/');
  for (const message of ['', 'text', Buffer.from([0, 255, 10, 13]), Buffer.alloc(3_000_000, 7)]) {
    socket.send(message);
    const [echoed] = (await once(socket, 'message')) as [Buffer];
    expect(Buffer.compare(echoed, Buffer.from(message))).toBe(0);
  }
  socket.ping('are you there');
  expect(String((await once(socket, 'pong'))[0])).toBe('are you there');
  expect(await close(socket)).toBe(4001);
});

test('the access log has one line, when the websocket has ended, with the bytes that went to the client', async () => {
  const { socket, answer } = await open('/kpow/logged?token=secret', [], { perMessageDeflate: false });
  socket.send('x'.repeat(1000));
  await once(socket, 'message');
  expect(gateway.lines.filter(({ id }) => id === answer.headers['x-request-id'])).toEqual([]);
  await close(socket);
  const line = await gateway.line(({ id }) => id === answer.headers['x-request-id']);
  expect(line).toMatchObject({ status: 101, mount: '/kpow', path: '/kpow/logged?token=*' });
  expect(line['bytes']).toBeGreaterThan(1000);
});

test('there is no idle limit unless a mount sets one', async () => {
  const quiet = await open('/quiet/');
  const closed = once(quiet.socket, 'close');
  const patient = await open('/kpow/');
  await closed;
  expect(patient.socket.readyState).toBe(WebSocket.OPEN);
  await close(patient.socket);
});

test('a stop ends websockets, after the requests under way', async () => {
  const stopping = await startGateway({ mounts: [{ path: '/kpow', target: tool.url }] });
  const socket = new WebSocket(`wss://localhost:${stopping.httpsPort}/kpow/`, { rejectUnauthorized: false });
  await once(socket, 'open');
  const closed = once(socket, 'close') as Promise<[number]>;
  const atTool = [...tool.sockets].at(-1);
  const gone = new Promise((resolve) => atTool?.once('close', resolve));
  await stopping.stop();
  expect((await closed)[0]).toBe(1001);
  await gone;
});

test('a reload keeps websockets of mounts that still exist', async () => {
  const { socket } = await open('/kpow/');
  await gateway.gateway.reload(
    testConfig({
      mounts: [
        { name: 'kPow', path: '/kpow', target: tool.url },
        { name: 'New', path: '/new', target: tool.url },
      ],
    }),
  );
  socket.send('still here');
  expect(String((await once(socket, 'message'))[0])).toBe('still here');
  await close(socket);
  const { socket: later } = await open('/new/');
  await close(later);
});
