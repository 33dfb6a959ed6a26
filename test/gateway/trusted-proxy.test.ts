import { readAnswer } from '../failure/support/answer';
import { startTool, type Tool } from '../failure/support/tool';
import { accepted, handshakeFields } from '../failure/support/websocket';
import { refusingPort } from '../support/free-ports';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { keepFromRelay } from '../support/keep-from-relay';
import { RawClient } from '../support/raw-client';

let tool: Tool;
let config: RawConfig;
let strict: TestGateway;
let trusting: TestGateway;
/** Field lines of the tool's next answers, and their body. */
let answers: { fields: readonly string[]; body: string; status?: string };

beforeAll(async () => {
  tool = await startTool((socket, { head }) => {
    if (/^upgrade:/im.test(head)) socket.write(accepted);
    else {
      const { fields, body, status = '200 OK' } = answers;
      const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...fields, '', ''];
      socket.write(lines.join('\r\n') + body);
    }
  });
  const target = tool.url;
  config = {
    listen: { http: { mode: 'serve' } },
    hosts: ['tools.example', 'inner.example'],
    secret: 'a secret of this test',
    mounts: [
      { name: 'Strip', path: '/s', target, trustedIdentity: false },
      { name: 'Keep', path: '/k', target, prefix: 'keep', trailingSlash: 'redirect' },
      { name: 'Adopted', path: '/a', target, prefix: 'adopt' },
      { name: 'Own name', path: '/own', target, host: 'target' },
      { name: 'Own name, kept', path: '/own-kept', target, host: 'target', prefix: 'keep' },
      { name: 'Away', path: '/away', target: `http://127.0.0.1:${await refusingPort()}` },
      {
        name: 'Twice',
        path: '/twice',
        target: [target, target.replace('127.0.0.1', 'localhost')],
        balance: 'least-connections',
        sticky: true,
      },
    ],
  };
  strict = await startGateway({ ...config, trustedIdentity: true });
  trusting = await startGateway({ ...config, trustedProxies: ['loopback', '10.0.0.0/8'], trustedIdentity: true });
});
beforeEach(() => (answers = { fields: [], body: 'ok' }));
afterAll(async () => {
  await Promise.all([strict.stop(), trusting.stop()]);
  await tool.close();
});

interface Asked {
  readonly gateway?: TestGateway;
  readonly path?: string;
  readonly host?: string;
  readonly tls?: boolean;
}

describe.each(['relay', 'app'] as const)('by the way of the %s', (way) => {
  /** The request as the tool got it (null where it got none), and the answer. */
  async function send(
    fields: readonly string[],
    { gateway = trusting, path = '/s/x', host = 'inner.example', tls = true }: Asked = {},
  ) {
    const before = tool.requests.length;
    const client = await RawClient.connect(tls ? gateway.httpsPort : gateway.httpPort, tls);
    if (way === 'app') keepFromRelay(client);
    const isHandshake = fields.includes(handshakeFields[0]!);
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...fields, ...(isHandshake ? [] : ['Connection: close'])];
    client.write(`${lines.join('\r\n')}\r\n\r\n`);
    const answer = readAnswer(isHandshake ? await client.until('\r\n\r\n') : await client.end());
    client.destroy();
    const head = tool.requests[before]?.head ?? '';
    const got = (name: string) =>
      [...head.matchAll(/^([^:\r\n]+): (.*?)\r$/gm)].flatMap(([, it = '', value = '']) =>
        it.toLowerCase() === name ? [value] : [],
      );
    const id = answer.headers['x-request-id'];
    // An adopted tool's answers are the app's.
    const taken = path.startsWith('/a/') ? 'app' : way;
    if (head !== '' && !isHandshake)
      expect(await gateway.line((line) => line['id'] === id && 'way' in line)).toMatchObject({ way: taken });
    return { head, got, answer };
  }

  test('a client’s Forwarded, which the proxy passes on, is not believed beside X-Forwarded-*', async () => {
    const lies = [
      'Forwarded: host=evil.example',
      'Forwarded: for=6.6.6.6;host=evil.example;proto=http',
      'X-Forwarded-For: 203.0.113.9',
      'X-Forwarded-Proto: https',
    ];
    const { head, got } = await send(lies, { tls: false });
    expect(head).not.toMatch(/evil|6\.6\.6\.6/);
    expect([got('x-forwarded-host'), got('x-forwarded-proto'), got('x-real-ip')]).toEqual([
      ['inner.example'],
      ['https'],
      ['203.0.113.9'],
    ]);
    expect(got('forwarded')).toEqual(['for=127.0.0.1;host=inner.example;proto=https']);
  });

  test.each(['Prefix: /x', 'Server: front', 'Scheme: https', 'Protocol: https', 'Ssl: on'])(
    'nor beside X-Forwarded-%s alone',
    async (one) => {
      const lie = 'Forwarded: for=6.6.6.6;host=tools.example;proto=http';
      const { head, got } = await send([`X-Forwarded-${one}`, lie]);
      expect(head).not.toContain('6.6.6.6');
      expect(got('x-forwarded-host')).toEqual(['inner.example']);
    },
  );

  test('of several values the one nearest to the gateway counts', async () => {
    answers.fields = ['Location: https://tools.example/login', 'Content-Location: https://evil.example/x'];
    const several = [
      'X-Forwarded-Host: evil.example',
      'x-forwarded-host: tools.example',
      'X-Forwarded-Proto: http, https',
      'X-Forwarded-Port: 81',
      'X-Forwarded-Port: 82, 443',
      'X-Forwarded-For: 6.6.6.6, 203.0.113.9',
      'X-Forwarded-For: 10.0.0.7',
    ];
    const { head, got, answer } = await send(several, { tls: false });
    expect(head).not.toContain('evil');
    expect(['host', 'proto', 'port'].map((name) => got(`x-forwarded-${name}`))).toEqual([
      ['tools.example'],
      ['https'],
      ['443'],
    ]);
    expect([got('x-real-ip'), got('x-forwarded-for')]).toEqual([
      ['203.0.113.9'],
      ['6.6.6.6, 203.0.113.9, 10.0.0.7, 127.0.0.1'],
    ]);
    expect(answer.headers).toMatchObject({ location: '/s/login', 'content-location': 'https://evil.example/x' });
  });

  test('a name that is not served opens nothing, whichever value it stands in', async () => {
    const first = await send(['X-Forwarded-Host: tools.example', 'X-Forwarded-Host: evil.example']);
    const alone = await send(['Forwarded: host=tools.example, for=203.0.113.9;host=evil.example']);
    expect([first.answer.status, alone.answer.status, first.head, alone.head]).toEqual([421, 421, '', '']);
  });

  test('a proxy that speaks Forwarded alone is heard, and its client not', async () => {
    const { head, got } = await send([
      'Forwarded: for=6.6.6.6;host=evil.example, for="[2001:db8::7]:9";host=tools.example',
    ]);
    expect(head).not.toContain('evil');
    expect([got('x-real-ip'), got('x-forwarded-host')]).toEqual([['2001:db8::7'], ['tools.example']]);
    expect(got('forwarded')).toEqual([
      'for=6.6.6.6, for="[2001:db8::7]:9", for=127.0.0.1;host=tools.example;proto=https',
    ]);
  });

  const identities = [
    'X-WEBAUTH-USER: mallory',
    'x_webauth_user: mallory',
    'X-WEBAUTH_USER: mallory',
    'Remote_User: mallory',
    'REMOTE-USER: mallory',
    'X-Forwarded-User: mallory',
    'X-Forwarded-Email: mallory',
    'X-Auth-Request-Groups: mallory',
    'Tailscale-User-Login: mallory',
    'X-Forwarded-Access-Token: mallory',
    'X-Proxy_User: mallory',
    'x-proxy-roles: mallory',
    'X-AKHQ-Group: mallory',
    'WL-Proxy-Client-Cert: mallory',
  ];

  test.each([[[]], [handshakeFields]])(
    'who a person is, nobody says but proxies that have authenticated it: %#',
    async (more) => {
      // From a stranger, to a mount that believes proxies; from a proxy, to a mount that believes none.
      for (const asked of [{ gateway: strict, path: '/k/x' }, { path: '/s/x' }]) {
        const { head } = await send([...identities, ...more], asked);
        expect(head).toContain('GET /');
        expect(head).not.toContain('mallory');
      }
      const { head } = await send([...identities, 'X-Webauth-User: alice', ...more], { path: '/k/x' });
      const passed = head.split('\r\n').filter((line) => /mallory|alice/.test(line));
      expect(passed).toEqual([
        'REMOTE-USER: mallory',
        'X-Forwarded-User: mallory',
        'X-Forwarded-Email: mallory',
        'X-Auth-Request-Groups: mallory',
        'Tailscale-User-Login: mallory',
        'X-Forwarded-Access-Token: mallory',
        'x-proxy-roles: mallory',
        'X-AKHQ-Group: mallory',
        'X-Webauth-User: alice',
      ]);
    },
  );

  const prefixed = ['X-Forwarded-Prefix: /tools', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: tools.example'];

  test.each([
    ['/s/x', ['/tools/s']],
    ['/k/x', ['/tools']],
    ['/a/x', []],
  ])('the prefix that a trusted proxy took off is told before that of the mount: %s', async (path, prefixes) => {
    expect((await send(prefixed, { path })).got('x-forwarded-prefix')).toEqual(prefixes);
  });

  test.each([
    ['/s/x', '/login', '/tools/s/login', '/tools/s'],
    ['/s/x', '/tools/s/login', '/tools/s/login', '/tools/s'],
    ['/s/x', '/s/login', '/tools/s/login', '/tools/s'],
    ['/s/x', 'https://tools.example/login', '/tools/s/login', '/tools/s'],
    ['/s/x', 'https://tools.example/tools/s/login', 'https://tools.example/tools/s/login', '/tools/s'],
    ['/s/x', 'https://elsewhere.example/login', 'https://elsewhere.example/login', '/tools/s'],
    ['/s/x', '../../login', '/tools/s/login', '/tools/s'],
    ['/s/x', 'login', 'login', '/tools/s'],
    ['/k/x', '/k/login', '/tools/k/login', '/tools/k'],
    ['/k/x', '/tools/k/login', '/tools/k/login', '/tools/k'],
    ['/k/x', 'https://tools.example/k/login', '/tools/k/login', '/tools/k'],
    // A tool with its own path is told `/tools`, and may write it before what is not its own.
    ['/k/x', '/tools/', '/tools/', '/tools/k'],
    ['/k/x', '/tools/other', '/tools/other', '/tools/k'],
    ['/k/x', 'https://tools.example/tools/other', '/tools/other', '/tools/k'],
    ['/k/x', '/tools/../k/login', '/tools/tools/../k/login', '/tools/k'],
    ['/k/x', '/toolsx', '/tools/toolsx', '/tools/k'],
    ['/a/x', '/login', '/tools/a/login', '/tools/a'],
  ])('%s sends people to %s: under the prefix, as its cookies are', async (path, location, fixed, cookiePath) => {
    answers = {
      status: '302 Found',
      fields: [`Location: ${location}`, 'Set-Cookie: a=1; Path=/', 'Refresh: 1; url=/x', 'Content-Type: text/plain'],
      body: '',
    };
    const { answer } = await send(prefixed, { path });
    expect(answer.headers['location']).toBe(fixed);
    expect(answer.headers['set-cookie']).toBe(`a=1; Path=${cookiePath}`);
    expect(answer.headers['refresh']).toBe(`1; url=${path.startsWith('/k') ? '/tools/x' : `${cookiePath}/x`}`);
  });

  test.each([
    ['/k/x', '/tools', '/tools/k'],
    ['/k/x', '/tools/', '/tools/k'],
    ['/k/x', '/tools/k/', '/tools/k/'],
    ['/k/x', '/k/sub', '/tools/k/sub'],
    // Without the prefix in its own paths, a tool's `/tools` is a folder of its own.
    ['/s/x', '/tools', '/tools/s/tools'],
  ])('%s sets a cookie for %s, which a browser sends to the tool', async (path, set, fixed) => {
    answers.fields = [`Set-Cookie: a=1; Path=${set}`];
    expect((await send(prefixed, { path })).answer.headers['set-cookie']).toBe(`a=1; Path=${fixed}`);
  });

  test('redirects of the gateway’s own lead to where people are', async () => {
    for (const path of ['/s', '/k', '/a']) {
      const { answer } = await send(prefixed, { path: `${path}?q` });
      expect([answer.status, answer.headers['location']]).toEqual([308, `/tools${path}/?q`]);
    }
  });

  test('a browser stays with its target by a cookie under the prefix', async () => {
    const { answer } = await send(prefixed, { path: '/twice/x' });
    expect(answer.headers['set-cookie']).toMatch(/^kpow_gateway_target=[^;]+; Path=\/tools\/twice; /);
  });

  test('a failure’s page leads to the portal and back, and loads its styles', async () => {
    const { answer } = await send([...prefixed, 'Accept: text/html'], { path: '/away/x' });
    expect(answer.status).toBe(502);
    const urls = [...answer.body.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, url]) => url);
    expect(urls).toContain('/tools/');
    expect(urls.filter((url) => !url?.startsWith('/tools/'))).toEqual([]);
  });

  test.each([
    '//evil.example',
    '/../..',
    '/a b',
    'tools',
    '/a;Domain=evil.example',
    '/"><script>alert(1)</script>',
    '/%2e%2e',
  ])('a prefix such as %s is none', async (prefix) => {
    answers = { status: '302 Found', fields: ['Location: /login', 'Set-Cookie: a=1; Path=/'], body: '' };
    const { got, answer } = await send([`X-Forwarded-Prefix: ${prefix}`]);
    expect(got('x-forwarded-prefix')).toEqual(['/s']);
    expect(answer.headers).toMatchObject({ location: '/s/login', 'set-cookie': 'a=1; Path=/s' });
  });

  test('nobody but a trusted proxy has a prefix', async () => {
    answers = { status: '302 Found', fields: ['Location: /login'], body: '' };
    const { got, answer } = await send(prefixed, { gateway: strict });
    expect([got('x-forwarded-prefix'), answer.headers['location']]).toEqual([['/s'], '/s/login']);
  });

  test.each([
    ['/own/x', []],
    ['/own-kept/x', []],
    ['/own/x', handshakeFields],
  ])('host: target: all that names a host names the tool’s: %s %j', async (path, more) => {
    const page = ['Origin: https://tools.example', 'Referer: https://tools.example/own/page?a'];
    const { got } = await send([...page, ...more], { gateway: strict, host: 'tools.example', path });
    const own = tool.url.replace('http://', '');
    expect(['host', 'origin', 'referer', 'x-forwarded-host', 'x-forwarded-port'].map((name) => got(name))).toEqual([
      [own],
      [`http://${own}`],
      [`http://${own}/own/page?a`],
      [own],
      [String(tool.port)],
    ]);
    expect(got('forwarded')).toEqual([`for=127.0.0.1;host="${own}";proto=https`]);
  });

  test('host: target behind a trusted proxy agrees with itself too, and leads back to the public name', async () => {
    const page = ['Origin: https://tools.example', 'X-Forwarded-Host: tools.example', 'X-Forwarded-Proto: https'];
    answers.fields = [`Location: ${tool.url}/next`, 'Content-Location: https://tools.example/next'];
    const { got, answer } = await send(page, { path: '/own/x', tls: false });
    expect([got('origin'), got('x-forwarded-host'), got('x-forwarded-proto')]).toEqual([
      [tool.url],
      [tool.url.replace('http://', '')],
      ['https'],
    ]);
    expect(answer.headers).toMatchObject({ location: '/own/next', 'content-location': '/own/next' });
  });
});

test('a reload counts for the next request of a kept connection: who proxies are, and what they are believed', async () => {
  const gateway = await startGateway({ ...config, trustedProxies: ['loopback'] });
  const client = await RawClient.connect(gateway.httpsPort);
  const head =
    'GET /k/x HTTP/1.1\r\nHost: inner.example\r\nX-WEBAUTH-USER: alice\r\nForwarded: host=tools.example\r\n\r\n';
  const got: boolean[][] = [];
  for (const more of [
    {},
    { trustedIdentity: true },
    { trustedIdentity: true, trustedFields: 'x-forwarded' },
    { trustedIdentity: true, trustedProxies: [] },
  ]) {
    await gateway.gateway.reload(testConfig({ ...config, trustedProxies: ['loopback'], ...more }));
    const before = tool.requests.length;
    client.write(head);
    const { head: asked } = await tool.request(before);
    await client.once(() => client.text.split('\r\n\r\nok').length === got.length + 2);
    got.push([asked.includes('alice'), asked.includes('X-Forwarded-Host: tools.example')]);
  }
  client.destroy();
  await gateway.stop();
  expect(got).toEqual([
    [false, true],
    [true, true],
    [true, false],
    [false, false],
  ]);
});

describe('behind a proxy that took /tools off', () => {
  const fields =
    'Host: inner.example\r\nX-Forwarded-Prefix: /tools\r\nX-Forwarded-Host: tools.example\r\nX-Forwarded-Proto: https\r\n';
  const get = async (path: string, more = '') => {
    const client = await RawClient.connect(trusting.httpsPort);
    return readAnswer(await client.write(`GET ${path} HTTP/1.1\r\n${fields}${more}Connection: close\r\n\r\n`).end());
  };

  test('the portal links to the tools, and loads its own files, under it', async () => {
    const page = await get('/', 'Accept: text/html\r\n');
    const urls = [...page.body.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, url]) => url ?? '');
    expect(urls).toEqual(expect.arrayContaining(['/tools/s/', '/tools/k/', '/tools/a/']));
    expect(urls.filter((url) => !url.startsWith('/tools/'))).toEqual([]);
    for (const url of urls.filter((one) => one.includes('/-/')))
      expect([url, (await get(url.slice('/tools'.length))).status]).toEqual([url, 200]);
    const json = JSON.parse((await get('/', 'Accept: application/json\r\n')).body) as {
      tools: { href: string; path: string }[];
    };
    expect(json.tools[0]).toMatchObject({ href: '/tools/s/', path: '/s' });
  });

  test('its scripts find the live state where they were loaded from', async () => {
    for (const name of ['portal', 'retry']) {
      const page = await get(name === 'portal' ? '/' : '/away/x', 'Accept: text/html\r\n');
      const [, src = ''] = new RegExp(`src="/tools(/-/assets/${name}[^"]*)"`).exec(page.body) ?? [];
      expect((await get(src)).body).toContain("new URL('../live', import.meta.url)");
    }
  });

  test('an adopted page finds its script, its URLs and its cookie under it', async () => {
    answers = {
      fields: ['Content-Type: text/html', "Content-Security-Policy: script-src 'none'", 'Link: </a.css>; rel=preload'],
      body: '<head></head><a href="/x"><img src="/tools/a/y"><a href="https://tools.example/z">',
    };
    const { headers, body } = await get('/a/page', 'Accept: text/html\r\n');
    expect(body).toMatch(/<script src="\/tools\/-\/assets\/adopt\.[0-9a-f]+\.js" data-mount="\/tools\/a"/);
    expect(body).toContain('<a href="/tools/a/x"><img src="/tools/a/y"><a href="/tools/a/z">');
    expect(headers['link']).toBe('</tools/a/a.css>; rel=preload');
    expect(headers['content-security-policy']).toContain('https://tools.example/tools/-/assets/adopt.');
    expect(headers['set-cookie']).toMatch(/^kpow_gateway_at_[0-9a-f]+=1; Path=\/tools; /);
  });

  test('what escapes an adopted page arrives, and the tool is told its own address of the page', async () => {
    const before = tool.requests.length;
    await get('/img.png', 'Referer: https://tools.example/tools/a/page\r\n');
    expect(tool.requests[before]?.head).toMatch(/^GET \/img\.png [^]*\r\nReferer: https:\/\/tools\.example\/page\r\n/);
    expect((await get('/img.png', 'Referer: https://tools.example/a/page\r\n')).status).toBe(404);
    expect((await get('/img.png', 'Referer: https://tools.example/toolsx/a/page\r\n')).status).toBe(404);
  });

  test('the plain port sends people to HTTPS under it', async () => {
    const gateway = await startGateway({ ...config, listen: {}, trustedProxies: ['loopback'] });
    const client = await RawClient.connect(gateway.httpPort, false);
    const plain = fields.replace('Proto: https', 'Proto: http');
    const { headers } = readAnswer(await client.write(`GET /s/x HTTP/1.1\r\n${plain}Connection: close\r\n\r\n`).end());
    await gateway.stop();
    expect(headers['location']).toBe(`https://tools.example:${gateway.httpsPort}/tools/s/x`);
  });
});
