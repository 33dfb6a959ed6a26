import { readAsked } from '../../src/explain/asked';
import { explain, type Explanation } from '../../src/explain/explain';
import { fieldText } from '../../src/headers/raw';
import { accepted, handshakeFields } from '../failure/support/websocket';
import { echoPath, startTool, type Tool } from '../failure/support/tool';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const authority = 'tools.example:8443';
let tool: Tool;
let gateways: Record<'plain' | 'trusting', TestGateway>;
let configs: Record<'plain' | 'trusting', RawConfig>;

beforeAll(async () => {
  tool = await startTool((socket, request) => {
    if (/^upgrade:/im.test(request.head)) socket.write(accepted);
    else echoPath(socket, request);
  });
  const mounts = [
    { name: 'kPow', path: '/kpow', target: tool.url, deny: ['/metrics/v1'], limits: { body: '1kb' } },
    { name: 'Deeper', path: '/kpow/deeper', target: `${tool.url}/base`, host: 'target', forwardedPrefix: false },
    { name: 'Keeper', path: '/keep', target: tool.url, prefix: 'keep', methods: ['GET'] },
    { name: 'Counted', path: '/counted', target: tool.url, rateLimit: { requests: 1_000, per: '1m' } },
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
  ['/kpow/live', [...handshakeFields, 'Origin: https://evil.example']],
  ['/kpow/deeper/x', ['Origin: https://tools.example:8443']],
  ['/kpow/deeper/live', handshakeFields],
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
      const explanation = explain(asked, testConfig(configs[name]));
      const expected = told(explanation, gateways[name].httpsPort);
      const done = await sent(name, explanation);
      const status = done.status === 101 ? 200 : done.status;
      expect({ ...done, status, got: withoutIds(done.got) }).toEqual({ ...expected, got: withoutIds(expected.got) });
    },
  );
});
