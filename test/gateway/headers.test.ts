import { exchangeRaw } from '../support/raw-client';
import { startGateway, type TestGateway } from '../support/gateway';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let answerWith: Record<string, string | string[]> = {};
let strict: TestGateway;
let trusting: TestGateway;

beforeAll(async () => {
  tool = await recordingUpstream((_req, res) => {
    res.writeHead(302, answerWith).end();
  });
  const mounts = [
    { name: 'kPow', path: '/kpow', target: tool.url },
    { name: 'Own host', path: '/own', target: tool.url, host: 'target', forwardedPrefix: false },
  ];
  strict = await startGateway({ mounts });
  trusting = await startGateway({ mounts, trustedProxies: ['loopback'] });
});
afterAll(async () => {
  await Promise.all([strict.stop(), trusting.stop()]);
  await tool.close();
});

/** The request as the tool got it, and the answer. */
async function send(gateway: TestGateway, fields: string, path = '/kpow/x') {
  tool.requests.length = 0;
  const answer = await exchangeRaw(
    gateway.httpsPort,
    `GET ${path} HTTP/1.1\r\nHost: tools.example:8443\r\n${fields}Connection: close\r\n\r\n`,
  );
  const [request] = tool.requests;
  if (!request) throw new Error(`nothing arrived: ${answer}`);
  return { request, answer };
}

test('a tool is told of its client, whom a stranger cannot invent', async () => {
  const lies =
    'X-Forwarded-For: 6.6.6.6\r\nx-forwarded-proto: http\r\nX_Forwarded_Host: evil\r\nX-Forwarded-Server: evil\r\n' +
    'X-Proxied-Https: on\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Request-Id: mine\r\nX-Kept: 1\r\n';
  const { request, answer } = await send(strict, lies);
  expect(request.headers).toMatchObject({
    host: 'tools.example:8443',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'tools.example:8443',
    'x-forwarded-port': '8443',
    'x-forwarded-prefix': '/kpow',
    forwarded: 'for=127.0.0.1;host="tools.example:8443";proto=https',
    'x-kept': '1',
  });
  expect(JSON.stringify(request.rawHeaders)).not.toMatch(/6\.6\.6\.6|evil|X-Proxied|mine/);
  expect(answer).toContain(`X-Request-Id: ${String(request.headers['x-request-id'])}`);
});

test('a trusted proxy is heard: its chain, scheme, host and request id, also where URLs are fixed', async () => {
  answerWith = { Location: 'http://outer.example/login' };
  const said =
    'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer.example\r\nX-Request-Id: from-outside-1\r\n';
  const { request, answer } = await send(trusting, said);
  expect(request.headers).toMatchObject({
    host: 'tools.example:8443',
    'x-real-ip': '203.0.113.9',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-host': 'outer.example',
    'x-forwarded-port': '443',
    'x-request-id': 'from-outside-1',
  });
  expect(answer).toContain('\r\nX-Request-Id: from-outside-1\r\n');
  expect(answer).toContain('\r\nLocation: /kpow/login\r\n');
  const stranger = await send(strict, said);
  expect(stranger.answer).toContain('\r\nLocation: http://outer.example/login\r\n');
});

test('a hostile request id from a trusted proxy is not taken', async () => {
  const { request } = await send(trusting, `X-Request-Id: ${'a'.repeat(200)}\r\n`);
  expect(request.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
});

test('host: target sends the tool its own name; X-Forwarded-Prefix can be left out', async () => {
  const { request } = await send(strict, 'Origin: https://tools.example:8443\r\n', '/own/x');
  expect(request.headers.host).toBe(`127.0.0.1:${tool.port}`);
  expect(request.headers.origin).toBe(tool.url);
  expect(request.headers).not.toHaveProperty('x-forwarded-prefix');
});

test('Location, cookies and the rest come back under the prefix', async () => {
  answerWith = {
    Location: `http://127.0.0.1:${tool.port}/login?x=1`,
    'Content-Location': '/y',
    Refresh: '1; url=/z',
    'Service-Worker-Allowed': '/',
    'Set-Cookie': ['JSESSIONID=1; Path=/; HttpOnly', 'b=2'],
    'X-Frame-Options': 'SAMEORIGIN',
    'Strict-Transport-Security': 'max-age=1',
  };
  const { answer } = await send(strict, '');
  for (const line of [
    'Location: /kpow/login?x=1',
    'Content-Location: /kpow/y',
    'Refresh: 1; url=/kpow/z',
    'Service-Worker-Allowed: /kpow/',
    'Set-Cookie: JSESSIONID=1; Path=/kpow; HttpOnly',
    'Set-Cookie: b=2',
    'X-Frame-Options: SAMEORIGIN',
  ]) {
    expect(answer).toContain(`\r\n${line}\r\n`);
  }
  // How the gateway is reached is not for a tool to say.
  expect(answer).not.toMatch(/content-security-policy|x-powered-by|strict-transport-security/i);
});
