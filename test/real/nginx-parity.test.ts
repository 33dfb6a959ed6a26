import { field } from './read-answer';
import { startSideBySide, type Outcome, type Outcomes, type Setup, type SideBySide } from './side-by-side';

let sides: SideBySide;
beforeAll(async () => {
  sides = await startSideBySide();
});
afterAll(() => sides.stop());

/** A request's bytes: a GET for tools.example unless told otherwise. */
function request({
  method = 'GET',
  target = '{prefix}/x',
  host = 'tools.example',
  fields = [],
  body = '',
}: RequestParts) {
  return [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...fields, '', body].join('\r\n');
}
interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
}

/** Fields that mean one connection only, and those that the gateway says more than nginx's recipe. */
const notCompared = new Set([
  ...['connection', 'content-length', 'transfer-encoding'],
  ...['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix', 'forwarded', 'x-request-id'],
]);

const valuesAtTool = ({ tool }: Outcome, name: string): string[] =>
  (tool?.rawHeaders ?? []).filter((_, i, raw) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);

function atTool({ tool }: Outcome) {
  if (tool === null) return null;
  const { method, url, rawHeaders, body } = tool;
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!notCompared.has(name)) (fields[name] ??= []).push(rawHeaders[i + 1]!);
  }
  return { method, url, fields, body: body.toString('latin1') };
}

/** The answer less what every server says of itself. */
function cameBack({ answer }: Outcome) {
  const own = new Set([
    'server',
    'date',
    'connection',
    'transfer-encoding',
    'x-request-id',
    'strict-transport-security',
  ]);
  const fields = answer.fields.filter(([name]) => !own.has(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { ...answer, fields };
}

function expectTheSame({ nginx, gateway }: Outcomes): void {
  expect(nginx.tool).not.toBeNull();
  expect(atTool(gateway)).toEqual(atTool(nginx));
  expect(cameBack(gateway)).toEqual(cameBack(nginx));
}

const setups: readonly Setup[] = ['standard', 'path', 'path over TLS'];
const paths = [
  ...['/', '/x', '/x/', '/x/y.js', '/a%20b', '/a+b', '/caf%C3%A9', '/a%25b', '/a%3Fb', '/a%23b', '/a;v=1'],
  ...["/!$&'()*,=:@~-._", '/x?a=1&a=2&b', '/x?next=/kpow/y?z', '/x?a=%2F%20%zz', '/x??', '/kpow/x'],
];
const chunked = '5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n';

describe.each(setups)('the same request reaches the tool and comes back as through nginx: %s', (setup) => {
  test.each(paths)('the path %s', async (path) => {
    expectTheSame(await sides.ask(setup, request({ target: `{prefix}${path}` })));
  });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'the method %s',
    async (method) => {
      expectTheSame(await sides.ask(setup, request({ method })));
    },
  );

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('a body of known length: %s', async (method) => {
    const both = await sides.ask(
      setup,
      request({ method, fields: ['Content-Length: 11'], body: 'hello\r\n\r\n\0\xff' }),
    );
    expectTheSame(both);
    expect(both.gateway.tool?.body.toString('latin1')).toBe('hello\r\n\r\n\0\xff');
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('a chunked body: %s', async (method) => {
    const both = await sides.ask(setup, request({ method, fields: ['Transfer-Encoding: chunked'], body: chunked }));
    expectTheSame(both);
    expect(both.gateway.tool?.body.toString()).toBe('hello world');
  });

  test('a large body', async () => {
    const body = 'x'.repeat(1_000_000);
    const both = await sides.ask(setup, request({ method: 'POST', fields: [`Content-Length: ${body.length}`], body }));
    expectTheSame(both);
    expect(both.gateway.tool?.body.length).toBe(body.length);
  });

  test.each([
    ['one field three times, in different case', ['X-A: 1', 'x-a: 2', 'X-A: 3']],
    ['two cookie fields', ['Cookie: JSESSIONID=1; a="b c"', 'Cookie: b=2']],
    ['Referer and Origin', ['Referer: http://tools.example/kpow/x', 'Origin: http://tools.example']],
    ['Authorization', ['Authorization: Basic YWRtaW46YWRtaW4=']],
    ['Accept and its like', ['Accept: text/html,*/*;q=0.1', 'Accept-Encoding: gzip, br', 'Accept-Language: de']],
    ['User-Agent', ['User-Agent: Mozilla/5.0 (X11)']],
    ['Cache-Control and Pragma', ['Cache-Control: no-cache', 'Pragma: no-cache']],
    ['a long field', [`X-Long: ${'x'.repeat(6000)}`]],
    ['bytes above ASCII', ['X-Name: caf\xe9']],
    ['hop-by-hop fields', ['Keep-Alive: timeout=5', 'TE: trailers', 'Connection: close']],
    ['a lie about the address', ['X-Real-IP: 203.0.113.6']],
  ])('%s', async (_, fields) => {
    expectTheSame(await sides.ask(setup, request({ fields })));
  });

  test('the fields that the recipe sets have the recipe’s values', async () => {
    const { nginx, gateway } = await sides.ask(setup, request({ host: 'tools.example:{public}' }));
    for (const side of [nginx, gateway]) {
      expect(valuesAtTool(side, 'host')).toEqual(['tools.example:{public}']);
      expect(valuesAtTool(side, 'x-real-ip')).toEqual(['127.0.0.1']);
      expect(valuesAtTool(side, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    }
  });

  test.each([
    ['200 with a length', '/x', []],
    ['a chunked answer', '/chunked', []],
    ['204', '/x?status=204', []],
    ['404 with the tool’s own page', '/x?status=404', []],
    ['500 with the tool’s own page', '/x?status=500', []],
    ['503 with the tool’s own page', '/x?status=503', []],
    ['304 for If-None-Match', '/tagged', ['If-None-Match: "v1"']],
    ['304 for If-Modified-Since', '/tagged', ['If-Modified-Since: Wed, 01 May 2024 10:00:00 GMT']],
    ['200 for another tag', '/tagged', ['If-None-Match: "v0"']],
    ['206 for a range', '/range', ['Range: bytes=2-5']],
    ['200 for a range that the tool ignores', '/x', ['Range: bytes=2-5', 'If-Range: "v1"']],
  ])('the answer: %s', async (_, path, fields) => {
    expectTheSame(await sides.ask(setup, request({ target: `{prefix}${path}`, fields })));
    expectTheSame(await sides.ask(setup, request({ method: 'HEAD', target: `{prefix}${path}`, fields })));
  });

  const handshake = (target: string) =>
    request({
      target,
      fields: [
        ...[
          'Connection: keep-alive, Upgrade',
          'Upgrade: websocket',
          `Origin: ${setup === 'path over TLS' ? 'https' : 'http'}://tools.example`,
        ],
        ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
        ...['Sec-WebSocket-Protocol: one, two', 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'],
        'Cookie: JSESSIONID=1',
      ],
    });

  test('a websocket is opened, and bytes go both ways', async () => {
    const frame = '\x81\x85\x01\x02\x03\x04igohn';
    const { nginx, gateway } = await sides.upgrade(setup, handshake('{prefix}/chsk?client-id=1'), frame);
    expect(atTool(gateway)).toEqual(atTool(nginx));
    for (const side of [nginx, gateway]) {
      expect(valuesAtTool(side, 'upgrade')).toEqual(['websocket']);
      expect(valuesAtTool(side, 'connection').map((value) => value.toLowerCase())).toEqual(['upgrade']);
      expect(side.answer.status).toBe(101);
      expect(field(side.answer, 'upgrade')).toBe('websocket');
      expect(field(side.answer, 'connection')?.toLowerCase()).toBe('upgrade');
      expect(field(side.answer, 'sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      expect(field(side.answer, 'sec-websocket-protocol')).toBe('two');
      expect(side.answer.body).toBe(frame);
    }
  });

  test('a refused websocket brings the tool’s own status and body', async () => {
    const both = await sides.ask(setup, handshake('{prefix}/refused').replace('keep-alive, Upgrade', 'Upgrade, close'));
    expect(both.gateway.answer.status).toBe(403);
    expect(both.gateway.answer.body).toBe('not you');
    expect(cameBack(both.gateway)).toEqual(cameBack(both.nginx));
  });
});

describe('in the standard configuration every path passes byte for byte, as through nginx', () => {
  test.each(['/a%2Fb', '//a//b', '/x?', '/a%3Bb', '/a%2Bb', '/%7Ex', '/a%0Ab', '/a/../b', '/./b', '/"<>[]{}|^`'])(
    '%s',
    async (target) => {
      const both = await sides.ask('standard', request({ target }));
      expectTheSame(both);
      expect(both.gateway.tool?.url).toBe(target);
    },
  );
});

const redirectTo = (to: string) => {
  const encoded = encodeURIComponent(to).replaceAll('%7B', '{').replaceAll('%7D', '}');
  return request({ target: `{prefix}/redirect?to=${encoded}`, host: 'kpow.info:{public}' });
};

/** Where a browser that asked for `/redirect` would go. */
function landing(setup: Setup, location: string | null): string {
  const port = (text: string) => text.replaceAll('{public}', '8443').replaceAll('{tool}', '3000');
  const base = `${setup === 'path over TLS' ? 'https' : 'http'}://kpow.info:{public}${setup === 'standard' ? '' : '/kpow'}`;
  return new URL(port(location ?? 'nowhere:'), port(`${base}/redirect`)).href;
}

async function locations(setup: Setup, to: string) {
  const { nginx, gateway } = await sides.ask(setup, redirectTo(to));
  expect(cameBack(gateway)).toMatchObject({ status: 302, body: 'moved' });
  expect(cameBack(nginx)).toMatchObject({ status: 302, body: 'moved' });
  return { nginx: field(nginx.answer, 'location'), gateway: field(gateway.answer, 'location') };
}

describe('a redirect leads to the same place as through nginx', () => {
  // What the tool says, what nginx makes of it, and what the gateway makes of it.
  test.each<[Setup, string, string, string]>([
    ['standard', 'next', 'next', 'next'],
    ['standard', '?a=1', '?a=1', '?a=1'],
    ['standard', '/next', '/next', '/next'],
    ['standard', '/', '/', '/'],
    ['standard', 'http://localhost:{tool}/next', 'http://kpow.info:{public}/next', '/next'],
    ['standard', 'http://kpow.info:{public}/next', 'http://kpow.info:{public}/next', '/next'],
    ['standard', 'https://login.example/x', 'https://login.example/x', 'https://login.example/x'],
    ['standard', '//login.example/x', '//login.example/x', '//login.example/x'],
    ['path', 'next', 'next', 'next'],
    ['path', './next', './next', './next'],
    ['path', '?a=1', '?a=1', '?a=1'],
    ['path', '/kpow/next', '/kpow/next', '/kpow/next'],
    ['path', 'http://localhost/', 'http://kpow.info:{public}/kpow/', '/kpow/'],
    ['path', 'http://localhost/next', 'http://kpow.info:{public}/kpow/next', '/kpow/next'],
    ['path', 'http://localhost/a%2Fb?x=/y#z', 'http://kpow.info:{public}/kpow/a%2Fb?x=/y#z', '/kpow/a%2Fb?x=/y#z'],
    [
      'path',
      'http://kpow.info:{public}/kpow/next',
      'http://kpow.info:{public}/kpow/next',
      'http://kpow.info:{public}/kpow/next',
    ],
    ['path', 'https://login.example/x', 'https://login.example/x', 'https://login.example/x'],
    ['path', '//login.example/x', '//login.example/x', '//login.example/x'],
    ['path over TLS', 'http://localhost/next', 'https://kpow.info:{public}/kpow/next', '/kpow/next'],
    [
      'path over TLS',
      'https://kpow.info:{public}/kpow/x',
      'https://kpow.info:{public}/kpow/x',
      'https://kpow.info:{public}/kpow/x',
    ],
  ])('%s: %s', async (setup, to, nginx, gateway) => {
    expect(await locations(setup, to)).toEqual({ nginx, gateway });
    expect(landing(setup, gateway)).toBe(landing(setup, nginx));
  });
});

describe('where nginx’s recipe is wrong: redirects that leave the tool', () => {
  // What the tool says, where nginx leaves it, and where the gateway brings it.
  test.each<[string, Setup, string, string, string]>([
    ['the tool’s own name without its port', 'standard', 'http://localhost/next', 'http://localhost/next', '/next'],
    ['the tool’s own address', 'standard', 'http://127.0.0.1:{tool}/next', 'http://127.0.0.1:{tool}/next', '/next'],
    ['the public name with port 80', 'standard', 'http://kpow.info:80/next', 'http://kpow.info:80/next', '/next'],
    ['a path', 'path', '/next', '/next', '/kpow/next'],
    ['the root', 'path', '/', '/', '/kpow/'],
    ['up and over', 'path', '../next', '../next', '/kpow/next'],
    ['the tool’s own name without a path', 'path', 'http://localhost', 'http://localhost', '/kpow/'],
    [
      'the tool’s own name with its port',
      'path',
      'http://localhost:{tool}/next',
      'http://localhost:{tool}/next',
      '/kpow/next',
    ],
    ['the tool’s own address', 'path', 'http://127.0.0.1:{tool}/next', 'http://127.0.0.1:{tool}/next', '/kpow/next'],
    ['the public name with port 80', 'path', 'http://kpow.info:80/next', 'http://kpow.info:80/next', '/kpow/next'],
    ['the public name without a port', 'path', 'http://kpow.info/next', 'http://kpow.info/next', '/kpow/next'],
    [
      'the public name with its port',
      'path',
      'http://kpow.info:{public}/next',
      'http://kpow.info:{public}/next',
      '/kpow/next',
    ],
    ['the public name, another scheme', 'path', 'https://kpow.info/next', 'https://kpow.info/next', '/kpow/next'],
    ['the public name, no scheme', 'path', '//kpow.info:{public}/next', '//kpow.info:{public}/next', '/kpow/next'],
    [
      'already prefixed: doubled',
      'path',
      'http://localhost/kpow/next',
      'http://kpow.info:{public}/kpow/kpow/next',
      '/kpow/next',
    ],
    [
      'http, since the tool is not told of TLS',
      'path over TLS',
      'http://kpow.info:{public}/next',
      'http://kpow.info:{public}/next',
      '/kpow/next',
    ],
    [
      'already prefixed, but http',
      'path over TLS',
      'http://kpow.info:{public}/kpow/next',
      'http://kpow.info:{public}/kpow/next',
      '/kpow/next',
    ],
  ])('%s (%s): %s', async (_, setup, to, nginx, gateway) => {
    expect(await locations(setup, to)).toEqual({ nginx, gateway });
  });
});

describe('where nginx’s recipe is wrong: `rewrite` works on a path that has been decoded and tidied up', () => {
  test.each([
    ['%2F becomes a slash', '/a%2Fb', '/a/b'],
    ['%3B becomes a parameter', '/a%3Bb', '/a;b'],
    ['%2B becomes a plus', '/a%2Bb', '/a+b'],
    ['%7E is decoded', '/%7Ex', '/~x'],
    ['slashes are merged', '//a//b', '/a/b'],
    ['dot segments are resolved', '/a/../b', '/b'],
    ['a bare ? is dropped', '/x?', '/x'],
    ['characters are encoded', '/"<>{}|^`', '/%22%3C%3E%7B%7D%7C%5E%60'],
    ['everything after a line feed is cut off', '/a%0Ab', '/a'],
  ])('%s: %s', async (_, path, changed) => {
    const { nginx, gateway } = await sides.ask('path', request({ target: `{prefix}${path}` }));
    expect(nginx.tool?.url).toBe(changed);
    expect(gateway.tool?.url).toBe(path);
  });

  test('a path that leaves the mount: nginx looks for it elsewhere, the gateway refuses it', async () => {
    const { nginx, gateway } = await sides.ask('path', request({ target: '{prefix}/%2e%2e/x' }));
    expect([nginx.tool, nginx.answer.status]).toEqual([null, 404]);
    expect([gateway.tool, gateway.answer.status]).toEqual([null, 400]);
  });

  test('above the root both refuse', async () => {
    const { nginx, gateway } = await sides.ask('standard', request({ target: '/../x' }));
    expect([nginx.tool, nginx.answer.status]).toEqual([null, 400]);
    expect([gateway.tool, gateway.answer.status]).toEqual([null, 400]);
  });
});

describe('where nginx’s recipe is wrong: fields', () => {
  test('it says Connection: upgrade on every request', async () => {
    const { nginx, gateway } = await sides.ask('path', request({}));
    expect([valuesAtTool(nginx, 'connection'), valuesAtTool(nginx, 'upgrade')]).toEqual([['upgrade'], []]);
    expect([valuesAtTool(gateway, 'connection'), valuesAtTool(gateway, 'upgrade')]).toEqual([['keep-alive'], []]);
  });

  test('it passes on an Upgrade to any protocol; the gateway only to websocket', async () => {
    const { nginx, gateway } = await sides.ask(
      'path',
      request({ fields: ['Upgrade: h2c', 'Connection: Upgrade, close'] }),
    );
    expect(valuesAtTool(nginx, 'upgrade')).toEqual(['h2c']);
    expect(valuesAtTool(gateway, 'upgrade')).toEqual([]);
    expect([gateway.answer.status, gateway.answer.body]).toEqual([200, 'GET /x']);
  });

  test('it appends to a stranger’s X-Forwarded-For; the gateway replaces it, and appends for a trusted proxy', async () => {
    const lie = request({ fields: ['X-Forwarded-For: 203.0.113.6'] });
    const { nginx, gateway } = await sides.ask('path', lie);
    expect(valuesAtTool(nginx, 'x-forwarded-for')).toEqual(['203.0.113.6, 127.0.0.1']);
    expect(valuesAtTool(gateway, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    const trusted = await sides.askTrusted(lie);
    expect(valuesAtTool(trusted, 'x-forwarded-for')).toEqual(valuesAtTool(nginx, 'x-forwarded-for'));
  });

  test('it lets a stranger say scheme and host', async () => {
    const lies = ['X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: ftp', 'Forwarded: host=evil.example'];
    const { nginx, gateway } = await sides.ask('path', request({ fields: lies }));
    expect(valuesAtTool(nginx, 'x-forwarded-host')).toEqual(['evil.example']);
    expect(valuesAtTool(nginx, 'x-forwarded-proto')).toEqual(['ftp']);
    expect(valuesAtTool(nginx, 'forwarded')).toEqual(['host=evil.example']);
    expect(valuesAtTool(gateway, 'x-forwarded-host')).toEqual(['tools.example']);
    expect(valuesAtTool(gateway, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesAtTool(gateway, 'forwarded')).toEqual(['for=127.0.0.1;host=tools.example;proto=http']);
  });

  test('it does not tell of TLS, nor of the path', async () => {
    const { nginx, gateway } = await sides.ask('path over TLS', request({}));
    expect(valuesAtTool(nginx, 'x-forwarded-proto')).toEqual([]);
    expect(valuesAtTool(nginx, 'x-forwarded-prefix')).toEqual([]);
    expect(valuesAtTool(gateway, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesAtTool(gateway, 'x-forwarded-prefix')).toEqual(['/kpow']);
  });

  test('it passes on what Connection names, and credentials for a proxy', async () => {
    const fields = ['Connection: close, X-Mine', 'X-Mine: 1', 'Proxy-Authorization: Basic eDp5'];
    const { nginx, gateway } = await sides.ask('path', request({ fields }));
    expect([valuesAtTool(nginx, 'x-mine'), valuesAtTool(nginx, 'proxy-authorization')]).toEqual([
      ['1'],
      ['Basic eDp5'],
    ]);
    expect([valuesAtTool(gateway, 'x-mine'), valuesAtTool(gateway, 'proxy-authorization')]).toEqual([[], []]);
  });

  test('it drops every field with an underscore; the gateway those that would pass for its own', async () => {
    const { nginx, gateway } = await sides.ask(
      'path',
      request({ fields: ['X_Tenant: 1', 'X_Forwarded_For: 203.0.113.6'] }),
    );
    expect([valuesAtTool(nginx, 'x_tenant'), valuesAtTool(nginx, 'x_forwarded_for')]).toEqual([[], []]);
    expect([valuesAtTool(gateway, 'x_tenant'), valuesAtTool(gateway, 'x_forwarded_for')]).toEqual([['1'], []]);
  });

  test('it leaves cookies at /, where two tools’ JSESSIONID collide', async () => {
    const { nginx, gateway } = await sides.ask('path', request({ target: '{prefix}/cookies' }));
    expect(field(nginx.answer, 'set-cookie')).toBe('JSESSIONID=1; Path=/; HttpOnly; SameSite=Strict');
    expect(field(gateway.answer, 'set-cookie')).toBe('JSESSIONID=1; Path=/kpow; HttpOnly; SameSite=Strict');
  });
});

describe('where nginx’s recipe is wrong: requests', () => {
  test('it tells the tool Host, not the authority of an absolute-form target (RFC 9112 §3.2.2)', async () => {
    const absolute = request({ target: 'http://tools.example{prefix}/x', host: 'other.example' });
    const { nginx, gateway } = await sides.ask('path', absolute);
    expect([nginx.tool?.url, valuesAtTool(nginx, 'host')]).toEqual(['/x', ['other.example']]);
    expect([gateway.tool?.url, valuesAtTool(gateway, 'host')]).toEqual(['/x', ['tools.example']]);
  });

  test('an HTTP/1.0 client without Host reaches the tool without Host, which refuses it', async () => {
    const { nginx, gateway } = await sides.ask('path', 'GET {prefix}/x HTTP/1.0\r\n\r\n');
    expect([nginx.answer.status, nginx.tool]).toEqual([400, null]);
    expect([gateway.answer.status, valuesAtTool(gateway, 'host')]).toEqual([200, ['127.0.0.1:{public}']]);
  });

  test('a body above one megabyte is refused', async () => {
    const body = 'x'.repeat(1_100_000);
    const upload = request({ method: 'POST', fields: [`Content-Length: ${body.length}`], body });
    const { nginx, gateway } = await sides.ask('path', upload);
    expect([nginx.answer.status, nginx.tool]).toEqual([413, null]);
    expect([gateway.answer.status, gateway.tool?.body.length]).toEqual([200, body.length]);
  });

  test('a chunked body is held back until it is whole, then sent with a length; the gateway passes it on as it comes', async () => {
    const upload = request({ method: 'POST', fields: ['Transfer-Encoding: chunked'], body: chunked });
    const { nginx, gateway } = await sides.ask('path', upload);
    expect([valuesAtTool(nginx, 'content-length'), valuesAtTool(nginx, 'transfer-encoding')]).toEqual([['11'], []]);
    expect([valuesAtTool(gateway, 'content-length'), valuesAtTool(gateway, 'transfer-encoding')]).toEqual([
      [],
      ['chunked'],
    ]);
  });

  test('the path without its slash: both send to the path with it, but 301 turns a POST into a GET', async () => {
    const { nginx, gateway } = await sides.ask(
      'path',
      request({ method: 'POST', target: '/kpow?a=1', host: 'kpow.info:{public}' }),
    );
    expect([nginx.tool, nginx.answer.status, field(nginx.answer, 'location')]).toEqual([
      null,
      301,
      'http://kpow.info:{public}/kpow/?a=1',
    ]);
    expect([gateway.tool, gateway.answer.status, field(gateway.answer, 'location')]).toEqual([null, 308, '/kpow/?a=1']);
  });
});
