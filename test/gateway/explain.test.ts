import { readAsked } from '../../src/explain/asked';
import { adoptScript } from '../../src/adopt/script';
import { createIdleSite, followRequest, type Explanation } from '../../src/explain/explain';
import { exchange, sendLimits, shownAnswer } from '../../src/explain/send';
import { answerLines } from '../../src/explain/text';
import { fieldText } from '../../src/headers/raw';
import { accepted, handshakeFields } from '../failure/support/websocket';
import { echoPath, startTool, type Tool } from '../failure/support/tool';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { refusingPort } from '../support/free-ports';
import { RawClient } from '../support/raw-client';

const authority = 'tools.example:8443';
let tool: Tool;
let gateways: Record<'plain' | 'trusting', TestGateway>;
let configs: Record<'plain' | 'trusting', RawConfig>;

/** Heads of answers, each with what is behind it: the tool gives the one that the query names. */
const answers = {
  redirects:
    'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/login\r\nContent-Location: /x\r\nRefresh: 5; url=/y\r\nService-Worker-Allowed: /\r\nContent-Length: 0\r\n\r\n',
  elsewhere: 'HTTP/1.1 307 Go\r\nLocation: https://idp.example/login\r\nContent-Length: 0\r\n\r\n',
  cookies:
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\nSet-Cookie: __Host-c=3; Path=/; Secure\r\nContent-Length: 2\r\n\r\nok',
  names:
    'HTTP/1.1 302 Found\r\nLocation: http://a1b2c3d4:20116/login\r\nSet-Cookie: a=1; Domain=a1b2c3d4\r\nSet-Cookie: b=1; Path=/; Domain=127.0.0.1\r\nSet-Cookie: c=1; Domain=tools.example\r\nContent-Length: 0\r\n\r\n',
  reserved:
    'HTTP/1.1 200 OK\r\nSet-Cookie: kpow_gateway_target=1\r\nset-cookie: =KPOW_gateway_at_1=1; Domain=127.0.0.1\r\nContent-Length: 0\r\n\r\n',
  odd: 'HTTP/1.1 302 Found\r\nLocation: /\\a:99999999/../..\r\nContent-Location: \\\\[\r\nRefresh: 0; url=//[/..\r\nContent-Length: 0\r\n\r\n',
  named:
    'HTTP/1.1 200 OK\r\nConnection: X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nX-Outer: 2\r\nContent-Length: 2\r\n\r\nok',
  ours: 'HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nX-Request-Id: theirs\r\nServer: tool\r\nContent-Length: 2\r\n\r\nok',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nContent-Type: text/plain\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
  nothing: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n',
  page: `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "1"\r\nLink: </a.css>; rel=preload\r\nContent-Security-Policy: default-src 'none'\r\nAccept-Ranges: bytes\r\nContent-Length: 15\r\n\r\n<a href="/x">x\n`,
  style:
    'HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nCache-Control: max-age=9\r\nExpires: 0\r\nContent-Length: 13\r\n\r\na{b:url("/c")',
  trailed: 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok',
} as const;

beforeAll(async () => {
  tool = await startTool((socket, request) => {
    const named = answers[request.path.split('?')[1] as keyof typeof answers] as string | undefined;
    if (named) socket.write(named);
    else if (/^upgrade:/im.test(request.head)) socket.write(accepted);
    else echoPath(socket, request);
  });
  const mounts = [
    {
      name: 'kPow',
      path: '/kpow',
      target: tool.url,
      names: 'a1b2c3d4:20116',
      deny: ['/metrics/v1'],
      limits: { body: '1kb' },
    },
    { name: 'Deeper', path: '/kpow/deeper', target: `${tool.url}/base`, host: 'target', forwardedPrefix: false },
    { name: 'Keeper', path: '/keep', target: tool.url, prefix: 'keep', methods: ['GET'] },
    { name: 'Counted', path: '/counted', target: tool.url, rateLimit: { requests: 1_000, per: '1m' } },
    { name: 'Adopted', path: '/adopted', target: tool.url, prefix: 'adopt' },
    { name: 'Known', path: '/known', target: tool.url, trustedIdentity: true },
    { name: 'Closed', path: '/closed', target: tool.url, allow: ['10.0.0.0/8'] },
  ];
  const hosts = ['tools.example'];
  configs = { plain: { hosts, mounts }, trusting: { hosts, mounts, trustedProxies: ['loopback'] } };
  const [plain, trusting] = await Promise.all([startGateway(configs.plain), startGateway(configs.trusting)]);
  gateways = { plain, trusting };
});
afterAll(async () => {
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  await tool.close();
});

/** What the gateway did with the same request: its status, where it sent it, the way, and what the tool got. */
async function sent(name: keyof typeof gateways, { request }: Explanation) {
  const gateway = gateways[name];
  const before = tool.requests.length;
  const lines = gateway.lines.length;
  const client = await RawClient.connect(request.secure ? gateway.httpsPort : gateway.httpPort, request.secure);
  client.write(`${request.method} ${request.target} HTTP/1.1\r\n${fieldText(request.fields)}\r\n`);
  const answer = await client.until('\r\n\r\n');
  client.destroy();
  const isOurs = (line: Record<string, unknown>) => line['way'] !== undefined && gateway.lines.indexOf(line) >= lines;
  const { way, mount, code } = await gateway.line(isOurs);
  return {
    status: Number(answer.slice(9, 12)),
    location: /^location: (.*)$/im.exec(answer)?.[1]?.trim(),
    way,
    mount,
    code,
    got: tool.requests[before]?.head.trimEnd().split('\r\n') ?? null,
  };
}

/** An explanation in the same words. */
function told({ outcome, way, mount }: Explanation, httpsPort: number) {
  const tool = outcome.kind === 'tool' ? outcome.request : null;
  const fields = tool?.fields.flatMap(({ name, after }) => (after === null ? [] : [`${name}: ${after}`])) ?? [];
  return {
    status: { tool: 200, own: 200, redirect: 308, refused: outcome.kind === 'refused' ? outcome.status : 0 }[
      outcome.kind
    ],
    location:
      outcome.kind === 'redirect'
        ? outcome.location.replace(/^(https:\/\/[^/:]+)(?::0)?\//, `$1:${httpsPort}/`)
        : undefined,
    way: way.name,
    mount,
    code: outcome.kind === 'refused' ? outcome.code : null,
    got: tool && [`${tool.method} ${tool.target} HTTP/1.1`, ...fields],
  };
}

const withoutIds = (lines: readonly string[] | null) =>
  lines?.map((line) => line.replace(/^(X-Request-Id): (?:[0-9a-f]{32}|\(.*\))$/, '$1')) ?? null;

const forged = ['X-Forwarded-For: 6.6.6.6', 'X_Real_IP: 6.6.6.6', 'x-forwarded-proto: http', 'X-Request-Id: said-1'];

const requests: readonly (readonly [url: string, fields?: readonly string[], method?: string])[] = [
  ['/kpow/brokers?a=b'],
  ['/kpow/brokers', ['Accept: */*', 'Cookie: a=b; kpow_gateway_target=x', 'Origin: https://tools.example:8443']],
  ['/kpow/brokers', ['Cookie: kpow_gateway_target=x']],
  ['/kpow/brokers', forged],
  [
    '/kpow/brokers',
    ['Connection: close, X-Secret', 'X-Secret: 1', 'TE: trailers', 'Proxy: http://evil', 'Keep-Alive: 5'],
  ],
  ['/kpow/brokers', ['Content-Length: 2'], 'DELETE'],
  ['/kpow/brokers', ['Content-Length: 1025'], 'POST'],
  ['/kpow/brokers', [], 'POST'],
  ['/kpow/brokers', [], 'PURGE'],
  ['/kpow/brokers', ['Transfer-Encoding: gzip'], 'POST'],
  ['/kpow/brokers', ['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']],
  ['/kpow'],
  ['/kpow?a'],
  ['/kpow/../keep/'],
  ['/kpow/%2e%2e/keep/'],
  ['/kpow/metrics/v1'],
  ['/kpow//metrics/v1'],
  ['/kpow/live', handshakeFields],
  ['/kpow', handshakeFields],
  ['/kpow?a', [...handshakeFields, 'Origin: https://evil.example']],
  ['/adopted?a', handshakeFields],
  ['/kpow/brokers', ['Host: tools.example:']],
  ['/kpow/live', [...handshakeFields, 'Origin: https://evil.example']],
  ['/kpow/deeper/x', ['Origin: https://tools.example:8443']],
  ['/kpow/deeper/live', handshakeFields],
  ['/kpow/x', [`Destination: https://${authority}/kpow/y`, `If: <https://${authority}/kpow/x> (<urn:uuid:1>)`], 'MOVE'],
  ['/kpow/x', [`Destination: https://${authority}/keep/y`], 'COPY'],
  ['/kpow/x', ['Destination: /kpow/metrics/v1'], 'COPY'],
  ['/kpow/x', ['Cookie: a=b; KPOW_gateway_x=1', 'Cookie: =kpow_gateway_x=1'], 'PUT'],
  ['/adopted/x', ['Destination: https://[', 'Destination: /adopted/y'], 'PUT'],
  ['/keep/x'],
  ['/keep/x', [], 'POST'],
  ['/counted/x'],
  ['/closed/x'],
  ['/closed/x', ['X-Forwarded-For: 10.1.2.3']],
  ['/nothing'],
  ['/Kpow/'],
  ['/'],
  ['/', [], 'POST'],
  ['/-/up'],
  ['/-/nothing'],
  ['/kpow/', ['Host: other.example']],
  ['/-/up', ['Host: other.example']],
  ['http://tools.example/kpow/'],
  ['http://tools.example/kpow/', ['X-Forwarded-Proto: https']],
  ['http://tools.example/-/up'],
  ['/kpow/', [`X-Forwarded-Host: public.example`]],
  ['/kpow/', [`X-Many: ${'x'.repeat(9_000)}`]],
  ['/adopted/x?a', ['Accept-Encoding: gzip, dcb, br', `Referer: https://${authority}/adopted/y?z`]],
  ['/adopted/x', ['Referer: https://other.example/adopted/y', 'Accept-Encoding: dcb']],
  ['/adopted/x', ['Sec-Fetch-Dest: style', 'If-None-Match: "old"', 'Range: bytes=0-']],
  ['/adopted/x', ['Sec-Fetch-Dest: style', 'If-None-Match: W/"1.adopted"']],
  ['/adopted/x', ['Range: bytes=0-', 'If-Range: "1.adopted"', 'If-Match: "1.adopted"']],
  ['/adopted'],
  ['/adopted/live', handshakeFields],
  ['/app.js', [`Referer: https://${authority}/adopted/`]],
  ['/app.js', [`Referer: https://${authority}/adopted/`], 'POST'],
  ['/app.js', [`Referer: https://other.example/adopted/`]],
  ['/app.js', [`Referer: https://${authority}/adopted/`, 'Accept: text/html']],
  ['/sw.js', [`Referer: https://${authority}/adopted/`, 'Service-Worker: script']],
  ['/sw.js', [`Referer: https://${authority}/adopted/`, 'Sec-Fetch-Dest: serviceworker']],
  ['/keep', ['Service-Worker: script']],
  ['/live', [`Referer: https://${authority}/adopted/`, ...handshakeFields]],
  [adoptScript.path],
  ['/kpow/x', ['X-WEBAUTH-USER: a', 'x_webauth_user: b', 'X-Forwarded-User: c', 'Remote-User: d']],
  ['/known/x', ['Remote-User: a', 'X-Forwarded-User: b', 'remote-user: c', 'Remote_User: d', 'Connection: close']],
  ['/known/live', [...handshakeFields, 'X-WEBAUTH-USER: a']],
  ['/known/x', ['X-Forwarded-Prefix: /tools/', 'Forwarded: for=1.2.3.4;host="tools.example", for=10.1.2.3;proto=http']],
  ['/keep/x', ['X-Forwarded-Prefix: /tools', 'X-Forwarded-For: 1.2.3.4', 'Forwarded: host=evil.example']],
  ['/adopted/x', ['X-Forwarded-Prefix: /tools', `Referer: https://${authority}/tools/adopted/y`]],
  ['/kpow?a', ['X-Forwarded-Prefix: /tools']],
  ['/kpow?a', ['X-Forwarded-Prefix: //evil.example']],
  ['/app.js', ['X-Forwarded-Prefix: /tools', `Referer: https://${authority}/tools/adopted/`]],
  ['http://tools.example/kpow/', ['X-Forwarded-Prefix: /tools']],
  ['/kpow/deeper/x', ['X-Forwarded-Host: evil.example', 'X-Forwarded-Host: tools.example', 'X-Forwarded-Port: 1, 2']],
  [
    '/kpow/deeper/live',
    [...handshakeFields, `Origin: https://${authority}`, `Referer: https://${authority}/kpow/deeper/`],
  ],
];

describe.each(['plain', 'trusting'] as const)('a %s gateway does as it was explained', (name) => {
  test.each(requests.map(([url, fields = [], method = 'GET']) => ({ method, url, fields })))(
    '$method $url $fields',
    async ({ method, url, fields }) => {
      const asked = readAsked({
        words: [method, url],
        fields,
        address: '127.0.0.1',
        here: { secure: true, authority },
      });
      const explanation = followRequest(asked, createIdleSite(testConfig(configs[name]))).explanation;
      const expected = told(explanation, gateways[name].httpsPort);
      const done = await sent(name, explanation);
      const status = done.status === 101 ? 200 : done.status;
      expect({ ...done, status, got: withoutIds(done.got) }).toEqual({ ...expected, got: withoutIds(expected.got) });
    },
  );
});

test.each(['FOO', 'PLAY'])('a method that is unknown is explained as it is answered: %s', async (method) => {
  const asked = readAsked({
    words: [method, '/kpow/'],
    fields: [],
    address: '127.0.0.1',
    here: { secure: true, authority },
  });
  const { outcome } = followRequest(asked, createIdleSite(testConfig(configs.plain))).explanation;
  const client = await RawClient.connect(gateways.plain.httpsPort);
  const answer = await client.write(`${method} /kpow/ HTTP/1.1\r\nHost: tools.example\r\n\r\n`).end();
  expect(outcome).toMatchObject({ kind: 'refused', status: 501, code: 'UNKNOWN_METHOD' });
  expect(answer).toMatch(/^HTTP\/1\.1 501 [^]*"code": "UNKNOWN_METHOD"/);
});

/** Of each connection by itself; an id is another one each time. */
const ofTheConnection = /^(?:connection|keep-alive|transfer-encoding|date): /i;
const comparable = (lines: readonly string[]) =>
  lines.filter((line) => !ofTheConnection.test(line)).map((line) => line.replace(/^(X-Request-Id): .*$/, '$1'));

async function shown(
  url: string,
  fields: readonly string[] = [],
  mounts = configs.plain.mounts,
  config: RawConfig = configs.plain,
) {
  const site = createIdleSite(testConfig({ ...config, mounts }));
  const here = { secure: true, authority };
  const { toTool } = followRequest(readAsked({ words: [url], fields, address: '127.0.0.1', here }), site);
  return shownAnswer(await exchange(toTool!, site, sendLimits(toTool!.mount.config, 2_000)));
}

describe('an answer is shown as the gateway passes it on', () => {
  const cases = Object.keys(answers).flatMap((name) => [
    `/kpow/deep/?${name}`,
    `/kpow/deeper/?${name}`,
    `/keep/?${name}`,
    `/adopted/?${name}`,
  ]);
  test.each(cases)('%s', async (url) => {
    const answer = await shown(url);
    if (answer.kind === 'failed') throw new Error(answer.outcome.title);
    const client = await RawClient.connect(gateways.plain.httpsPort, true);
    client.write(`GET ${url} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const [line = '', ...lines] = (await client.until('\r\n\r\n')).split('\r\n\r\n')[0]!.split('\r\n');
    client.destroy();
    const told = answer.fields.flatMap(({ name, after }) => (after === null ? [] : [`${name}: ${after}`]));
    expect([answer.status, comparable(told)]).toEqual([Number(line.slice(9, 12)), comparable(lines)]);
    // Whatever is not as the tool said it has its reason.
    const changed = answer.fields.filter(({ before, after }) => before !== after);
    expect(changed.filter(({ reason }) => reason === null)).toEqual([]);
  });

  test.each(['/kpow/?redirects', '/keep/?redirects', '/adopted/?page'])(
    '%s, behind a proxy that has taken a path off',
    async (url) => {
      const prefix = 'X-Forwarded-Prefix: /tools';
      const answer = await shown(url, [prefix], configs.trusting.mounts, configs.trusting);
      if (answer.kind === 'failed') throw new Error(answer.outcome.title);
      const client = await RawClient.connect(gateways.trusting.httpsPort, true);
      client.write(`GET ${url} HTTP/1.1\r\nHost: ${authority}\r\n${prefix}\r\n\r\n`);
      const [, ...lines] = (await client.until('\r\n\r\n')).split('\r\n\r\n')[0]!.split('\r\n');
      client.destroy();
      const told = answer.fields.flatMap(({ name, after }) => (after === null ? [] : [`${name}: ${after}`]));
      expect(comparable(told)).toEqual(comparable(lines));
      expect(told.join('\n')).toContain('/tools/');
    },
  );
  test('with the reason for each change of a cookie and of a redirect', async () => {
    const reasonsOf = async (url: string) => {
      const answer = await shown(url);
      if (answer.kind === 'failed') throw new Error(answer.outcome.title);
      return answer.fields.flatMap(({ name, before, after, reason }) =>
        before === null ? [] : [[`${name}: ${before}`, after, reason]],
      );
    };
    const domain = expect.stringMatching(/Domain names the tool/) as string;
    const both = expect.stringMatching(/Domain names the tool.*its path goes under the mount/) as string;
    expect(await reasonsOf('/kpow/?names')).toEqual([
      ['Location: http://a1b2c3d4:20116/login', '/kpow/login', expect.stringMatching(/led out of the mount/)],
      ['Set-Cookie: a=1; Domain=a1b2c3d4', 'a=1', domain],
      ['Set-Cookie: b=1; Path=/; Domain=127.0.0.1', 'b=1; Path=/kpow', both],
      ['Set-Cookie: c=1; Domain=tools.example', 'c=1; Domain=tools.example', null],
      ['Content-Length: 0', '0', null],
    ]);
    const kept = expect.stringMatching(/kept for the gateway’s own/) as string;
    expect((await reasonsOf('/kpow/?reserved')).slice(0, 2)).toEqual([
      ['Set-Cookie: kpow_gateway_target=1', null, kept],
      ['set-cookie: =KPOW_gateway_at_1=1; Domain=127.0.0.1', null, kept],
    ]);
  });

  test('the tool gets the very request that was shown', async () => {
    const before = tool.requests.length;
    await shown('/kpow/brokers?a=b', ['Accept: */*', 'Connection: X-Inner', 'X-Inner: 1']);
    const config = testConfig(configs.plain);
    const words = ['/kpow/brokers?a=b'];
    const fields = ['Accept: */*', 'Connection: X-Inner', 'X-Inner: 1'];
    const asked = readAsked({ words, fields, address: '127.0.0.1', here: { secure: true, authority } });
    const got = tool.requests[before]!.head.trimEnd().split('\r\n');
    expect(withoutIds(got)).toEqual(withoutIds(told(followRequest(asked, createIdleSite(config)).explanation, 0).got));
  });

  test('of an adopted tool, also to a request without its mount', async () => {
    const referer = `Referer: https://${authority}/adopted/`;
    const answer = await shown('/x.css?style', [referer]);
    if (answer.kind === 'failed') throw new Error(answer.outcome.title);
    const client = await RawClient.connect(gateways.plain.httpsPort, true);
    client.write(`GET /x.css?style HTTP/1.1\r\nHost: ${authority}\r\n${referer}\r\n\r\n`);
    const [, ...lines] = (await client.until('\r\n\r\n')).split('\r\n\r\n')[0]!.split('\r\n');
    client.destroy();
    const told = answer.fields.flatMap(({ name, after }) => (after === null ? [] : [`${name}: ${after}`]));
    expect(comparable(told)).toEqual(comparable(lines));
    expect(answer.fields).toContainEqual(expect.objectContaining({ name: 'Cache-Control', after: 'no-store' }));
    expect(answer.body).toMatchObject({ type: 'text/css', rewritten: true });
    expect(answerLines(answer).join('\n')).toMatch(/URLs of the tool’s are rewritten: `prefix: adopt`/);
  });

  test('a websocket is accepted, and closed', async () => {
    expect(await shown('/kpow/live', handshakeFields)).toMatchObject({ kind: 'answered', status: 101 });
  });

  test('a tool that fails is told with the code and the advice of the gateway', async () => {
    const mounts = [{ name: 'Away', path: '/away', target: `http://127.0.0.1:${await refusingPort()}` }];
    const answer = await shown('/away/', [], mounts);
    expect(answer).toMatchObject({ kind: 'failed', outcome: { code: 'UPSTREAM_REFUSED', status: 502 } });
    expect(answerLines(answer).join('\n')).toMatch(
      /gave no answer\nThe gateway answers 502 UPSTREAM_REFUSED: Away refused/,
    );
  });

  test('the next target is asked where one takes no connection', async () => {
    const target = [`http://127.0.0.1:${await refusingPort()}`, tool.url];
    const answer = await shown('/away/x', [], [{ name: 'Away', path: '/away', target }]);
    expect(answer).toMatchObject({ kind: 'answered', from: tool.url, status: 200 });
  });
});
