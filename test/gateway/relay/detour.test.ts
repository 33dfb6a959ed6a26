import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import WebSocket from 'ws';
import { startGateway, type RawConfig, type TestGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';

/*
 * What is not for the relay goes to the app over a connection within the process, and the client's connection stays
 * with the relay.
 */

let gateway: TestGateway;
let tool: RecordingUpstream;
const counted = { rateLimit: { requests: 1_000_000, per: '1h' } };

async function start(more: Partial<RawConfig> = {}): Promise<void> {
  tool = await recordingUpstream((req, res) => {
    if (req.url === '/large') res.end(Buffer.alloc(3_000_000, 'l'));
    else if (req.url === '/chunks') ['one', 'two'].forEach((piece, i) => (i === 0 ? res.write(piece) : res.end(piece)));
    else res.end(`answer to ${req.url}.`);
  });
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [
      { path: '/tool', target: tool.url },
      { path: '/counted', target: tool.url, ...counted },
      { path: '/closed', target: tool.url, deny: ['/x'] },
    ],
    ...more,
  });
}
afterEach(async () => {
  await gateway.stop();
  await tool.close();
});

const get = (target: string, ...fields: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: tools.example', ...fields, '', ''].join('\r\n');
const post = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: tools.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const waysOf = () =>
  gateway.lines.flatMap(({ way, path, status }) =>
    typeof way === 'string' ? [`${String(path)} ${String(status)} by ${way}`] : [],
  );
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((next) => setTimeout(next, 5));
};
const statuses = (text: string) => text.match(/HTTP\/1\.1 \d+/g)?.map((line) => Number(line.slice(9)));

test.each([
  ['HTTP', false],
  ['HTTPS', true],
])('over %s, a connection that asked for the gateway’s own stays with the relay', async (_, tls) => {
  await start();
  const client = await RawClient.connect(tls ? gateway.httpsPort : gateway.httpPort, tls);
  await client.write(get('/', 'Accept: text/html')).until('</html>');
  await client.write(get('/tool/1')).until('answer to /1.');
  await client.write(get('/-/up')).until('up\n');
  await client.write(get('/tool')).until('/tool/\r\n');
  await client.write(get('/counted/2')).until('answer to /2.');
  await client.write(get('/counted/chunks')).until('two\r\n0\r\n\r\n');
  await client.write(get('/tool/3')).until('answer to /3.');
  expect(waysOf()).toEqual([
    '/ 200 by app',
    '/tool/1 200 by relay',
    '/-/up 200 by app',
    '/tool 308 by app',
    '/counted/2 200 by app',
    '/counted/chunks 200 by app',
    '/tool/3 200 by relay',
  ]);
  expect(tool.requests.map(({ headers }) => headers['x-forwarded-proto'])).toEqual(
    Array.from({ length: 4 }, () => (tls ? 'https' : 'http')),
  );
  client.destroy();
});

test('requests that arrive together are answered in order, whoever answers them, with and without a body', async () => {
  await start();
  const client = await RawClient.connect(gateway.httpPort, false);
  const targets = ['/tool/1', '/counted/2', '/-/up', '/tool/3', '/counted/4', '/counted/5', '/tool/6'];
  const body = 'b'.repeat(70_000);
  client.write(targets.map((target, i) => (i % 2 === 0 ? get(target) : post(target, body))).join(''));
  await client.until('answer to /6.');
  expect(client.text.match(/answer to [^.]*\.|\bup\n/g)).toEqual([
    'answer to /1.',
    'answer to /2.',
    'up\n',
    'answer to /3.',
    'answer to /4.',
    'answer to /5.',
    'answer to /6.',
  ]);
  const bodies = tool.requests.map(({ body: sent }) => sent.length);
  expect(bodies).toEqual([0, 70_000, 70_000, 0, 70_000, 0]);
  client.destroy();
});

test('a HEAD, a 304 and an answer without a body end where they end', async () => {
  await start();
  const client = await RawClient.connect(gateway.httpPort, false);
  const asset = /\/-\/assets\/[\w.-]+\.css/.exec(await client.write(get('/', 'Accept: text/html')).until('</html>'));
  client.write(get('/').replace('GET', 'HEAD') + get(asset![0]).replace('GET', 'HEAD') + get('/tool/last'));
  await client.until('answer to /last.');
  expect(statuses(client.text)).toEqual([200, 200, 200, 200]);
  client.destroy();
});

test('a large body goes both ways whole, however slowly the client takes it', async () => {
  await start();
  const large = Buffer.alloc(3_000_000, 'q').toString('latin1');
  const client = await RawClient.connect(gateway.httpsPort);
  client.write(post('/counted/large', large)).socket.pause();
  await until(() => tool.requests[0]?.body.length === large.length);
  client.socket.resume();
  await until(() => client.text.length > 3_000_000);
  expect(client.text.endsWith('l'.repeat(3_000_000))).toBe(true);
  const sent = createHash('sha256').update(tool.requests[0]!.body).digest('hex');
  expect(sent).toBe(createHash('sha256').update(large).digest('hex'));
  await client.write(get('/tool/1')).until('answer to /1.');
  client.destroy();
});

test('a client that leaves ends its request at the tool, and an answer that breaks ends the client’s connection', async () => {
  await start();
  await tool.close();
  const broken = await recordingUpstream((req, res) => {
    if (req.url === '/breaks') {
      res.writeHead(200, { 'content-length': 100 });
      res.write('half', () => res.destroy());
    }
  });
  tool = broken;
  await gateway.stop();
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [{ path: '/counted', target: tool.url, ...counted }],
  });
  const client = await RawClient.connect(gateway.httpPort, false);
  expect(await client.write(get('/counted/breaks')).end()).toMatch(/half$/);
  await gateway.line(({ path, code }) => path === '/counted/breaks' && code === 'UPSTREAM_CLOSED');
  const leaving = connect(gateway.httpPort, '127.0.0.1');
  leaving.write(get('/counted/never'));
  await until(() => broken.requests.length === 2);
  leaving.destroy();
  await gateway.line(({ path, status }) => path === '/counted/never' && status === 499);
});

test('the last request that a connection may bring is answered as such', async () => {
  await start({ limits: { requestsPerConnection: 2 } });
  const client = await RawClient.connect(gateway.httpPort, false);
  client.write(get('/tool/1') + get('/-/up') + get('/tool/3'));
  const text = await client.end();
  expect(statuses(text)).toEqual([200, 200]);
  expect(text.match(/^connection: .*$/gim)).toEqual(['Connection: keep-alive', 'Connection: close']);
});

test('what the app refuses is the end of the connection where it says so, and none where it does not', async () => {
  await start();
  const client = await RawClient.connect(gateway.httpPort, false);
  client.write(get('/closed/x') + get('/tool/1') + get('/tool/../../up') + get('/tool/2'));
  const text = await client.end();
  expect(statuses(text)).toEqual([403, 200, 400]);
  expect(text.match(/^connection: .*$/gim)).toEqual([
    'Connection: keep-alive',
    'Connection: keep-alive',
    'Connection: close',
  ]);
});

test('the portal’s websocket, and a handshake that is refused', async () => {
  await start();
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.httpPort}/-/live`, {
    origin: `http://127.0.0.1:${gateway.httpPort}`,
  });
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ type: 'snapshot' });
  socket.close(1000);
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1000);
  const client = await RawClient.connect(gateway.httpPort, false);
  const fields = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  client.write(get('/-/nothing', ...fields, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='));
  expect(statuses(await client.end())).toEqual([404]);
});

test('a gateway that drains answers what is under way, and closes the connection behind it', async () => {
  await start({ drain: { delay: '300ms' } });
  const client = await RawClient.connect(gateway.httpPort, false);
  await client.write(get('/-/up')).until('up\n');
  const stopped = gateway.stop();
  client.write(get('/counted/1'));
  const text = await client.end();
  expect(text).toMatch(/answer to \/1\.$/);
  expect(text.slice(text.indexOf('up\n'))).toMatch(/^Connection: close$/im);
  await stopped;
});

test('a websocket that its tool breaks is over for a client that goes on sending, too', async () => {
  await start();
  const fields = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const handshake = get('/ws/', ...fields, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
  const accepted =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
  const breaking = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(accepted);
      socket.once('data', () => socket.resetAndDestroy());
    });
  });
  await once(breaking.listen(0, '127.0.0.1'), 'listening');
  await gateway.stop();
  const { port } = breaking.address() as AddressInfo;
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [{ path: '/ws', target: `http://127.0.0.1:${port}`, ...counted }],
  });
  const client = connect({ port: gateway.httpPort, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.on('error', () => undefined);
  client.write(handshake);
  const [first] = (await once(client, 'data')) as [Buffer];
  expect(statuses(first.toString('latin1'))).toEqual([101]);
  client.resume();
  // It never ends its own side.
  const sending = setInterval(() => client.write(Buffer.alloc(10_000)), 5);
  await closed;
  clearInterval(sending);
  breaking.close();
});
