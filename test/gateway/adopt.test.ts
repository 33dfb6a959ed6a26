import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { PageRewriter } from '../../src/adopt/html/page-rewriter';
import { mountCookie } from '../../src/adopt/mount-cookie';
import { RewritingStream } from '../../src/adopt/rewriting-stream';
import { adoptScript } from '../../src/adopt/script';
import { startGateway, type TestGateway } from '../support/gateway';
import { httpUpstream, type Upstream } from '../support/upstreams';

let tool: Upstream;
let other: Upstream;
let gateway: TestGateway;
/** How the tool answers, set by each test. */
let answer: (req: IncomingMessage, res: ServerResponse) => void;
let asked: IncomingMessage[];

beforeAll(async () => {
  tool = await httpUpstream((req, res) => {
    asked.push(req);
    answer(req, res);
  });
  other = await httpUpstream((_req, res) => res.end('the other tool'));
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [
      { name: 'Tool', path: '/tool', target: tool.url, prefix: 'adopt' },
      { name: 'Twin', path: '/in/twin', target: tool.url, prefix: 'adopt', storage: 'separate' },
      { name: 'Owned', path: '/owned', target: other.url },
      {
        name: 'Narrow',
        path: '/narrow',
        target: tool.url,
        prefix: 'adopt',
        limits: { connections: 1, queue: 0 },
        timeouts: { idle: '150ms' },
      },
    ],
  });
});
beforeEach(() => (asked = []));
afterAll(async () => {
  await gateway.stop();
  await tool.close();
  await other.close();
});

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

function open(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  const { httpPort } = gateway;
  return new Promise((resolve, reject) => {
    const fields = { Host: 'tools.example', ...headers };
    request({ host: '127.0.0.1', port: httpPort, path, method, headers: fields, agent: false }, resolve)
      .once('error', reject)
      .end();
  });
}

async function ask(path: string, headers?: Record<string, string>, method?: string): Promise<Answered> {
  const {
    statusCode = 0,
    headers: fields,
    ...rest
  } = await open(path, headers, method).then(async (res) => Object.assign(res, { bytes: await buffer(res) }));
  return { status: statusCode, headers: fields, bytes: rest.bytes, text: rest.bytes.toString() };
}

const document = { 'Sec-Fetch-Dest': 'document' };
const sends = (body: string | Buffer, fields: Record<string, string | string[]>, status = 200) => {
  answer = (_req, res) => res.writeHead(status, fields).end(body);
};
const html = (body: string, fields: Record<string, string | string[]> = {}) =>
  sends(body, { 'Content-Type': 'text/html', ...fields });
const element = (mount: string) => new RegExp(`<script[^>]* src="?${adoptScript.path}"?[^>]*data-mount="?${mount}"?`);

test('a page’s URLs go under the prefix, and the script comes first in its head', async () => {
  html('<!doctype html><html><head><link href="/a.css"></head><body><a href="/x?y=1">x</a><a href="z">z</a></body>');
  const { text, headers } = await ask('/tool/', document);
  expect(asked[0]?.url).toBe('/');
  expect(text).toMatch(/^<!doctype html><html><head><script[^>]*><\/script><link href="\/tool\/a.css">/);
  expect(text).toMatch(element('/tool'));
  expect(text).toContain('<a href="/tool/x?y=1">x</a><a href="z">z</a>');
  expect(headers).not.toHaveProperty('content-length');
  const twin = (await ask('/in/twin/', document)).text;
  expect(twin).toContain('<a href="/in/twin/x?y=1">');
  expect(twin).toMatch(/<script[^>]* data-storage="separate"/);
  expect((await ask('/tool/', document)).text).not.toContain('data-storage');
});

test('the script is one of the gateway’s files, whichever version a kept page names', async () => {
  const { status, headers, text } = await ask(adoptScript.path);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(headers['cache-control']).toContain('immutable');
  expect(text).toBe(adoptScript.body.toString());
  expect((await ask('/-/assets/adopt.0123456789ab.js')).text).toBe(text);
});

test('a page that a script asked for gets the URLs and no script', async () => {
  html('<tr><td><a href="/x">');
  expect((await ask('/tool/rows', { 'Sec-Fetch-Dest': 'empty' })).text).toBe('<tr><td><a href="/tool/x">');
});

test('style sheets and manifests are rewritten, all else is passed byte for byte', async () => {
  sends('a{background:url(/a.png)}', { 'Content-Type': 'text/css' });
  expect((await ask('/tool/a.css')).text).toBe('a{background:url(/tool/a.png)}');
  sends('{"start_url":"/"}', { 'Content-Type': 'application/manifest+json' });
  expect(JSON.parse((await ask('/tool/m.json')).text)).toEqual({ start_url: '/tool/' });
  const script = 'fetch("/x"); a = "<a href=\\"/x\\">"';
  sends(script, {
    'Content-Type': 'text/javascript',
    'Content-Length': String(script.length),
    ETag: '"1"',
  });
  const { text, headers } = await ask('/tool/a.js');
  expect(text).toBe(script);
  expect(headers).toMatchObject({ 'content-length': String(script.length), etag: '"1"' });
});

test.each([
  ['gzip', zlib.gzipSync, zlib.gunzipSync],
  ['deflate', zlib.deflateSync, zlib.inflateSync],
  ['br', zlib.brotliCompressSync, zlib.brotliDecompressSync],
] as const)('a page in %s stays in it', async (coding, code, decode) => {
  html('', {});
  sends(code(Buffer.from('<head></head><a href="/x">')), { 'Content-Type': 'text/html', 'Content-Encoding': coding });
  const { bytes, headers } = await ask('/tool/', { ...document, 'Accept-Encoding': `${coding}, dcb` });
  expect(asked[0]?.headers['accept-encoding']).toBe(coding);
  expect(headers['content-encoding']).toBe(coding);
  expect(decode(bytes).toString()).toContain('<a href="/tool/x">');
});

test('a page that is sent bit by bit arrives bit by bit, in a coding too', async () => {
  let send: (text: string) => void = () => undefined;
  answer = (_req, res) => {
    const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
    res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' });
    gzip.pipe(res);
    send = (text) => gzip.write(text);
    send('<head></head><p>first');
  };
  const res = await open('/tool/', document);
  let seen = '';
  let wake: () => void = () => undefined;
  const decoder = res.pipe(zlib.createGunzip());
  decoder.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
    wake();
  });
  decoder.on('error', () => undefined);
  const until = async (text: string) => {
    while (!seen.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
  };
  await until('<p>first');
  send('<a href="/second">');
  await until('<a href="/tool/second">');
  res.destroy();
});

describe('whatever becomes of an answer, its place at the tool is given back', () => {
  const gzip = zlib.gzipSync(Buffer.from('<p>'.repeat(50_000)));
  /** A block of the type that there is none of (RFC 1951 §3.2.3). */
  const broken = Buffer.from(gzip).fill(0x07, 10, 11);
  const coded = (body: Buffer, coding = 'gzip') =>
    sends(body, { 'Content-Type': 'text/html', 'Content-Encoding': coding });
  const failing = (method: 'push' | 'end') =>
    jest.spyOn(PageRewriter.prototype, method).mockImplementation(() => {
      throw new RangeError('made to fail');
    });
  /** The one place is free again. */
  const expectRoom = async () => {
    html('room');
    expect((await ask('/narrow/room', { 'Sec-Fetch-Dest': 'empty' })).text).toBe('room');
  };
  const expectCut = async (path: string, code: string) => {
    await expect(ask(`/narrow${path}`, document)).rejects.toThrow('aborted');
    expect(await gateway.line(({ path: at }) => at === `/narrow${path}`)).toMatchObject({ status: 200, code });
  };

  afterEach(() => jest.restoreAllMocks());

  test.each<[string, Buffer, (bytes: Buffer) => Buffer]>([
    ['gzip', Buffer.concat([zlib.gzipSync('<p>1'), Buffer.alloc(512)]), zlib.gunzipSync],
    ['gzip', Buffer.concat([zlib.gzipSync('<p>'), zlib.gzipSync('1'), Buffer.from('x')]), zlib.gunzipSync],
    ['deflate', Buffer.concat([zlib.deflateSync('<p>1'), Buffer.from('x')]), zlib.inflateSync],
    ['br', Buffer.concat([zlib.brotliCompressSync('<p>1'), Buffer.from('x')]), zlib.brotliDecompressSync],
  ])('a page in %s arrives, whatever stands behind it', async (coding, body, decode) => {
    for (const size of [body.length, 1]) {
      answer = (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': coding });
        for (let at = 0; at < body.length; at += size) res.write(body.subarray(at, at + size));
        res.end();
      };
      const { bytes } = await ask('/narrow/padded', { 'Accept-Encoding': coding });
      expect(decode(bytes).toString()).toMatch(/<p>1$/);
    }
    await expectRoom();
  });

  test.each([
    ['is broken', '/broken', broken],
    ['is cut', '/cut', gzip.subarray(0, -20)],
    ['has no checksum', '/no-checksum', gzip.subarray(0, -8)],
  ])('a coding that %s breaks the answer off, and the log says why', async (_, path, body) => {
    coded(body);
    await expectCut(path, 'UPSTREAM_BAD_ANSWER');
    await expectRoom();
  });

  test('what a tool goes on sending behind a broken coding is not read', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_req, res) => {
        res.once('close', resolve);
        res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }).write(broken);
        const more = () => {
          while (!res.destroyed && res.write(Buffer.alloc(64 * 1024)));
        };
        res.on('drain', more);
        more();
      };
    });
    await expectCut('/endless', 'UPSTREAM_BAD_ANSWER');
    await left;
    await expectRoom();
  });

  test.each(['push', 'end'] as const)('a rewriter whose %s throws costs its answer alone', async (method) => {
    html('<p>');
    const spy = failing(method);
    await expectCut(`/throws-${method}`, 'INTERNAL');
    spy.mockRestore();
    coded(zlib.gzipSync('<p>'));
    failing(method);
    await expectCut(`/throws-${method}-coded`, 'INTERNAL');
    jest.restoreAllMocks();
    await expectRoom();
  });

  test.each([
    ['of which nothing has come out', '/silent', { 'Content-Type': 'application/manifest+json' }, Buffer.from('{"a":')],
    ['in a coding', '/silent-gzip', { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }, gzip.subarray(0, 200)],
    ['within a tag', '/silent-tag', { 'Content-Type': 'text/html' }, Buffer.from('<p><a href="')],
  ])('an answer %s that goes silent is cut', async (_, path, fields, body) => {
    answer = (_req, res) => res.writeHead(200, fields).write(body);
    await expectCut(path, 'UPSTREAM_IDLE_TIMEOUT');
    await expectRoom();
  });

  test('a whole answer that gets stuck on its way is cut', async () => {
    jest.spyOn(RewritingStream.prototype, '_flush').mockImplementation(() => undefined);
    html('<p>');
    await expectCut('/stuck', 'INTERNAL');
    jest.restoreAllMocks();
    await expectRoom();
  });
});

test('a coding that is not known passes as it is', async () => {
  sends('<a href="/x">', { 'Content-Type': 'text/html', 'Content-Encoding': 'compress' });
  expect((await ask('/tool/', document)).text).toBe('<a href="/x">');
});

test('tags are those of the rewritten page, and the tool is asked by its own', async () => {
  answer = (req, res) => {
    if (req.headers['if-none-match'] === '"1"') res.writeHead(304, { ETag: '"1"' }).end();
    else res.writeHead(200, { 'Content-Type': 'text/html', ETag: '"1"' }).end('<p>');
  };
  const { headers } = await ask('/tool/', document);
  expect(headers.etag).toBe('"1.adopted"');
  const again = await ask('/tool/', { ...document, 'If-None-Match': '"1.adopted"' });
  expect(again).toMatchObject({ status: 304, headers: { etag: '"1.adopted"' } });
  // The page as it was before the mount adopted.
  expect((await ask('/tool/', { ...document, 'If-None-Match': '"1"' })).status).toBe(200);
});

test('of a page that is asked for in part the whole is sent; other bodies come in parts', async () => {
  answer = (req, res) => {
    const type = { 'Content-Type': req.url === '/page' ? 'text/html' : 'video/mp4' };
    if (req.headers.range === undefined) res.writeHead(200, type).end('<a href="/x">');
    else res.writeHead(206, { ...type, 'Content-Range': 'bytes 0-1/13' }).end('<a');
  };
  const range = { Range: 'bytes=0-1' };
  const page = await ask('/tool/page', range);
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<a href="/tool/x">') as string });
  expect(page.headers).not.toHaveProperty('content-range');
  expect(asked.map(({ headers }) => headers.range)).toEqual(['bytes=0-1', undefined]);
  expect(await ask('/tool/video', range)).toMatchObject({ status: 206, text: '<a' });
});

test('HEAD says of a page what GET would', async () => {
  html('', { 'Content-Length': '500', ETag: '"1"' });
  const { status, headers, bytes } = await ask('/tool/', document, 'HEAD');
  expect(status).toBe(200);
  expect(headers.etag).toBe('"1.adopted"');
  expect(headers).not.toHaveProperty('content-length');
  expect(bytes).toHaveLength(0);
});

test('an empty page stays empty', async () => {
  html('');
  expect((await ask('/tool/', document)).bytes).toHaveLength(0);
});

test('redirects, cookies, links and policies are the prefix’s', async () => {
  html('', {
    Location: '/login',
    'Set-Cookie': ['s=1; Path=/', 't=2'],
    Link: '</a.css>; rel=preload',
    'Content-Security-Policy': "default-src 'none'; script-src 'nonce-abc'",
  });
  const { headers, text } = await ask('/tool/', document);
  expect(headers).toMatchObject({
    location: '/tool/login',
    link: '</tool/a.css>; rel=preload',
    'content-security-policy': "default-src 'none'; script-src 'nonce-abc'",
  });
  expect(headers['set-cookie']?.slice(0, 2)).toEqual(['s=1; Path=/tool', 't=2']);
  expect(text).toBe('');
  html('<p>', { 'Content-Security-Policy': "script-src 'nonce-abc'" });
  expect((await ask('/tool/', document)).text).toMatch(/<script[^>]* nonce="?abc"?/);
  html('<p>', { 'Content-Security-Policy': "default-src 'none'" });
  expect((await ask('/tool/', document)).headers['content-security-policy']).toBe(
    `default-src 'none'; script-src http://tools.example${adoptScript.path}`,
  );
});

test('the tool is told nothing of a prefix, and reads its own address in Referer', async () => {
  sends('', {});
  await ask('/tool/x', { Referer: 'http://tools.example/tool/page?a=1', Cookie: `${mountCookie('/tool')}=1; a=1` });
  expect(asked[0]?.headers).toMatchObject({ referer: 'http://tools.example/page?a=1', cookie: 'a=1' });
  expect(asked[0]?.headers).not.toHaveProperty('x-forwarded-prefix');
});

describe('a request that escapes the prefix', () => {
  const cookieOf = (path: string) => `${mountCookie(path)}=1`;
  const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'image' };
  const from = (page: string) => ({ ...own, Referer: `http://tools.example${page}` });
  const count = async () => {
    const { text } = await ask('/-/metrics');
    return Number(/^kpow_gateway_escaped_requests_total\{mount="\/tool"\} (\d+)$/m.exec(text)?.[1]);
  };

  beforeEach(() => {
    answer = (req, res) =>
      res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=60' }).end(`tool ${req.url ?? ''}`);
  });

  test('is answered by the mount of its page, counted, and told once', async () => {
    const before = await count();
    for (const path of ['/lost.png?1', '/lost.png?2']) {
      const { text, headers } = await ask(path, from('/tool/page'));
      expect(text).toBe(`tool ${path}`);
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(await count()).toBe(before + 2);
    const lines = gateway.lines.filter(({ path, msg }) => path === '/lost.png' && String(msg).includes('outside'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ mount: 'Tool' });
  });

  test('is told by the cookie where only one mount is open', async () => {
    html('<p>');
    const { headers } = await ask('/tool/', document);
    expect(headers['set-cookie']).toEqual([`${cookieOf('/tool')}; Path=/; HttpOnly; SameSite=Strict`]);
    const again = await ask('/tool/', { ...document, Cookie: cookieOf('/tool') });
    expect(again.headers).not.toHaveProperty('set-cookie');
    sends('x', {});
    expect((await ask('/lost', { ...own, Cookie: cookieOf('/tool') })).status).toBe(200);
    expect((await ask('/lost', { ...own, Cookie: `${cookieOf('/tool')}; ${cookieOf('/in/twin')}` })).status).toBe(404);
  });

  test('is not answered for other sites, navigations, other methods, or what is another’s', async () => {
    expect((await ask('/lost', { Referer: 'http://elsewhere.example/tool/' })).status).toBe(404);
    expect((await ask('/lost', { ...from('/tool/'), 'Sec-Fetch-Site': 'cross-site' })).status).toBe(404);
    expect((await ask('/lost', { ...from('/tool/'), ...document })).status).toBe(404);
    expect((await ask('/lost', from('/tool/'), 'POST')).status).toBe(404);
    const referer = { Referer: 'http://tools.example/tool/' };
    expect((await ask('/lost', { ...referer, Accept: 'text/html' })).status).toBe(404);
    const handshake = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    expect((await ask('/lost', { ...referer, ...handshake })).status).toBe(404);
    expect((await ask('/owned/x', from('/tool/'))).text).toBe('the other tool');
    expect(asked).toHaveLength(0);
  });
});

test('a service worker gets the mount for its scope, and never one from outside of it', async () => {
  sends('self.x = 1', { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' });
  const script = { 'Service-Worker': 'script', 'Sec-Fetch-Dest': 'serviceworker', 'Sec-Fetch-Site': 'same-origin' };
  expect((await ask('/tool/js/sw.js', script)).headers['service-worker-allowed']).toBe('/tool/');
  asked = [];
  const cookie = { Cookie: `${mountCookie('/tool')}=1` };
  const referer = { Referer: 'http://tools.example/tool/' };
  for (const fields of [
    { ...script, ...referer },
    { ...script, ...cookie },
    { ...referer, 'Service-Worker': 'script' },
    { ...referer, 'Sec-Fetch-Dest': 'serviceworker' },
  ])
    expect((await ask('/sw.js', fields)).status).toBe(404);
  expect(asked).toHaveLength(0);
});

test('a client that leaves a page in the middle leaves nothing open', async () => {
  let left: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (left = resolve));
  answer = (_req, res) => {
    res.once('close', left);
    res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' });
    const gzip = zlib.createGzip();
    gzip.pipe(res);
    const more = () => {
      while (!res.destroyed && gzip.write('<a href="/x">'.repeat(1_000)));
    };
    gzip.on('drain', more);
    more();
  };
  const res = await open('/tool/', document);
  await new Promise((resolve) => res.once('data', resolve));
  res.destroy();
  await gone;
});
