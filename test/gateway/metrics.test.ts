import { once } from 'node:events';
import { request } from 'node:http';
import WebSocket, { WebSocketServer } from 'ws';
import { startKpow } from '../../src/demo/kpow';
import { makeAuthority } from '../support/authority';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { parseMetrics } from '../support/metrics';
import { RawClient } from '../support/raw-client';
import { connectTls } from '../support/tls-client';
import { httpUpstream, rawUpstream } from '../support/upstreams';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function gatewayWith(raw: RawConfig): Promise<TestGateway> {
  const gateway = await startGateway({ ...raw, listen: { http: { mode: 'serve' } } });
  closing.push(() => gateway.stop());
  return gateway;
}

interface AskOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

function ask(port: number, { path = '/-/metrics', method = 'GET', headers = {} }: AskOptions = {}) {
  return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body }),
      );
    });
    asked.on('error', reject).end();
  });
}

const read = async (gateway: TestGateway) => parseMetrics((await ask(gateway.httpPort)).body);

/** The metrics once they satisfy the test: what is counted at a connection's end comes a moment after its last byte. */
async function eventually(gateway: TestGateway, test: (samples: Map<string, number>) => boolean) {
  for (;;) {
    const samples = await read(gateway);
    if (test(samples)) return samples;
  }
}

async function tool() {
  const upstream = await httpUpstream((req, res) => {
    res.statusCode = req.url === '/missing' ? 404 : 200;
    res.end('hello');
  });
  closing.push(() => upstream.close());
  return upstream;
}

test('requests, bytes, latencies and connections are counted by mount', async () => {
  const { url: target } = await tool();
  const gateway = await gatewayWith({
    mounts: [
      { path: '/a', target },
      { path: '/b', target },
    ],
  });
  for (const path of ['/a/', '/a/', '/a/missing', '/nothing']) await ask(gateway.httpPort, { path });
  await ask(gateway.httpPort, { path: '/a/', method: 'POST' });
  const samples = await read(gateway);
  expect(samples.get('kpow_gateway_requests_total{mount="/a",method="GET",status="2xx",way="relay"}')).toBe(2);
  expect(samples.get('kpow_gateway_requests_total{mount="/a",method="GET",status="4xx",way="relay"}')).toBe(1);
  expect(samples.get('kpow_gateway_requests_total{mount="/a",method="POST",status="2xx",way="relay"}')).toBe(1);
  expect(samples.get('kpow_gateway_requests_total{mount="/-/",method="GET",status="4xx",way="app"}')).toBe(1);
  expect(samples.get('kpow_gateway_failures_total{mount="/-/",code="NO_MOUNT"}')).toBe(1);
  expect(samples.get('kpow_gateway_response_body_bytes_total{mount="/a"}')).toBe(20);
  expect(samples.get('kpow_gateway_request_duration_seconds_count{mount="/a"}')).toBe(4);
  expect(samples.get('kpow_gateway_time_to_first_byte_seconds_bucket{mount="/a",le="+Inf"}')).toBe(4);
  expect(samples.get('kpow_gateway_time_to_first_byte_seconds_sum{mount="/a"}')).toBeGreaterThan(0);
  expect(samples.get('kpow_gateway_request_duration_seconds_count{mount="/b"}')).toBe(0);
  expect(samples.get('kpow_gateway_upstream_requests_total{mount="/a",connection="new"}')).toBe(1);
  expect(samples.get('kpow_gateway_upstream_requests_total{mount="/a",connection="reused"}')).toBe(3);
  expect(samples.get('kpow_gateway_upstream_connections{mount="/a",state="idle"}')).toBe(1);
  expect(samples.get('kpow_gateway_upstream_connections{mount="/a",state="active"}')).toBe(0);
  expect(samples.get('kpow_gateway_requests_in_flight')).toBe(1);
  expect(samples.get('kpow_gateway_client_connections{listener="http"}')).toBeGreaterThanOrEqual(1);
  expect(samples.get('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
});

test('failures are counted by their code, a connection without a request too', async () => {
  const refusing = await httpUpstream((_req, res) => void res.destroy());
  await refusing.close();
  const gateway = await gatewayWith({ mounts: [{ path: '/gone', target: refusing.url }] });
  expect((await ask(gateway.httpPort, { path: '/gone/' })).status).toBe(502);
  const client = await RawClient.connect(gateway.httpPort, false);
  client.write('not http\r\n\r\n');
  await client.until('400');
  const samples = await read(gateway);
  expect(samples.get('kpow_gateway_failures_total{mount="/gone",code="UPSTREAM_REFUSED"}')).toBe(1);
  expect(samples.get('kpow_gateway_failures_total{mount="/-/",code="BAD_REQUEST"}')).toBe(1);
  expect(samples.get('kpow_gateway_upstream_requests_total{mount="/gone",connection="new"}')).toBe(1);
});

test('a client that leaves is a 499', async () => {
  const silent = await rawUpstream(() => undefined);
  closing.push(() => silent.close());
  const gateway = await gatewayWith({ mounts: [{ path: '/slow', target: silent.url }] });
  const client = await RawClient.connect(gateway.httpPort, false);
  client.write('GET /slow/ HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(gateway, (samples) => samples.get('kpow_gateway_requests_in_flight') === 2);
  client.socket.destroy();
  const code = 'kpow_gateway_failures_total{mount="/slow",code="CLIENT_CLOSED"}';
  const samples = await eventually(gateway, (all) => all.get(code) === 1);
  expect(samples.get('kpow_gateway_requests_total{mount="/slow",method="GET",status="4xx",way="relay"}')).toBe(1);
});

test('a request that is sent once more is a retry', async () => {
  let asked = 0;
  const closesOnReuse = await rawUpstream((socket) => {
    socket.on('data', () => {
      asked++;
      if (asked === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  closing.push(() => closesOnReuse.close());
  const gateway = await gatewayWith({ mounts: [{ path: '/t', target: closesOnReuse.url }] });
  await ask(gateway.httpPort, { path: '/t/' });
  expect((await ask(gateway.httpPort, { path: '/t/' })).status).toBe(200);
  const samples = await read(gateway);
  expect(samples.get('kpow_gateway_retries_total{mount="/t"}')).toBe(1);
  expect(samples.get('kpow_gateway_upstream_requests_total{mount="/t",connection="new"}')).toBe(2);
});

describe('websockets', () => {
  async function echo() {
    const upstream = await httpUpstream((_req, res) => void res.end());
    const server = new WebSocketServer({ server: upstream.server });
    const clients: WebSocket[] = [];
    server.on('connection', (client) => {
      clients.push(client);
      client.on('error', () => undefined);
      client.on('message', (data) => client.send(data));
    });
    closing.push(() => upstream.close());
    return { url: upstream.url, clients };
  }

  test('are counted while they are open, with their bytes each way', async () => {
    const gateway = await gatewayWith({ mounts: [{ path: '/ws', target: (await echo()).url }] });
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.httpPort}/ws/`);
    await once(socket, 'open');
    socket.send('x'.repeat(100));
    await once(socket, 'message');
    const open = await read(gateway);
    expect(open.get('kpow_gateway_websockets_open{mount="/ws"}')).toBe(1);
    // A frame of 100 bytes has a head of 2, and 4 bytes of mask on the client's side (RFC 6455 §5.2).
    expect(open.get('kpow_gateway_websocket_bytes_total{mount="/ws",direction="to_tool"}')).toBe(106);
    expect(open.get('kpow_gateway_websocket_bytes_total{mount="/ws",direction="to_client"}')).toBe(102);
    socket.close(1000);
    const samples = await eventually(gateway, (all) => all.get('kpow_gateway_websockets_open{mount="/ws"}') === 0);
    expect(samples.get('kpow_gateway_websockets_ended_total{mount="/ws",by="client"}')).toBe(1);
    expect(samples.get('kpow_gateway_websockets_opened_total{mount="/ws"}')).toBe(1);
  });

  test('that the tool closes, that are cut, and that were silent too long are told apart', async () => {
    const { url: target, clients } = await echo();
    const gateway = await gatewayWith({
      mounts: [
        { path: '/ws', target },
        { path: '/quiet', target, timeouts: { idle: '20ms' } },
      ],
    });
    const quiet = new WebSocket(`ws://127.0.0.1:${gateway.httpPort}/quiet/`);
    await once(quiet, 'close');
    for (const end of ['close', 'terminate'] as const) {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.httpPort}/ws/`);
      await once(socket, 'open');
      clients.at(-1)?.[end]();
      await once(socket, 'close');
    }
    await eventually(
      gateway,
      (all) =>
        all.get('kpow_gateway_websockets_ended_total{mount="/ws",by="tool"}') === 1 &&
        all.get('kpow_gateway_websockets_ended_total{mount="/ws",by="cut"}') === 1 &&
        all.get('kpow_gateway_websockets_ended_total{mount="/quiet",by="idle"}') === 1,
    );
  });
});

test('a mount’s state, its trouble and its probes are told', async () => {
  const kpow = await startKpow({ port: 0, errorStateLasts: 0 });
  closing.push(() => kpow.close());
  const gateway = await gatewayWith({
    mounts: [
      { path: '/kpow', target: kpow.url, health: { path: '/healthy', interval: '20ms' } },
      { path: '/other', target: kpow.url },
    ],
  });
  const state = (mount: string, is: string) => `kpow_gateway_mount_state{mount="${mount}",state="${is}"}`;
  const well = await eventually(gateway, (all) => all.get(state('/kpow', 'healthy')) === 1);
  expect(well.get(state('/kpow', 'unhealthy'))).toBe(0);
  expect(well.get(state('/other', 'unchecked'))).toBe(1);
  expect(well.get('kpow_gateway_probe_duration_seconds{mount="/kpow"}')).toBeGreaterThan(0);
  expect(well.get('kpow_gateway_mount_trouble{mount="/kpow",reason="kpow-error-state"}')).toBeUndefined();
  kpow.setErrorState(true);
  const ill = await eventually(gateway, (all) => all.get(state('/kpow', 'unhealthy')) === 1);
  expect(ill.get('kpow_gateway_mount_trouble{mount="/kpow",reason="kpow-error-state"}')).toBe(1);
  expect(ill.get('kpow_gateway_probes_total{mount="/kpow",outcome="unhealthy"}')).toBeGreaterThanOrEqual(2);
});

test('reloads are counted, refused ones too, and mounts that stay keep their numbers', async () => {
  const { url: target } = await tool();
  const gateway = await gatewayWith({
    mounts: [
      { path: '/stays', target },
      { path: '/goes', target },
    ],
  });
  await ask(gateway.httpPort, { path: '/stays/' });
  const before = await read(gateway);
  const listen = { http: { mode: 'serve' } };
  await gateway.gateway.reload(testConfig({ mounts: [{ path: '/stays', target }], listen }));
  const fails = () => gateway.gateway.reload(() => testConfig({ mounts: [{ path: 'wrong', target }] }));
  await expect(fails()).rejects.toThrow(/mounts\[0\]\.path/);
  const samples = await read(gateway);
  expect(samples.get('kpow_gateway_config_reloads_total{result="success"}')).toBe(1);
  expect(samples.get('kpow_gateway_config_reloads_total{result="failure"}')).toBe(1);
  expect(samples.get('kpow_gateway_config_last_reload_successful')).toBe(0);
  const loaded = 'kpow_gateway_config_loaded_timestamp_seconds';
  expect(samples.get(loaded)).toBeGreaterThan(before.get(loaded)!);
  expect(samples.get('kpow_gateway_requests_total{mount="/stays",method="GET",status="2xx",way="relay"}')).toBe(1);
  expect([...samples.keys()].filter((name) => name.includes('"/goes"'))).toEqual([]);
});

test('the expiry of each served certificate is told', async () => {
  const { files } = await (await makeAuthority('Test authority')).server('other.example', 'more.example');
  const mounts = [{ path: '/t', target: 'http://127.0.0.1:9' }];
  const gateway = await startGateway({ mounts, listen: { https: { certificates: [files] }, http: { mode: 'serve' } } });
  closing.push(() => gateway.stop());
  const samples = await read(gateway);
  for (const servername of ['localhost', 'other.example']) {
    const { socket } = await connectTls(gateway.httpsPort, { servername });
    const { valid_to: validTo } = socket.getPeerCertificate();
    socket.destroy();
    const name = `kpow_gateway_certificate_expiry_timestamp_seconds{certificate="${servername}"}`;
    expect(samples.get(name)).toBe(Date.parse(validTo) / 1000);
  }
});

describe('who may read', () => {
  const mounts = [{ path: '/t', target: 'http://127.0.0.1:9' }];

  test('this machine alone, unless more is said', async () => {
    const gateway = await gatewayWith({ mounts });
    const answer = await ask(gateway.httpPort);
    expect(answer).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect((await ask(gateway.httpPort, { method: 'POST' })).status).toBe(405);
  });

  test('not whoever comes through a proxy on this machine that nobody named', async () => {
    const gateway = await gatewayWith({ mounts });
    for (const headers of [{ 'X-Forwarded-For': '203.0.113.9' }, { Forwarded: 'for=203.0.113.9' }]) {
      const answer = await ask(gateway.httpPort, { headers });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'METRICS_FORBIDDEN' });
    }
  });

  test('a trusted proxy’s client by its own address', async () => {
    const gateway = await gatewayWith({
      mounts,
      trustedProxies: ['loopback'],
      metrics: { allow: ['198.51.100.0/24'] },
    });
    const as = async (address: string) =>
      (await ask(gateway.httpPort, { headers: { 'X-Forwarded-For': address } })).status;
    expect(await as('198.51.100.7')).toBe(200);
    expect(await as('203.0.113.9')).toBe(403);
    expect(await as('198.51.100.7, 203.0.113.9')).toBe(403);
    expect((await ask(gateway.httpPort)).status).toBe(403);
  });

  test('nobody where they are off: the path is nobody’s', async () => {
    const gateway = await gatewayWith({ mounts, metrics: 'off' });
    expect((await ask(gateway.httpPort)).status).toBe(404);
  });

  test('a port of their own serves them, and the others no longer do', async () => {
    const gateway = await gatewayWith({ mounts, metrics: { port: 0, host: '127.0.0.1' } });
    const port = gateway.metrics?.port ?? 0;
    for (const path of ['/metrics', '/-/metrics', '/metrics?x=1']) {
      const answer = await ask(port, { path });
      expect(answer.status).toBe(200);
      expect(parseMetrics(answer.body).get('kpow_gateway_requests_in_flight')).toBe(0);
    }
    expect((await ask(port, { path: '/' })).status).toBe(404);
    expect((await ask(port, { path: '/metrics', method: 'DELETE' })).status).toBe(405);
    expect((await ask(gateway.httpPort)).status).toBe(404);
    const broken = await RawClient.connect(port, false);
    broken.write('GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n');
    expect(await broken.end()).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(port, { path: '/metrics' })).status).toBe(200);
    await gateway.gateway.reload(
      testConfig({ mounts, listen: { http: { mode: 'serve' } }, metrics: { port: 0, allow: ['192.0.2.1'] } }),
    );
    expect((await ask(port, { path: '/metrics' })).status).toBe(403);
  });
});
