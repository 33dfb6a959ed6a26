import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { hostname } from 'node:os';
import { inspect } from 'node:util';
import WebSocket, { WebSocketServer } from 'ws';
import { startGateway, type RawConfig, type TestGateway } from '../support/gateway';
import { refusingPort } from '../support/free-ports';
import { OtlpReceiver } from '../support/otlp-receiver';
import { RawClient, exchangeRaw } from '../support/raw-client';
import { httpUpstream, rawUpstream, readUntil, type Upstream } from '../support/upstreams';

let receiver: OtlpReceiver;
let tool: Upstream & { server: Server };
/** The requests that the tool got, by path. */
const got = new Map<string, IncomingMessage>();
const gateways: TestGateway[] = [];

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const sockets = new WebSocketServer({ noServer: true });
  tool = await httpUpstream((req, res) => {
    got.set(req.url ?? '', req);
    if (req.url === '/slow') res.write('half');
    else if (req.url === '/missing') res.writeHead(404).end();
    else if (req.url === '/broken') res.writeHead(503).end();
    else if (req.url === '/cut') {
      res.writeHead(200, { 'Content-Length': '10' }).write('half');
      setImmediate(() => res.destroy());
    } else if (req.url === '/never') return;
    else res.end('ok');
  });
  tool.server.on('upgrade', (req: IncomingMessage, socket, head) => {
    got.set(req.url ?? '', req);
    sockets.handleUpgrade(req, socket, head, (client) => client.on('error', () => undefined));
  });
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
  got.clear();
});
afterAll(async () => {
  await tool.close();
  await receiver.close();
});

async function start(traces: object = {}, more: Partial<RawConfig> = {}): Promise<TestGateway> {
  const gateway = await startGateway({
    mounts: [{ name: 'kPow', path: '/kpow', target: tool.url }],
    traces: { endpoint: receiver.url, ratio: 1, ...traces },
    ...more,
  });
  gateways.push(gateway);
  return gateway;
}

/** Asks for a path; returns what came back, and the request's id. */
async function ask({ httpsPort }: TestGateway, path: string, fields: readonly string[] = [], method = 'GET') {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: tools.example:8443', 'Connection: close', ...fields, '', ''];
  const text = await exchangeRaw(httpsPort, lines.join('\r\n'));
  return { text, id: /x-request-id: (\S+)/i.exec(text)?.[1] };
}

const parentOf = (span: { traceId: string; spanId: string }) => `00-${span.traceId}-${span.spanId}-01`;
const accessLine = (gateway: TestGateway, id: unknown) => gateway.line((line) => line['id'] === id && 'way' in line);

test('a request has a span, and its exchange with the tool one within it, which the tool is told of', async () => {
  const gateway = await start({ service: 'kafka-tools' });
  const began = BigInt(Date.now()) * 1_000_000n;
  const { id } = await ask(gateway, '/kpow/topics?token=SECRET', ['User-Agent: tester/1.0']);
  const { server, client } = await receiver.trace(id);
  const ended = BigInt(Date.now() + 1) * 1_000_000n;

  expect(server).toMatchObject({ name: 'GET /kpow', kind: 2, parentSpanId: '', status: 0, links: [] });
  expect(server.attributes).toEqual({
    'http.request.method': 'GET',
    'http.route': '/kpow',
    'url.path': '/kpow/topics',
    'url.query': 'token=*',
    'url.scheme': 'https',
    'server.address': 'tools.example',
    'server.port': 8443,
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'tester/1.0',
    'http.response.status_code': 200,
    'kpow_gateway.mount': '/kpow',
    'kpow_gateway.request_id': id,
  });
  expect(server.resource).toMatchObject({
    'service.name': 'kafka-tools',
    'service.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
    'host.name': hostname(),
    'telemetry.sdk.name': 'opentelemetry',
  });
  expect(client).toMatchObject({ name: 'GET', kind: 3, traceId: server.traceId, status: 0, events: [] });
  expect(client!.attributes).toEqual({
    'http.request.method': 'GET',
    'url.full': `${tool.url}/topics?token=*`,
    'server.address': '127.0.0.1',
    'server.port': tool.port,
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
  });
  // One within the other, and both within the time that the test took.
  const times = [began, server.start, client!.start, client!.end, server.end, ended];
  expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  expect(client!.start).toBeLessThan(client!.end);

  expect(got.get('/topics?token=SECRET')!.headers).toMatchObject({ traceparent: parentOf(client!) });
  expect(got.get('/topics?token=SECRET')!.headers.tracestate).toBeUndefined();
  expect(await accessLine(gateway, id)).toMatchObject({ trace: server.traceId, span: server.spanId });
  expect(inspect(receiver.spans, { depth: null })).not.toContain('SECRET');
});

test('names stay few, whatever the method; texts stay short', async () => {
  const gateway = await start();
  const { id } = await ask(gateway, '/kpow/x', [`User-Agent: ${'a'.repeat(5_000)}`], 'PROPFIND');
  const { server, client } = await receiver.trace(id);
  expect([server.name, client!.name]).toEqual(['HTTP /kpow', 'HTTP']);
  expect(server.attributes).toMatchObject({
    'http.request.method': '_OTHER',
    'http.request.method_original': 'PROPFIND',
    'user_agent.original': 'a'.repeat(256),
  });
});

describe('an answer that is an error', () => {
  test('is one to the gateway, which asked; of the gateway only where a server is at fault', async () => {
    const gateway = await start();
    const missing = await receiver.trace((await ask(gateway, '/kpow/missing')).id);
    expect(missing.server).toMatchObject({ status: 0, attributes: { 'http.response.status_code': 404 } });
    expect(missing.server.attributes).not.toHaveProperty(['error.type']);
    expect(missing.client).toMatchObject({ status: 2, attributes: { 'error.type': '404' } });

    const broken = await receiver.trace((await ask(gateway, '/kpow/broken')).id);
    expect(broken.server).toMatchObject({ status: 2, attributes: { 'error.type': '503' } });
    expect(broken.client).toMatchObject({ status: 2, attributes: { 'error.type': '503' } });
  });

  test('has the code of the failure', async () => {
    const mounts = [{ path: '/kpow', target: `http://127.0.0.1:${await refusingPort()}` }];
    const { server, client } = await receiver.trace((await ask(await start({}, { mounts }), '/kpow/')).id);
    expect(server).toMatchObject({
      status: 2,
      attributes: { 'http.response.status_code': 502, 'error.type': 'UPSTREAM_REFUSED' },
    });
    expect(client).toMatchObject({ status: 2, attributes: { 'error.type': 'UPSTREAM_REFUSED' } });
    expect(client!.attributes).not.toHaveProperty(['http.response.status_code']);
  });

  test('may begin well and break off', async () => {
    const { server, client } = await receiver.trace((await ask(await start(), '/kpow/cut')).id);
    expect(server).toMatchObject({
      status: 2,
      attributes: { 'http.response.status_code': 200, 'error.type': 'UPSTREAM_CLOSED' },
    });
    expect(client).toMatchObject({ status: 2, attributes: { 'error.type': 'UPSTREAM_CLOSED' } });
  });

  test('a page of the gateway’s own has no exchange with a tool', async () => {
    const { server, client } = await receiver.trace((await ask(await start(), '/nowhere')).id);
    expect(server).toMatchObject({ name: 'GET', status: 0, attributes: { 'error.type': 'NO_MOUNT' } });
    expect(client).toBeUndefined();
  });
});

test('a client that leaves ends both spans then', async () => {
  const gateway = await start();
  const client = await RawClient.connect(gateway.httpsPort);
  client.write('GET /kpow/slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const id = /x-request-id: (\S+)/i.exec(await client.until('half'))?.[1];
  client.destroy();
  const spans = await receiver.trace(id);
  expect(spans.server).toMatchObject({
    status: 0,
    attributes: { 'http.response.status_code': 499, 'error.type': 'CLIENT_CLOSED' },
  });
  expect(spans.client).toMatchObject({ attributes: { 'error.type': 'CLIENT_CLOSED' } });
});

test('a request that is sent once more is one exchange, which says so', async () => {
  const heads: string[] = [];
  const closing = await rawUpstream((socket) => {
    socket.on('error', () => undefined);
    const answer = async () => {
      heads.push(await readUntil(socket));
      // The second request on the first connection meets its end.
      if (heads.length === 2) socket.end();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      if (heads.length === 1) await answer();
    };
    answer().catch(() => undefined);
  });
  const gateway = await start({}, { mounts: [{ path: '/kpow', target: closing.url }] });
  await ask(gateway, '/kpow/first');
  const { server, client } = await receiver.trace((await ask(gateway, '/kpow/second')).id);
  expect(client).toMatchObject({
    events: ['resent'],
    status: 0,
    attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 200 },
  });
  expect(server.status).toBe(0);
  expect(heads.slice(1).map((head) => /traceparent: (\S+)/.exec(head)?.[1])).toEqual([
    parentOf(client!),
    parentOf(client!),
  ]);
  await closing.close();
});

test('a websocket’s spans end when it is accepted; its line in the log, when it closes, names them', async () => {
  const gateway = await start();
  const socket = new WebSocket(`wss://localhost:${gateway.httpsPort}/kpow/chsk`, { rejectUnauthorized: false });
  await once(socket, 'open');
  const [server] = await receiver.until(1, (span) => span.attributes['url.path'] === '/kpow/chsk');
  const client = receiver.spans.find(({ parentSpanId }) => parentSpanId === server!.spanId);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(server).toMatchObject({ name: 'GET /kpow', attributes: { 'http.response.status_code': 101 } });
  expect(got.get('/chsk')!.headers).toMatchObject({ traceparent: parentOf(client!), upgrade: 'websocket' });
  expect(client).toMatchObject({ status: 0, attributes: { 'http.response.status_code': 101 } });
  socket.close();
  const line = await gateway.line((each) => each['status'] === 101);
  expect(line).toMatchObject({ trace: server!.traceId, span: server!.spanId });
});

test('what machines ask for all the time has no trace; the portal has', async () => {
  const gateway = await start();
  for (const path of ['/-/up', '/-/healthy?x', '/-/metrics', '/-/assets/portal.css']) {
    const { id } = await ask(gateway, path);
    expect(await accessLine(gateway, id)).not.toHaveProperty('trace');
  }
  const { server } = await receiver.trace((await ask(gateway, '/')).id);
  expect(server).toMatchObject({ name: 'GET', attributes: { 'url.path': '/' } });
});

describe('at the end', () => {
  test('what was recorded is sent, also of a request that is cut off', async () => {
    const gateway = await start({}, { drain: { timeout: '50ms' } });
    const client = await RawClient.connect(gateway.httpsPort);
    client.write('GET /kpow/never HTTP/1.1\r\nHost: localhost\r\n\r\n');
    while (!got.has('/never')) await once(tool.server, 'request');
    await gateway.stop();
    expect(receiver.spans.filter(({ attributes }) => attributes['url.path'] === '/kpow/never')).toHaveLength(1);
  });
});
