import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { doctor, type DoctorOptions } from '../../src/commands/doctor';
import { startDemoTools } from '../../src/demo/demo';
import { startKpow } from '../../src/demo/kpow';
import type { Finding } from '../../src/doctor/finding';
import { makeAuthority } from '../support/authority';
import { refusingPort } from '../support/free-ports';
import { startGateway, testConfig, type RawConfig } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { httpUpstream, rawUpstream, recordingUpstream } from '../support/upstreams';

/** What has to be closed after a test. */
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

type Mount = Record<string, unknown> & { target: string | string[] };

interface Report {
  readonly gateway: Finding[];
  readonly mounts: { readonly mount: string; readonly tool: string | null; readonly findings: Finding[] }[];
}

const usual = { mount: null, origin: 'https://tools.example', websocket: [], events: [] };
const patience = { request: 1_000, mount: 5_000 };

async function run(raw: RawConfig, more: Partial<DoctorOptions> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const options = { ...usual, patience, json: true, ...more };
  const output = { out: (line: string) => lines.push(line), error: (line: string) => errors.push(line) };
  const code = await doctor(testConfig(raw), options, output);
  return { code, text: lines.join('\n'), errors };
}

/** What doctor finds at a tool mounted at `/tool`. */
async function examine(mount: Mount, more: Partial<DoctorOptions> = {}) {
  const { code, text } = await run({ mounts: [{ name: 'Tool', path: '/tool', ...mount }] }, more);
  const [{ findings, tool } = { findings: [], tool: null }] = (JSON.parse(text) as Report).mounts;
  return { code, tool, findings };
}

async function tool(answer: RequestListener): Promise<string> {
  const upstream = await httpUpstream(answer);
  open.push(() => upstream.close());
  return upstream.url;
}

const html = (body: string) => ({ 'content-type': 'text/html', 'content-length': String(Buffer.byteLength(body)) });

/** A tool that serves pages by path, and 404 elsewhere. */
function pages(byPath: Readonly<Record<string, string>>): Promise<string> {
  return tool((req, res) => {
    const body = byPath[(req.url ?? '').split('?', 1)[0] ?? ''];
    if (body === undefined) res.writeHead(404).end('nothing here');
    else if (body.startsWith('<')) res.writeHead(200, html(body)).end(body);
    else res.writeHead(200, { 'content-type': 'text/javascript' }).end(body);
  });
}

function expectOne(
  findings: readonly Finding[],
  expected: { title: RegExp; severity: Finding['severity']; fix: RegExp },
) {
  expect(findings.map(({ title }) => title)).toEqual([expect.stringMatching(expected.title)]);
  const [finding] = findings;
  expect(finding?.severity).toBe(expected.severity);
  expect(finding?.fix.join('\n')).toMatch(expected.fix);
  expect(finding?.evidence.length).toBeGreaterThan(0);
}

test('a tool of which nothing is wrong has no findings', async () => {
  const target = await pages({
    '/': '<title>A</title><script src="app.js"></script><a href="/">portal</a>',
    '/app.js': '1',
  });
  expect(await examine({ target })).toEqual({ code: 0, tool: null, findings: [] });
  const aware = await pages({ '/tool/': '<script src="/tool/app.js"></script>', '/tool/app.js': '1' });
  expect(await examine({ target: aware, prefix: 'keep' })).toEqual({ code: 0, tool: null, findings: [] });
});

test('the demo’s tools are mounted as they should be', async () => {
  const tools = await startDemoTools();
  open.push(() => tools.close());
  const { text } = await run({ mounts: tools.mounts });
  const found = (JSON.parse(text) as Report).mounts.flatMap(({ findings }) => findings);
  expect(found.filter(({ severity }) => severity === 'wrong')).toEqual([]);
  expect(found.map(({ title }) => title)).toEqual([
    'Everybody can read its metrics',
    'Its cookies are not Secure',
    'Its cookies are not Secure',
  ]);
});

describe('a tool that cannot be reached', () => {
  test('refuses', async () => {
    const { code, findings } = await examine({ target: `http://127.0.0.1:${await refusingPort()}` });
    expect(code).toBe(1);
    expectOne(findings, { title: /refuses the connection/, severity: 'wrong', fix: /port it listens on/ });
  });

  test('has no such name', async () => {
    const { findings } = await examine({ target: 'http://tool.invalid' });
    expectOne(findings, { title: /cannot be found/, severity: 'wrong', fix: /./ });
  });

  test.each([
    ['says nothing', () => undefined, /did not answer in time/],
    ['closes', (socket: { end: () => void }) => socket.end(), /closed the connection/],
    ['talks nonsense', (socket: { end: (text: string) => void }) => socket.end('SSH-2.0-x\r\n'), /not HTTP/],
  ])('%s', async (_, script, title) => {
    const upstream = await rawUpstream((socket) => socket.once('data', () => script(socket)));
    open.push(() => upstream.close());
    const { findings } = await examine({ target: upstream.url }, { patience: { request: 150, mount: 1_000 } });
    expectOne(findings, { title, severity: 'wrong', fix: /./ });
  });

  test.each([
    [
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
      '0\r\n\r\n',
      /`Transfer-Encoding: chunked` stands .* more than once/,
    ],
    ['Content-Length: 2\r\nContent-Length: 3', 'ok', /`Content-Length` stands .* different numbers/],
    ['Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n', /both `Content-Length` and `Transfer-Encoding`/],
  ])('does not say clearly where its answer ends: %s', async (fields, body, said) => {
    const upstream = await rawUpstream((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`)),
    );
    open.push(() => upstream.close());
    const { findings } = await examine({ target: upstream.url });
    expectOne(findings, {
      title: /does not say clearly where its answer ends/,
      severity: 'wrong',
      fix: /sets this header/,
    });
    expect(findings.map(({ cause }) => cause).join()).toMatch(said);
    expect(JSON.stringify(findings)).not.toMatch(/port that|https/);
  });

  test('is one of several', async () => {
    const target = [await pages({ '/': '<p>' }), `http://127.0.0.1:${await refusingPort()}`];
    const { findings } = await examine({ target });
    expectOne(findings, { title: /refuses the connection/, severity: 'wrong', fix: /./ });
  });
});

describe('TLS and plain HTTP', () => {
  async function tlsTool(names: string[]) {
    const authority = await makeAuthority('A');
    const { cert, key } = await authority.server(...names);
    const server: Server = createTlsServer({ cert, key }, (_, res) => res.writeHead(200, html('<p>')).end('<p>'));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => server.close(resolve)));
    return { port: (server.address() as AddressInfo).port, ca: authority.file };
  }

  test('are the wrong way round', async () => {
    const { port } = await tlsTool(['localhost']);
    const plain = await examine({ target: `http://127.0.0.1:${port}` });
    expectOne(plain.findings, { title: /speaks TLS/, severity: 'wrong', fix: /https:\/\/ in `target`/ });
    const tls = await examine({ target: (await pages({})).replace('http:', 'https:') });
    expectOne(tls.findings, { title: /no TLS connection/, severity: 'wrong', fix: /http:\/\/ in `target`/ });
  });

  test('a certificate of an unknown authority, and one for another name', async () => {
    const { port, ca } = await tlsTool(['localhost']);
    const untrusted = await examine({ target: `https://localhost:${port}` });
    expectOne(untrusted.findings, { title: /no TLS connection/, severity: 'wrong', fix: /`tls\.ca` of this mount/ });
    const named = await examine({ target: `https://127.0.0.1:${port}`, tls: { ca } });
    expectOne(named.findings, { title: /ALTNAME/, severity: 'wrong', fix: /another name/ });
    expect((await examine({ target: `https://localhost:${port}`, tls: { ca } })).findings).toEqual([]);
  });
});

describe('the prefix', () => {
  test('is taken off, and the tool wants it', async () => {
    const target = await tool((req, res) => {
      if (req.url === '/tool/') res.writeHead(200, html('<p>')).end('<p>');
      else res.writeHead(302, { location: '/tool/' }).end();
    });
    const { findings } = await examine({ target });
    expectOne(findings, { title: /taken off/, severity: 'wrong', fix: /prefix: keep/ });
  });

  test('is left on, and the tool does not know it', async () => {
    const { findings } = await examine({ target: await pages({ '/': '<title>x</title>' }), prefix: 'keep' });
    expectOne(findings, { title: /left on/, severity: 'wrong', fix: /prefix: strip/ });
  });

  test('is left on, and stripped the page would escape', async () => {
    const target = await pages({ '/': '<title>Kafdrop</title><script src="/app.js"></script>', '/app.js': '1' });
    const { findings, tool: name } = await examine({ target, prefix: 'keep' });
    expect(name).toBe('Kafdrop');
    expectOne(findings, {
      title: /loads what is not under/,
      severity: 'wrong',
      fix: /^Kafdrop: SERVER_SERVLET_CONTEXTPATH=\/tool; and [^\n]*prefix: keep\n[^\n]*prefix: adopt$/,
    });
  });

  test('is added by the tool once more', async () => {
    const target = await tool((req, res) => {
      const prefix = String(req.headers['x-forwarded-prefix'] ?? '');
      const body = `<script src="${prefix}/tool/app.js"></script>`;
      if (req.url === '/') res.writeHead(200, html(body)).end(body);
      else if (req.url === '/app.js') res.writeHead(200, { 'content-type': 'text/javascript' }).end('1');
      else res.writeHead(404).end();
    });
    const { findings } = await examine({ target });
    expectOne(findings, { title: /added twice/, severity: 'wrong', fix: /forwardedPrefix: false/ });
  });

  test('is doubled by the tool whatever it is told', async () => {
    const body = '<a href="/tool/tool/x">x</a>';
    const { findings } = await examine({ target: await pages({ '/': body, '/tool/': body }) });
    expectOne(findings, { title: /twice: \/tool\/tool/, severity: 'wrong', fix: /one place only/ });
  });

  test('has no slash behind it', async () => {
    const target = await pages({ '/': '<script src="app.js"></script>', '/app.js': '1' });
    const { findings } = await examine({ target, trailingSlash: 'pass' });
    expectOne(findings, { title: /needs a slash/, severity: 'wrong', fix: /trailingSlash: redirect/ });
  });

  test('is not in the addresses that the page loads, nor in its links', async () => {
    const target = await pages({ '/': '<script src="/app.js"></script><a href="/x">', '/app.js': '1' });
    const loads = await examine({ target });
    expectOne(loads.findings, { title: /loads what is not under/, severity: 'wrong', fix: /prefix: adopt/ });
    expect((await examine({ target, prefix: 'adopt' })).findings).toEqual([]);
    const linking = await pages({ '/': '<a href="/x">x</a>' });
    const links = await examine({ target: linking });
    expectOne(links.findings, { title: /Links of the page leave/, severity: 'warning', fix: /prefix: adopt/ });
    expect(links.code).toBe(0);
    expect((await examine({ target: linking, prefix: 'adopt' })).findings).toEqual([]);
  });

  test('is adopted by the gateway, and the tool knows it too', async () => {
    const target = await pages({ '/tool/': '<script src="/tool/app.js"></script>', '/tool/app.js': '1' });
    const { findings } = await examine({ target, prefix: 'adopt' });
    expectOne(findings, { title: /taken off, and the tool wants it/, severity: 'wrong', fix: /prefix: keep/ });
  });

  test('is adopted, and the page is in a charset that is not rewritten', async () => {
    const target = await tool((_, res) => {
      res.writeHead(200, { 'content-type': 'text/html; charset=iso-2022-jp' }).end('<script src="/app.js"></script>');
    });
    const { findings } = await examine({ target, prefix: 'adopt' });
    expectOne(findings, { title: /loads what is not under/, severity: 'wrong', fix: /`path: \/`/ });
  });

  test('text, comments, scripts and other sites are no addresses that escape', async () => {
    const target = await pages({
      '/': '<!-- <img src="/a"> --><script>x = "<img src=/b>"</script><p>src="/c"</p><img src="https://other.example/d"><img src="data:,e"><a href="/other/f">',
    });
    const other = { name: 'Other', path: '/other', target };
    const { text } = await run({ mounts: [{ name: 'Tool', path: '/tool', target }, other] }, { mount: '/tool' });
    expect((JSON.parse(text) as Report).mounts[0]?.findings).toEqual([]);
  });

  test('of a tool at the root, everything is under it', async () => {
    const target = await pages({ '/': '<script src="/app.js"></script>', '/app.js': '1' });
    const { text } = await run({ mounts: [{ name: 'Tool', path: '/', target }] });
    expect((JSON.parse(text) as Report).mounts[0]?.findings).toEqual([]);
  });
});

describe('the name that a tool is asked for', () => {
  /** A tool that refuses all names but one. */
  const choosy = (right: (host: string) => boolean, refuse: (res: import('node:http').ServerResponse) => void) =>
    tool((req, res) => {
      if (!right(req.headers.host ?? '')) refuse(res);
      else if (req.url === '/' || req.url === '/tool/') res.writeHead(200, html('<p>')).end('<p>');
      else res.writeHead(404).end();
    });
  const isOwn = (host: string) => host.startsWith('127.0.0.1');

  test.each([400, 403, 404, 421, 500])('is not taken: %d, at a prefix and at the root', async (status) => {
    const target = await choosy(isOwn, (res) => res.writeHead(status).end('Invalid Host header'));
    const expected = {
      title: /does not take the name/,
      severity: 'wrong',
      fix: /host: target\nOr add tools\.example to/,
    } as const;
    const { code, findings } = await examine({ target });
    expectOne(findings, expected);
    expect(code).toBe(1);
    expect(findings[0]?.cause).toMatch(
      new RegExp(`^It answers ${status} where Host is tools\\.example, and serves its page where it is 127`),
    );
    if (status !== 404) expect(findings[0]?.evidence).toContain('it says: Invalid Host header');
    const { text } = await run({ mounts: [{ name: 'Tool', path: '/', target }] });
    expectOne((JSON.parse(text) as Report).mounts[0]?.findings ?? [], expected);
  });

  test('is its own, where it wants the public one', async () => {
    const target = await choosy(
      (host) => host === 'tools.example',
      (res) => res.writeHead(400).end(),
    );
    const { findings } = await examine({ target, host: 'target' });
    expectOne(findings, { title: /does not take the name/, severity: 'wrong', fix: /host: client$/ });
  });

  test('is not taken, and the page that comes then has faults of its own', async () => {
    const target = await tool((req, res) => {
      const body = '<script src="/app.js"></script>';
      if (isOwn(req.headers.host ?? '')) res.writeHead(200, html(body)).end(body);
      else res.writeHead(403).end();
    });
    const { findings } = await examine({ target });
    expect(findings.map(({ title }) => title)).toEqual([
      'The tool does not take the name that it is asked for',
      'The page loads what is not under /tool',
    ]);
  });

  // nginx: `return 444` in the server for all names that no other has.
  test('is not taken: the connection is closed', async () => {
    const target = await choosy(isOwn, (res) => res.destroy());
    const { findings } = await examine({ target });
    expectOne(findings, { title: /does not take the name/, severity: 'wrong', fix: /host: target/ });
    expect(findings[0]?.cause).toMatch(/^It closes the connection where Host is tools\.example/);
    expect(findings[0]?.evidence).toContain('GET /tool/, GET / at the tool: UPSTREAM_CLOSED');
  });

  test('is taken, where the connection is closed upon the tool’s own', async () => {
    const target = await choosy(
      (host) => host === 'tools.example',
      (res) => res.destroy(),
    );
    expect((await examine({ target })).findings).toEqual([]);
    const { findings } = await examine({ target, host: 'target' });
    expectOne(findings, { title: /does not take the name/, severity: 'wrong', fix: /host: client/ });
  });

  test.each([400, 403, 404])('is not taken: %d, and the path is wanted besides', async (status) => {
    const target = await tool((req, res) => {
      const found = isOwn(req.headers.host ?? '') ? (req.url === '/tool/' ? 200 : 404) : status;
      res.writeHead(found, html('<p>')).end('<p>');
    });
    const fix = /host: target\nand gateway\.yaml, in this mount: prefix: keep/;
    expectOne((await examine({ target })).findings, { title: /does not take the name/, severity: 'wrong', fix });
  });

  test('sends people round in a circle', async () => {
    const target = await choosy(isOwn, (res) => res.writeHead(302, { location: '/' }).end());
    expectOne((await examine({ target })).findings, {
      title: /does not take the name/,
      severity: 'wrong',
      fix: /host: target/,
    });
  });
});

describe('the front page', () => {
  test.each([
    [400, 'wrong', 1],
    [403, 'warning', 0],
    [405, 'wrong', 1],
    [429, 'wrong', 1],
    [503, 'wrong', 1],
  ] as const)('is %d whatever the name', async (status, severity, exit) => {
    const target = await tool((_, res) => res.writeHead(status, html('no')).end('no'));
    const { code, findings } = await examine({ target });
    expectOne(findings, { title: new RegExp(`^The front page is ${status}$`), severity, fix: /log of the tool/ });
    expect(code).toBe(exit);
  });

  // Home Assistant answers so, until its `trusted_proxies` names the proxy.
  test.each([400, 403, 500])('is %d for what comes through a proxy', async (status) => {
    const target = await tool((req, res) => {
      const found = req.headers['x-forwarded-for'] === undefined ? 200 : status;
      res.writeHead(found, html('<p>')).end('<p>');
    });
    const { findings } = await examine({ target });
    expectOne(findings, {
      title: /refuses what comes through a proxy/,
      severity: 'wrong',
      fix: /proxies that it trusts/,
    });
    expect(findings[0]?.evidence.join()).toMatch(/without X-Forwarded-For .*: 200/);
  });

  test('asks for a login by 401', async () => {
    const target = await tool((_, res) => res.writeHead(401, { 'www-authenticate': 'Basic' }).end());
    expect((await examine({ target })).findings).toEqual([]);
  });

  test('is not there', async () => {
    const { code, findings } = await examine({ target: await pages({}) });
    expectOne(findings, { title: /no front page/, severity: 'note', fix: /port/ });
    expect(code).toBe(0);
  });

  test.each([
    ['has none of its scripts', { '/': '<script src="app.js"></script>' }],
    ['gets a page for each of its scripts', { '/': '<script src="app.js"></script>', '/app.js': '<p>' }],
  ])('%s', async (_, byPath) => {
    const { findings } = await examine({ target: await pages(byPath) });
    expectOne(findings, { title: /Scripts or styles .* not there/, severity: 'wrong', fix: /path/ });
  });

  test('loads over http what browsers then refuse', async () => {
    const target = await pages({ '/': '<script src="http://tools.example/tool/app.js"></script>', '/app.js': '1' });
    const { findings } = await examine({ target });
    expectOne(findings, { title: /loads over http/, severity: 'wrong', fix: /https/i });
  });

  test('sets a cookie that browsers refuse', async () => {
    const target = await tool((_, res) => {
      res.writeHead(200, { ...html('<p>'), 'set-cookie': 'a=1; SameSite=None' }).end('<p>');
    });
    const { findings } = await examine({ target });
    expectOne(findings, { title: /SameSite=None without Secure/, severity: 'wrong', fix: /https/i });
  });
});

describe('redirects', () => {
  test('that lead out of the mount', async () => {
    const target = await tool((_, res) => res.writeHead(302, { location: '/sign-in' }).end());
    const { findings } = await examine({ target: `${target}/inner` });
    expectOne(findings, { title: /leads out of the mount/, severity: 'wrong', fix: /base URL/ });
  });

  describe('to a name that the tool knows itself by', () => {
    /** At `/` it sends people to a URL of its own; what it serves, it serves by path. */
    const sending = (
      location: string,
      byPath: Readonly<Record<string, string>> = { '/login': '<title>Login</title>' },
    ) =>
      tool((req, res) => {
        const path = (req.url ?? '').split('?', 1)[0] ?? '';
        const body = byPath[path];
        if (path === '/') res.writeHead(302, { location }).end();
        else if (body === undefined) res.writeHead(404).end();
        else if (body.startsWith('<')) res.writeHead(200, html(body)).end(body);
        else res.writeHead(302, { location: body }).end();
      });

    test.each([
      ['http://a1b2c3d4:20116/login', 'a1b2c3d4:20116'],
      ['http://a1b2c3d4/login?next=/', 'a1b2c3d4'],
      ['//10.1.2.3:20116/login', '10.1.2.3:20116'],
      ['http://[fd00::7]:20116/login', "'[fd00::7]:20116'"],
      ['https://grafana.corp.internal:8443/login', 'grafana.corp.internal:8443'],
      // The public name, and a port that only the tool has.
      ['https://tools.example:20116/login', 'tools.example:20116'],
    ])('%s is cured by names: [%s]', async (location, name) => {
      const target = await sending(location);
      const { code, findings } = await examine({ target });
      expect(code).toBe(1);
      expectOne(findings, { title: /another name than `target`/, severity: 'wrong', fix: /./ });
      expect(findings[0]?.fix[0]).toBe(`gateway.yaml, in this mount: names: [${name}]`);
      expect(findings[0]?.evidence.join()).toContain(location);
      const names = name.replaceAll("'", '');
      expect((await examine({ target, names })).findings).toEqual([]);
    });

    test('several of them stand in one line, with those that are there', async () => {
      const target = await sending('http://one:1/a', { '/a': 'http://two:2/b', '/b': '<p>' });
      const { findings } = await examine({ target, names: ['zero'] });
      expectOne(findings, { title: /another name/, severity: 'wrong', fix: /names: \[zero, one:1, two:2\]$/m });
    });

    test('what is right besides is looked at behind it', async () => {
      const target = await sending('http://one:1/a', { '/a': '<script src="/app.js"></script>', '/app.js': '1' });
      const titles = (await examine({ target })).findings.map(({ title }) => title);
      expect(titles).toEqual([expect.stringMatching(/another name/), expect.stringMatching(/loads what is not under/)]);
    });

    test('a name with a port, which anybody can reach, is only warned of', async () => {
      const target = await sending('https://grafana.example:20116/login');
      expectOne((await examine({ target })).findings, { title: /another name/, severity: 'warning', fix: /names: \[/ });
    });

    test.each([
      'https://idp.example/login',
      'https://idp.example:8443/auth?client_id=a&redirect_uri=b',
      'https://[',
      'mailto:a@b',
    ])('a sign-in at another site is none: %s', async (location) => {
      expect(
        (await examine({ target: await sending(location, { '/login': '<p>', '/auth': '<p>' }) })).findings,
      ).toEqual([]);
    });

    test.each(['http://keycloak:8080/auth?client_id=a&redirect_uri=b', 'http://keycloak:8080/nothing'])(
      'a server inside the network that may be another one is told of as such: %s',
      async (location) => {
        const { findings } = await examine({ target: await sending(location, { '/auth': '<p>' }) });
        expectOne(findings, { title: /inside the network/, severity: 'warning', fix: /names: \[keycloak:8080\]/ });
      },
    );

    test('the tool of another mount is not this one’s', async () => {
      const target = await sending('http://other:1/login');
      const mounts = [
        { name: 'Tool', path: '/tool', target },
        { name: 'Other', path: '/other', target: 'http://other:1' },
      ];
      const { text } = await run({ mounts }, { mount: '/tool' });
      expect((JSON.parse(text) as Report).mounts[0]?.findings).toEqual([]);
    });
  });

  test('a cookie with another host’s Domain, which browsers refuse', async () => {
    const cookie = (domain: string) =>
      tool((_, res) =>
        res.writeHead(200, { ...html('<p>'), 'set-cookie': `a=secret; Path=/; Secure; Domain=${domain}` }).end('<p>'),
      );
    const target = await cookie('.grafana.internal');
    const { findings } = await examine({ target });
    expectOne(findings, {
      title: /Browsers refuse its cookie: its Domain/,
      severity: 'wrong',
      fix: /names: \[grafana\.internal\]/,
    });
    expect(JSON.stringify(findings)).not.toContain('secret');
    for (const mount of [
      { target, names: 'grafana.internal' },
      { target: await cookie('127.0.0.1') },
      { target: await cookie('tools.example') },
    ])
      expect((await examine(mount)).findings).toEqual([]);
  });

  test('a public name that no browser takes for one ends in a sentence', async () => {
    const { code, errors } = await run(
      { mounts: [{ path: '/a', target: 'http://tool.invalid' }] },
      { origin: 'https://1.2.3.400' },
    );
    expect([code, errors]).toEqual([2, [expect.stringMatching(/is no origin; write one such as/)]]);
    const target = await pages({ '/': '<a href="/x">' });
    const config = { hosts: ['1.2.3.400'], mounts: [{ path: '/a', target }] };
    expect((await run(config, { origin: null })).code).toBe(0);
  });

  test('that go round in a circle', async () => {
    const target = await tool((req, res) => res.writeHead(302, { location: req.url === '/a' ? '/' : '/a' }).end());
    const { findings } = await examine({ target });
    expectOne(findings, { title: /redirect loop/, severity: 'wrong', fix: /public address/ });
  });

  test('of the slash, between the tool and the gateway', async () => {
    const target = await tool((req, res) => {
      if (req.url === '/tool') res.writeHead(200, html('<p>')).end('<p>');
      else res.writeHead(301, { location: '/tool' }).end();
    });
    const { findings } = await examine({ target, prefix: 'keep', trailingSlash: 'redirect' });
    expectOne(findings, { title: /in a circle/, severity: 'wrong', fix: /trailingSlash: pass/ });
  });

  test('that look whether a cookie comes back are no loop', async () => {
    const target = await tool((req, res) => {
      if (req.headers.cookie === 'seen=1') res.writeHead(200, html('<p>')).end('<p>');
      else res.writeHead(302, { location: '/', 'set-cookie': 'seen=1; Path=/; Secure' }).end();
    });
    expect((await examine({ target })).findings).toEqual([]);
  });

  test('to another site, for a login, are no fault', async () => {
    const target = await tool((_, res) => res.writeHead(302, { location: 'https://idp.example/' }).end());
    expect((await examine({ target })).findings).toEqual([]);
  });

  test('that say http, by themselves and for the way back', async () => {
    const kpow = await startKpow({ login: true, httpForwarded: false });
    open.push(() => kpow.close());
    const deny = ['/metrics/v1', '/offsets/v1', '/streams/v1'];
    const { findings } = await examine({ target: kpow.url, kind: 'kpow', health: '/healthy', deny });
    expectOne(findings, { title: /redirects say http/, severity: 'warning', fix: /^kPow: HTTP_FORWARDED=true$/ });

    const location = `https://idp.example/?redirect_uri=${encodeURIComponent('http://tools.example/tool/callback')}`;
    const target = await tool((_, res) => res.writeHead(302, { location }).end());
    const login = await examine({ target });
    expectOne(login.findings, { title: /come back to http/, severity: 'wrong', fix: /X-Forwarded-Proto/ });
  });
});

test('cookies without Secure behind TLS; and none is wrong where all is plain', async () => {
  const target = await tool((_, res) =>
    res.writeHead(200, { ...html('<p>'), 'set-cookie': 'id=secret; Path=/' }).end('<p>'),
  );
  const { findings } = await examine({ target });
  expectOne(findings, { title: /not Secure/, severity: 'warning', fix: /X-Forwarded-Proto/ });
  expect(JSON.stringify(findings)).not.toContain('secret');
  expect((await examine({ target }, { origin: 'http://tools.example' })).findings).toEqual([]);
});

describe('a websocket', () => {
  /** @param decides the status of a handshake */
  async function socketTool(decides: (req: IncomingMessage) => number, page = '<p>') {
    const upstream = await httpUpstream((_, res) => res.writeHead(200, html(page)).end(page));
    upstream.server.on('upgrade', (req, socket) => {
      const status = decides(req);
      const more = status === 101 ? 'Connection: Upgrade\r\nUpgrade: websocket\r\n' : 'Content-Length: 0\r\n';
      socket.end(`HTTP/1.1 ${status} X\r\n${more}\r\n`);
    });
    open.push(() => upstream.close());
    return upstream.url;
  }
  const websocket = ['/live'];

  test('that is taken is no finding', async () => {
    expect((await examine({ target: await socketTool(() => 101) }, { websocket })).findings).toEqual([]);
  });

  test('is refused because Origin is not the tool’s own', async () => {
    const decides = (req: IncomingMessage) => (req.headers.origin === `http://${req.headers.host}` ? 101 : 403);
    const { findings } = await examine({ target: await socketTool(decides) }, { websocket });
    expectOne(findings, { title: /Origin/, severity: 'wrong', fix: /host: target/ });
  });

  test('is refused because Origin is not on the tool’s list, found by what the page opens', async () => {
    const page = '<title>JupyterLab</title><script>new WebSocket("wss://tools.example/tool/live")</script>';
    const decides = (req: IncomingMessage) => (req.headers.origin === undefined ? 101 : 403);
    const { findings, tool: name } = await examine({ target: await socketTool(decides, page) });
    expect(name).toBe('Jupyter');
    expect(findings[0]).toMatchObject({
      title: expect.stringContaining('Origin'),
      fix: [`Jupyter: ServerApp.allow_origin = 'https://tools.example'`],
    });
  });

  test('loses its Upgrade on the way', async () => {
    const { findings } = await examine({ target: await socketTool(() => 426) }, { websocket });
    expectOne(findings, { title: /Upgrade does not arrive/, severity: 'wrong', fix: /pass Upgrade/ });
  });

  test('that wants a login is told as such, and one that is not there', async () => {
    const login = await examine({ target: await socketTool(() => 401) }, { websocket });
    expectOne(login.findings, { title: /wants a login/, severity: 'note', fix: /^$/ });
    const none = await examine({ target: await socketTool(() => 404) }, { websocket });
    expectOne(none.findings, { title: /no websocket: 404/, severity: 'warning', fix: /network view/ });
  });
});

describe('server-sent events', () => {
  const stream = { 'content-type': 'text/event-stream' };
  const eventsTool = (answer: RequestListener) =>
    tool((req, res) => {
      if (req.url === '/events') answer(req, res);
      else res.writeHead(200, html('<p>')).end('<p>');
    });
  const quick = { events: ['/events'], patience: { request: 200, mount: 3_000 } };

  test('that come as they happen are no finding, also where none happens', async () => {
    const target = await eventsTool((_, res) => void res.writeHead(200, stream).write('data: 1\n\n'));
    expect((await examine({ target }, quick)).findings).toEqual([]);
    const silent = await eventsTool((_, res) => {
      res.writeHead(200, stream).flushHeaders();
    });
    expect((await examine({ target: silent }, quick)).findings).toEqual([]);
  });

  test.each<[string, RequestListener, RegExp, Finding['severity']]>([
    [
      'a length',
      (_, res) => res.writeHead(200, { ...stream, 'content-length': 9 }).end('data: 1\n\n'),
      /buffers/,
      'wrong',
    ],
    [
      'compression',
      (_, res) => void res.writeHead(200, { ...stream, 'content-encoding': 'gzip' }).write(gzipSync('data: 1\n\n')),
      /are compressed/,
      'warning',
    ],
    [
      'compression that holds them',
      (_, res) =>
        void res
          .writeHead(200, { ...stream, 'content-encoding': 'gzip' })
          .write(gzipSync('data: 1\n\n').subarray(0, 10)),
      /holds the events back/,
      'wrong',
    ],
    ['no head', () => undefined, /does not begin/, 'warning'],
    [
      'another type',
      (_, res) => res.writeHead(200, { 'content-type': 'text/plain' }).end('data'),
      /no stream/,
      'warning',
    ],
  ])('with %s', async (_, answer, title, severity) => {
    const { findings } = await examine({ target: await eventsTool(answer) }, quick);
    expectOne(findings, { title, severity, fix: /./ });
  });
});

test('a login that is bound to the connection is told', async () => {
  const target = await tool((_req, res) => res.writeHead(401, { 'www-authenticate': ['Basic', 'NTLM'] }).end('no'));
  const { findings } = await examine({ target });
  const found = findings.filter(({ title }) => /NTLM/.test(title));
  expectOne(found, { title: /bound to the connection/, severity: 'note', fix: /`ntlm`/ });
  expect(found[0]?.evidence.join()).toContain('GET /tool/, GET / at the tool: 401');
});

describe('metrics', () => {
  test('of kPow are open to all, unless they are denied', async () => {
    const kpow = await startKpow();
    open.push(() => kpow.close());
    const mount = { target: kpow.url, kind: 'kpow', health: '/healthy' };
    const fix = /deny: \[\/metrics\/v1, \/offsets\/v1, \/streams\/v1\]/;
    expectOne((await examine(mount)).findings, { title: /read its metrics/, severity: 'warning', fix });
    expect((await examine({ ...mount, allow: ['10.0.0.0/8'] })).findings).toEqual([]);
  });

  test('of the gateway are open to all', async () => {
    const target = await pages({ '/': '<p>' });
    const { text } = await run({ metrics: { allow: ['any'] }, mounts: [{ name: 'A', path: '/a', target }] });
    expectOne((JSON.parse(text) as Report).gateway, {
      title: /metrics/,
      severity: 'warning',
      fix: /name your Prometheus/,
    });
  });
});

test('kPow in its ERROR state is told with what helps', async () => {
  const kpow = await startKpow({ errorStateLasts: 0 });
  open.push(() => kpow.close());
  kpow.setErrorState(true);
  const { findings } = await examine({ target: kpow.url, kind: 'kpow', health: '/healthy' });
  expect(findings[0]).toMatchObject({ severity: 'wrong', title: 'kPow is in its ERROR state' });
  expect(findings[0]?.fix.join()).toContain('Restart kPow');
});

test.each([
  [404, 'refuse', /lets requests through all the same, since most likely the path/, /without the mount’s prefix/],
  [401, 'refuse', /lets requests through all the same, since most likely the path/, /may want a login/],
  [503, 'refuse', /answers requests for it with 503/, /log of the tool/],
  [503, 'pass', /lets requests through all the same, by `health\.whenUnhealthy: pass`/, /log of the tool/],
])('a health path that answers %d, with whenUnhealthy: %s', async (status, whenUnhealthy, cause, fix) => {
  const target = await tool((req, res) => {
    if (req.url === '/health') res.writeHead(status).end();
    else res.writeHead(200, html('<p>')).end('<p>');
  });
  const health = { path: '/health', whenUnhealthy };
  const { findings } = await examine({ target, health });
  expectOne(findings, { title: new RegExp(`^Tool answers ${status} at its health path$`), severity: 'wrong', fix });
  expect(findings[0]?.cause).toMatch(cause);

  // As the gateway does.
  const gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target, health }] });
  open.push(() => gateway.stop());
  await gateway.line(({ msg }) => msg === `Tool answers ${status} at its health path`);
  const client = await RawClient.connect(gateway.httpsPort, true);
  client.write('GET /tool/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(Number((await client.end()).split(' ')[1])).toBe(/lets requests through/.test(String(cause)) ? 200 : 503);
});

test('a gateway that runs here and counts no escapes adds nothing', async () => {
  const target = await pages({ '/': '<p>' });
  const mounts = [{ name: 'Tool', path: '/tool', target }];
  const gateway = await startGateway({ mounts });
  open.push(() => gateway.stop());
  const listen = { https: { port: gateway.httpsPort } };
  expect(JSON.parse((await run({ listen, mounts })).text)).toMatchObject({ mounts: [{ findings: [] }] });
});

test('requests that escaped an adopting mount are told, as its gateway counts them', async () => {
  const target = await pages({ '/': '<p>', '/app.js': '1' });
  const mounts = [{ name: 'Tool', path: '/tool', target, prefix: 'adopt' }];
  const gateway = await startGateway({ mounts });
  open.push(() => gateway.stop());
  const referer = `https://localhost:${gateway.httpsPort}/tool/`;
  const client = await RawClient.connect(gateway.httpsPort, true);
  client.write(`GET /app.js HTTP/1.1\r\nHost: localhost:${gateway.httpsPort}\r\nReferer: ${referer}\r\n\r\n`);
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
  client.destroy();
  const { text } = await run({ listen: { https: { port: gateway.httpsPort } }, mounts });
  const [{ findings } = { findings: [] }] = (JSON.parse(text) as Report).mounts;
  expectOne(findings, { title: /left the mount/, severity: 'warning', fix: /path: \// });
});

test('requests that left a mount are told as the running gateway has counted them', async () => {
  const target = await pages({ '/': '<p>' });
  const metrics = await httpUpstream((_, res) => res.end('kpow_gateway_escaped_requests_total{mount="Tool"} 3\n'));
  open.push(() => metrics.close());
  const own = { port: metrics.port, host: '127.0.0.1' };
  const { text } = await run({ metrics: own, mounts: [{ name: 'Tool', path: '/tool', target }] });
  const [{ findings } = { findings: [] }] = (JSON.parse(text) as Report).mounts;
  expectOne(findings, {
    title: /left the mount/,
    severity: 'warning',
    fix: /“asked for a path outside” in the gateway’s log/,
  });
});

describe('a hostile tool', () => {
  const page = (body: string) => `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${body}`;

  test.each<[string, (socket: import('node:net').Socket) => void]>([
    [
      'a body without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n');
        const more = () => {
          if (!socket.destroyed) socket.write('<img src="/x">'.repeat(1_000), () => setImmediate(more));
        };
        more();
      },
    ],
    [
      'a trickle',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<');
        const timer = setInterval(() => socket.write('a'), 20);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    [
      'a huge redirect',
      (socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: /${'x'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`),
    ],
    [
      'a new redirect each time',
      (socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: /${Math.random()}\r\nContent-Length: 0\r\n\r\n`),
    ],
    ['an unfinished tag', (socket) => socket.end(page('<a '.repeat(80_000)))],
    ['unfinished scripts', (socket) => socket.end(page('<script '.repeat(30_000)))],
    ['unfinished titles', (socket) => socket.end(page('<title '.repeat(30_000)))],
    ['one long attribute', (socket) => socket.end(page(`<a ${'x'.repeat(250_000)}>`))],
    ['attributes without end', (socket) => socket.end(page(`<a ${'x="" '.repeat(50_000)}`))],
  ])('with %s neither hangs nor breaks it', async (_, script) => {
    const upstream = await rawUpstream((socket) => socket.once('data', () => script(socket)));
    open.push(() => upstream.close());
    const { code } = await examine({ target: upstream.url }, { patience: { request: 150, mount: 1_000 } });
    expect([0, 1]).toContain(code);
  });

  test('cannot write to a terminal', async () => {
    const target = await pages({ '/': '<script src="/\u001b[2J\u009b31m"></script>' });
    const mounts = [{ name: 'Tool', path: '/tool', target }];
    for (const json of [true, false]) {
      const { text } = await run({ mounts }, { json });
      expect(text).toContain('\\u001b');
      // eslint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u001b\u0080-\u009f]/);
    }
  });
});

test('it asks with GET alone, sends no credentials, and no more than a few dozen requests', async () => {
  const upstream = await recordingUpstream((_, res) => {
    res.writeHead(404, { 'set-cookie': 'a=1' }).end();
  });
  open.push(() => upstream.close());
  await examine({ target: upstream.url });
  expect(upstream.requests.every(({ method, headers }) => method === 'GET' && !headers.authorization)).toBe(true);
  expect(upstream.requests.length).toBeLessThan(40);
});

describe('the report', () => {
  test('has evidence, cause and fix for people, and the number of faults at its end', async () => {
    const target = await pages({ '/': '<title>x</title>' });
    const { text, code } = await run(
      { mounts: [{ name: 'Tool', path: '/tool', target, prefix: 'keep' }] },
      { json: false },
    );
    expect(code).toBe(1);
    expect(text).toMatch(
      /^\/tool {2}Tool → http:\/\/127[^]*\n {2}WRONG: The prefix is left on[^]*\n {6}seen: GET \/tool\/: 404\n[^]*\n {6}why: [^]*\n {6}fix: {2}gateway\.yaml, in this mount: prefix: strip\n[^]*\n1 tool was looked at: 1 thing is wrong$/,
    );
  });

  test('is of one mount, by its path or its name, where one is named', async () => {
    const target = await pages({ '/': '<p>' });
    const mounts = [
      { name: 'One', path: '/one', target },
      { name: 'Two', path: '/two', target },
    ];
    for (const mount of ['/two', 'two', '/two/', 'TWO'])
      expect((JSON.parse((await run({ mounts }, { mount })).text) as Report).mounts.map(({ mount }) => mount)).toEqual([
        '/two',
      ]);
    const { code, errors } = await run({ mounts }, { mount: '/tow' });
    expect([code, errors]).toEqual([2, ['There is no mount /tow; did you mean /two?']]);
    expect((await run({ mounts }, { origin: 'tools.example' })).code).toBe(2);
  });
});

test('a tool whose TLS files are of no use is told of with the file, and the others are looked at', async () => {
  const target = await pages({ '/': '<title>well</title>' });
  const { key } = (await (await makeAuthority('Other')).client('gateway')).files;
  const { cert } = (await (await makeAuthority('One')).client('gateway')).files;
  const broken = { path: '/broken', name: 'Broken', target: target.replace('http:', 'https:'), tls: { cert, key } };
  const { text } = await run({ mounts: [broken, { path: '/tool', name: 'Tool', target }] });
  const [first, second] = (JSON.parse(text) as Report).mounts;
  expect(first?.findings).toEqual([
    expect.objectContaining({
      severity: 'wrong',
      title: 'Broken is left out, since its TLS files cannot be used',
      evidence: expect.arrayContaining([expect.stringContaining(`tls.key: ${key} does not belong`)]) as string[],
    }),
  ]);
  expect(second?.findings.filter(({ severity }) => severity === 'wrong')).toEqual([]);
});
