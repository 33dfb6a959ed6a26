import { once } from 'node:events';
import https from 'node:https';
import request from 'supertest';
import WebSocket from 'ws';
import { startGateway, testConfig, type TestGateway } from '../support/gateway';
import { refusingPort } from '../support/free-ports';
import { httpUpstream, type Upstream } from '../support/upstreams';

let tool: Upstream;
let healthStatus = 200;
const open: (() => Promise<void>)[] = [];

const fast = { interval: '20ms', timeout: '1s', unhealthyAfter: 1, healthyAfter: 1 };
const kpow = () => ({
  name: 'kPow',
  path: '/kpow',
  target: tool.url,
  required: true,
  health: { path: '/healthy', ...fast },
});

async function start(mounts: Parameters<typeof startGateway>[0]['mounts'] = [kpow()], more: object = {}) {
  const gateway = await startGateway({ mounts, ...more });
  open.push(() => gateway.stop());
  return { gateway, ask: client(gateway) };
}
const client = ({ httpsPort }: TestGateway) => {
  const agent = new https.Agent({ rejectUnauthorized: false });
  return {
    get: (path: string) =>
      request(`https://localhost:${httpsPort}`).get(path).agent(agent).trustLocalhost().redirects(0),
    post: (path: string) =>
      request(`https://localhost:${httpsPort}`).post(path).agent(agent).trustLocalhost().redirects(0),
  };
};
const changed = (gateway: TestGateway, state: string) =>
  gateway.line(({ mount, state: now }) => mount === '/kpow' && now === state);

beforeAll(async () => {
  tool = await httpUpstream((req, res) => {
    if (req.url === '/healthy') res.writeHead(healthStatus).end(healthStatus === 200 ? 'ok' : 'Kafka Streams: ERROR');
    else res.end(`kPow says ${req.url ?? ''}`);
  });
});
afterEach(async () => {
  healthStatus = 200;
  await Promise.all(open.splice(0).map((stop) => stop()));
});
afterAll(() => tool.close());

test('/-/up answers 200 while the gateway serves', async () => {
  const { ask } = await start();
  const answer = await ask.get('/-/up');
  expect([answer.status, answer.text]).toEqual([200, 'up\n']);
});

describe('/-/healthy', () => {
  test('tells each mount’s state, and is 200 while every required mount is healthy', async () => {
    const { gateway, ask } = await start([
      kpow(),
      {
        name: 'Away',
        path: '/away',
        target: `http://127.0.0.1:${await refusingPort()}`,
        health: { path: '/', ...fast },
      },
      { name: 'Unwatched', path: '/unwatched', target: tool.url },
    ]);
    await changed(gateway, 'healthy');
    await gateway.line(({ mount, state }) => mount === '/away' && state === 'unreachable');
    const answer = await ask.get('/-/healthy');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'healthy',
      mounts: [
        { name: 'kPow', path: '/kpow', state: 'healthy', required: true },
        { name: 'Away', state: 'unreachable', reason: 'refused', required: false },
        { name: 'Unwatched', state: 'unchecked' },
      ],
    });
    expect(answer.text).not.toMatch(/127\.0\.0\.1/);
  });

  test('is 503 while a required mount is not, and 200 again when it is back, without a restart', async () => {
    const { gateway, ask } = await start();
    await changed(gateway, 'healthy');
    healthStatus = 503;
    await changed(gateway, 'unhealthy');
    expect((await ask.get('/-/healthy')).status).toBe(503);
    expect((await ask.get('/-/up')).status).toBe(200);
    gateway.lines.length = 0;
    healthStatus = 200;
    await changed(gateway, 'healthy');
    expect((await ask.get('/-/healthy')).status).toBe(200);
  });
});

describe('kPow in its ERROR state', () => {
  test('is told of on the portal and on the failure page, with what helps; what it still serves passes', async () => {
    healthStatus = 503;
    const { gateway, ask } = await start();
    await changed(gateway, 'unhealthy');
    const page = await ask.get('/kpow/').set('Accept', 'text/html');
    expect(page.status).toBe(503);
    const portal = await ask.get('/').set('Accept', 'text/html');
    for (const text of [page.text, portal.text]) {
      expect(text).toMatch(/ERROR state/);
      expect(text).toMatch(/[Rr]estart/);
      expect(text).toMatch(/STREAMS_ERROR_STRATEGY/);
      expect(text).toMatch(/liveness probe/);
    }
    const problem = await ask.get('/kpow/api').set('Accept', 'application/json');
    expect([problem.status, problem.body.code]).toEqual([503, 'KPOW_ERROR_STATE']);
    for (const path of ['/up', '/metrics/v1', '/offsets/v1?x', '/streams/v1']) {
      expect((await ask.get(`/kpow${path}`)).text).toBe(`kPow says ${path}`);
    }
    expect((await ask.get('/kpow/healthy')).status).toBe(503);
    expect((await ask.get('/kpow/healthy')).text).toBe('Kafka Streams: ERROR');
  });

  test('is over when /healthy says so', async () => {
    healthStatus = 503;
    const { gateway, ask } = await start();
    await changed(gateway, 'unhealthy');
    healthStatus = 200;
    await changed(gateway, 'healthy');
    expect((await ask.get('/kpow/x')).text).toBe('kPow says /x');
  });

  test('a mount can be told to let requests through all the same', async () => {
    healthStatus = 503;
    const { gateway, ask } = await start([{ ...kpow(), health: { ...kpow().health, whenUnhealthy: 'pass' } }]);
    await changed(gateway, 'unhealthy');
    expect((await ask.get('/kpow/x')).text).toBe('kPow says /x');
  });
});

test('a health path that seems wrong (404) is shown, but stops no request', async () => {
  healthStatus = 404;
  const { gateway, ask } = await start();
  await changed(gateway, 'unhealthy');
  expect((await ask.get('/kpow/x')).text).toBe('kPow says /x');
});

describe('the portal', () => {
  test('is at /, with helmet’s fields and a policy that loads nothing from elsewhere', async () => {
    const { ask } = await start();
    const page = await ask.get('/').set('Accept', 'text/html');
    expect(page.status).toBe(200);
    expect(page.text).toContain('href="/kpow/"');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
    expect(page.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(page.headers).not.toHaveProperty('x-powered-by');
  });

  test('every file that it names is served', async () => {
    const { ask } = await start();
    const { text } = await ask.get('/').set('Accept', 'text/html');
    const files = [...text.matchAll(/(?:href|src)="(\/-\/[^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect([file, (await ask.get(file)).status]).toEqual([file, 200]);
  });

  test('is at /-/portal when a tool has the root', async () => {
    const { ask } = await start([{ name: 'Root', path: '/', target: tool.url }]);
    expect((await ask.get('/').set('Accept', 'text/html')).text).toBe('kPow says /');
    expect((await ask.get('/-/portal').set('Accept', 'text/html')).text).toContain('Root');
  });

  test('other methods are told that they are not served', async () => {
    const { ask } = await start();
    for (const path of ['/', '/-/up', '/-/healthy']) {
      const answer = await ask.post(path);
      expect([path, answer.status, answer.headers['allow']]).toEqual([path, 405, 'GET, HEAD']);
    }
  });

  test('its websocket tells of changes as they happen, and of a reload', async () => {
    const { gateway } = await start();
    await changed(gateway, 'healthy');
    const live = new WebSocket(`wss://localhost:${gateway.httpsPort}/-/live`, {
      rejectUnauthorized: false,
      origin: `https://localhost:${gateway.httpsPort}`,
    });
    const messages: Record<string, unknown>[] = [];
    let wake: () => void = () => undefined;
    live.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
      wake();
    });
    const until = async (test: (text: string) => boolean) => {
      while (!messages.some((it) => test(JSON.stringify(it)))) await new Promise<void>((resolve) => (wake = resolve));
    };
    await until((text) => text.includes('"snapshot"') && text.includes('"healthy"'));
    healthStatus = 503;
    await until((text) => text.includes('"change"') && text.includes('"unhealthy"'));
    const { revision } = messages[0] ?? {};
    await gateway.gateway.reload(testConfig({ mounts: [kpow(), { name: 'New', path: '/new', target: tool.url }] }));
    await until((text) => text.includes('"New"') && !text.includes(String(revision)));
    live.close();
    await once(live, 'close');
  });

  test.each([
    ['https://evil.example', 403],
    ['null', 403],
  ])('its websocket is not for pages of %s', async (origin, status) => {
    const { gateway } = await start();
    const live = new WebSocket(`wss://localhost:${gateway.httpsPort}/-/live`, { rejectUnauthorized: false, origin });
    live.on('error', () => undefined);
    const [, answer] = (await once(live, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(status);
  });
});

describe('the access log', () => {
  test('has one line a request, with its id, and no secret of its query', async () => {
    const { gateway, ask } = await start();
    const answer = await ask
      .get('/kpow/x;jsessionid=hidden?access_token=s3cret&q')
      .set('Authorization', 'Bearer s3cret');
    const line = await gateway.line(({ id }) => id === answer.headers['x-request-id']);
    expect(line).toMatchObject({
      level: 'info',
      mount: '/kpow',
      method: 'GET',
      path: '/kpow/x;jsessionid=*?access_token=*&*',
      status: 200,
      bytes: answer.text.length,
      client: '127.0.0.1',
      code: null,
      way: 'relay',
    });
    expect(line['durationMs']).toBeGreaterThanOrEqual(line['upstreamMs'] as number);
    // Neither is made of hexadecimal digits alone, as the random ids are.
    expect(JSON.stringify(gateway.lines)).not.toMatch(/s3cret|hidden/);
  });

  test('counts the bytes of the gateway’s own answers', async () => {
    const { gateway, ask } = await start();
    const answer = await ask.get('/-/healthy');
    expect(await gateway.line(({ path }) => path === '/-/healthy')).toMatchObject({
      bytes: answer.text.length,
      mount: null,
    });
    const missing = await ask.get('/nope');
    expect(await gateway.line(({ path }) => path === '/nope')).toMatchObject({
      bytes: Buffer.byteLength(missing.text),
      code: 'NO_MOUNT',
    });
  });

  test('can be off', async () => {
    const { gateway, ask } = await start([kpow()], { log: { access: false } });
    await ask.get('/kpow/x');
    expect(gateway.lines.filter(({ path }) => path === '/kpow/x')).toEqual([]);
  });
});

describe('a reload', () => {
  test('adds, changes and takes away mounts for the requests that follow', async () => {
    const { gateway, ask } = await start();
    const restart = await gateway.gateway.reload(
      testConfig({ mounts: [{ name: 'Moved', path: '/moved', target: tool.url }], listen: { http: { port: 1 } } }),
    );
    expect(restart).toEqual(['listen.http.port']);
    expect((await ask.get('/kpow/x')).status).toBe(404);
    expect((await ask.get('/moved/x')).text).toBe('kPow says /x');
  });

  test('keeps the open connections to tools that are still reached in the same way', async () => {
    const { gateway, ask } = await start([{ name: 'kPow', path: '/kpow', target: tool.url }]);
    await ask.get('/kpow/x');
    const before = [...tool.sockets];
    await gateway.gateway.reload(
      testConfig({ mounts: [{ name: 'Renamed', path: '/other', target: `${tool.url}/base` }] }),
    );
    await ask.get('/other/x');
    const after = [...tool.sockets];
    expect(after.length).toBe(before.length);
    expect(after.every((socket, index) => socket === before[index])).toBe(true);
  });

  test('that cannot be put in force leaves everything as it was', async () => {
    const { gateway, ask } = await start();
    const broken = testConfig({
      mounts: [{ name: 'Broken', path: '/broken', target: 'https://localhost:1' }],
    });
    const [mount] = broken.mounts;
    const unreadable = { ...broken, mounts: [{ ...mount!, tls: { ...mount!.tls, ca: '/nonexistent.pem' } }] };
    await expect(gateway.gateway.reload(unreadable)).rejects.toThrow(/nonexistent/);
    expect((await ask.get('/kpow/x')).text).toBe('kPow says /x');
    expect((await ask.get('/broken/x')).status).toBe(404);
  });
});
