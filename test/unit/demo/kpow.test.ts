import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import WebSocket from 'ws';
import { startKpow } from '../../../src/demo/kpow';
import type { KpowOptions, KpowStandIn } from '../../../src/demo/kpow';
import { ask, cookieOf, post } from './ask';

const admin = { j_username: 'admin', j_password: 'admin' };
const forwarded = { Host: 'tools.example', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'tools.example' };

const started: KpowStandIn[] = [];

async function start(options: KpowOptions = {}): Promise<KpowStandIn> {
  const kpow = await startKpow({ liveInterval: 20, ...options });
  started.push(kpow);
  return kpow;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((kpow) => kpow.close()));
});

const liveUrl = ({ url }: KpowStandIn): string => `${url.replace('http', 'ws')}/chsk`;

async function nextMessage(socket: WebSocket): Promise<Record<string, unknown>> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}

describe('pages of the kPow stand-in', () => {
  test('say that it is not kPow', async () => {
    const { status, body } = await ask((await start()).url);
    expect(status).toBe(200);
    expect(body).toContain('<title>Overview · kPow stand-in</title>');
    expect(body).toContain('It is not kPow');
  });

  test.each(['/', '/topics', '/topics/orders', '/groups', '/request', '/no/such/page'])(
    '%s refers to the tool by relative URLs that all exist',
    async (path) => {
      const { url } = await start();
      const { body } = await ask(url + path);
      const references = [...body.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, reference]) => reference!);
      expect(references.length).toBeGreaterThan(5);
      for (const reference of references) {
        expect(reference).not.toMatch(/^(\/|https?:)/);
        // As seen under a stripped prefix, it must stay under the prefix.
        const target = new URL(reference, `http://gateway/kpow${path}`).pathname;
        expect(target).toMatch(/^\/kpow\//);
        if (target !== '/kpow/demo/error-state') expect((await ask(url + target.slice(5))).status).toBe(200);
      }
    },
  );

  test('have no inline script or style, so that a strict Content-Security-Policy holds', async () => {
    const { headers, body } = await ask((await start()).url);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=/);
  });

  test('show the forwarded fields as they arrived, escaped', async () => {
    const { url } = await start();
    const { body } = await ask(url, { path: '/request?<b>', headers: { ...forwarded, 'X-Forwarded-For': '<img>' } });
    expect(body).toContain('&lt;img&gt;');
    expect(body).toContain('?&lt;b&gt;');
    expect(body).toContain('<code>https://tools.example</code>');
    expect(body).not.toMatch(/<img>|\?<b>/);
  });

  test('an unknown page is a 404 that escapes its path', async () => {
    const { status, body } = await ask((await start()).url, { path: '/<script>' });
    expect(status).toBe(404);
    expect(body).toContain('&lt;script&gt;');
    expect(body).not.toContain('<script>');
  });

  test('assets are revalidated by their ETag', async () => {
    const { url } = await start();
    const first = await ask(`${url}/kpow.svg`);
    expect(first.headers['content-type']).toBe('image/svg+xml');
    const again = await ask(`${url}/kpow.svg`, { headers: { 'If-None-Match': first.headers.etag } });
    expect([again.status, again.body]).toEqual([304, '']);
  });
});

describe('redirects of the kPow stand-in', () => {
  test.each<[string, KpowOptions, Record<string, string>, string]>([
    ['are absolute, from Host', {}, { Host: 'kpow:3000' }, 'http://kpow:3000/login'],
    ['follow forwarded fields', {}, forwarded, 'https://tools.example/login'],
    [
      'ignore forwarded fields without HTTP_FORWARDED',
      { httpForwarded: false },
      forwarded,
      'http://tools.example/login',
    ],
    ['can carry the default port', { explicitPort: true }, { Host: 'kpow.info' }, 'http://kpow.info:80/login'],
  ])('%s', async (_, options, headers, location) => {
    const { url } = await start({ login: true, ...options });
    const answer = await ask(url, { headers });
    expect([answer.status, answer.headers.location]).toEqual([302, location]);
  });

  test('take a trailing slash away', async () => {
    const { headers } = await ask(`${(await start()).url}//topics/`, { headers: { Host: 'kpow:3000' } });
    expect(headers.location).toBe('http://kpow:3000/topics');
  });

  test('are refused for a malformed Host', async () => {
    expect((await ask((await start({ login: true })).url, { headers: { Host: 'a b' } })).status).toBe(400);
  });
});

describe('login at the kPow stand-in', () => {
  test('goes from the form to a session and out again', async () => {
    const { url } = await start({ login: true });
    const form = await ask(`${url}/login`);
    expect(form.body).toMatch(/action="j_security_check"/);

    const signedIn = await post(`${url}/j_security_check`, admin);
    expect(signedIn.headers.location).toBe(`${url}/`);
    const headers = { Cookie: cookieOf(signedIn) };
    expect((await ask(url, { headers })).body).toContain('Sign out admin');
    expect(JSON.parse((await ask(`${url}/me`, { headers })).body)).toEqual({ user: 'admin', standIn: true });

    const signedOut = await post(`${url}/logout`, {}, headers);
    expect(signedOut.headers.location).toBe(`${url}/login`);
    expect(signedOut.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await ask(`${url}/me`, { headers })).status).toBe(401);
  });

  test.each([
    ['plain http', {}, /^JSESSIONID=node0\w+\.node0; Path=\/; HttpOnly; SameSite=Strict$/],
    [
      'https',
      { 'X-Forwarded-Proto': 'https' },
      /^JSESSIONID=node0\w+\.node0; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    ],
  ])('sets its cookie as Jetty does over %s', async (_, headers, cookie) => {
    const answer = await post(`${(await start({ login: true })).url}/j_security_check`, admin, headers);
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(cookie)]);
  });

  test('with another password leads back to the form, which says so', async () => {
    const { url } = await start({ login: true });
    const { headers } = await post(`${url}/j_security_check`, { ...admin, j_password: 'x' });
    expect(headers.location).toBe(`${url}/login?failed`);
    expect(headers['set-cookie']).toBeUndefined();
    expect((await ask(headers.location!)).body).toContain('role="alert"');
  });

  test('gives a new session id whatever the browser brought', async () => {
    const { url } = await start({ login: true });
    const first = cookieOf(await post(`${url}/j_security_check`, admin));
    const second = cookieOf(await post(`${url}/j_security_check`, admin, { Cookie: first }));
    expect(second).not.toBe(first);
    expect((await ask(`${url}/me`, { headers: { Cookie: first } })).status).toBe(401);
  });

  test('ends at the landing URI where one is set', async () => {
    const landingUri = 'https://tools.example/kafka/kpow';
    const { url } = await start({ login: true, landingUri });
    expect((await post(`${url}/j_security_check`, admin)).headers.location).toBe(landingUri);
  });

  test('refuses what is not a small form of its own page', async () => {
    const url = `${(await start({ login: true })).url}/j_security_check`;
    expect((await ask(url)).status).toBe(405);
    expect(
      (await ask(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })).status,
    ).toBe(415);
    expect((await post(url, { j_username: 'x'.repeat(5000) })).status).toBe(413);
    expect((await post(url, admin, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  });
});

describe('the websocket of the kPow stand-in', () => {
  test('receives live data, again and again', async () => {
    const socket = new WebSocket(liveUrl(await start()));
    const first = await nextMessage(socket);
    expect(first).toMatchObject({ type: 'snapshot', snapshot: { messagesPerSecond: expect.any(Number) } });
    const { snapshot } = await nextMessage(socket);
    expect(snapshot).not.toEqual(first['snapshot']);
    socket.terminate();
  });

  test('answers a ping message and survives any other', async () => {
    const socket = new WebSocket(liveUrl(await start({ liveInterval: 60_000 })));
    await nextMessage(socket);
    for (const junk of ['not JSON', 'null', '"ping"', Buffer.from([0xff, 0x00])]) socket.send(junk);
    socket.send('{"type":"ping"}');
    expect(await nextMessage(socket)).toEqual({ type: 'pong' });
    socket.terminate();
  });

  test('is closed for a message that is too large, and for silence', async () => {
    const large = new WebSocket(liveUrl(await start()));
    await nextMessage(large);
    large.send('x'.repeat(5000));
    expect(await once(large, 'close')).toEqual([1009, expect.anything()]);

    const silent = new WebSocket(liveUrl(await start({ liveInterval: 60_000, websocketIdle: 50 })));
    expect(await once(silent, 'close')).toEqual([1001, Buffer.from('Idle Timeout')]);
  });

  test('outlives the idle limit of HTTP', async () => {
    const kpow = await start({ httpIdle: 30, liveInterval: 60_000 });
    const socket = new WebSocket(liveUrl(kpow));
    await nextMessage(socket);
    const idle = connect(kpow.port, '127.0.0.1');
    idle.resume();
    await once(idle, 'close');
    socket.send('{"type":"ping"}');
    expect(await nextMessage(socket)).toEqual({ type: 'pong' });
    socket.terminate();
  });

  test('wants a session where the login is on, and says so with a status and a body', async () => {
    const kpow = await start({ login: true });
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
    const refused = await ask(`${kpow.url}/chsk`, { headers: upgrade });
    expect([refused.status, refused.body]).toEqual([401, 'Sign in first.\n']);

    const headers = { Cookie: cookieOf(await post(`${kpow.url}/j_security_check`, admin)) };
    const socket = new WebSocket(liveUrl(kpow), { headers });
    await nextMessage(socket);
    expect(kpow.liveClients).toBe(1);
    socket.terminate();
  });

  test('is at /chsk and nowhere else', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    expect((await ask(`${(await start()).url}/elsewhere`, { headers })).status).toBe(404);
  });

  test('can be dropped, as a network fault would', async () => {
    const kpow = await start();
    const socket = new WebSocket(liveUrl(kpow));
    await nextMessage(socket);
    kpow.dropWebsockets();
    expect(await once(socket, 'close')).toEqual([1001, Buffer.from('Going away')]);
    while (kpow.liveClients > 0) await ask(`${kpow.url}/up`);
  });
});

describe('the ERROR state of the kPow stand-in', () => {
  test('takes pages and websockets away, while its HTTP server and its metrics stay', async () => {
    const kpow = await start();
    const socket = new WebSocket(liveUrl(kpow));
    await nextMessage(socket);
    const closed = once(socket, 'close');
    expect((await ask(`${kpow.url}/healthy`)).status).toBe(200);

    kpow.setErrorState(true);
    expect(await closed).toEqual([1011, Buffer.from('ERROR state')]);
    const statusOf = async (path: string) => (await ask(kpow.url + path)).status;
    expect(await statusOf('/healthy')).toBe(503);
    expect(await statusOf('/up')).toBe(200);
    expect(await statusOf('/')).toBe(503);
    expect(await statusOf('/me')).toBe(503);
    expect((await ask(`${kpow.url}/metrics/v1`)).body).toContain('kpow_stand_in_streams_running 0');
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
    expect((await ask(`${kpow.url}/chsk`, { headers: upgrade })).status).toBe(503);

    kpow.setErrorState(false);
    expect(await statusOf('/healthy')).toBe(200);
    expect(await statusOf('/')).toBe(200);
  });

  test('ends by itself', async () => {
    const kpow = await start({ errorStateLasts: 50 });
    kpow.setErrorState(true);
    expect((await ask(kpow.url)).body).toContain('recovers by itself');
    while (kpow.errorState) await ask(`${kpow.url}/up`);
    expect((await ask(`${kpow.url}/healthy`)).status).toBe(200);
  });

  test('can be switched by the form on the page, and by no other site', async () => {
    const { url } = await start();
    const form = `${url}/demo/error-state`;
    expect((await post(form, { state: 'on' }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await post(form, { state: 'maybe' })).status).toBe(400);
    expect((await ask(`${url}/healthy`)).status).toBe(200);
    expect((await post(form, { state: 'on' })).headers.location).toBe(`${url}/`);
    expect((await ask(`${url}/healthy`)).status).toBe(503);
    await post(form, { state: 'off' });
    expect((await ask(`${url}/healthy`)).status).toBe(200);
  });
});

describe('what programs ask the kPow stand-in', () => {
  test.each(['/metrics/v1', '/offsets/v1', '/streams/v1'])('%s is Prometheus text, without a login', async (path) => {
    const { status, headers, body } = await ask(`${(await start({ login: true })).url}${path}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    for (const line of body.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w.-]+"(,\w+="[\w.-]+")*\})? \d+)$/);
    }
  });

  test('HEAD has the length and no body; other methods are refused', async () => {
    const { url } = await start();
    const head = await ask(`${url}/healthy`, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '8', '']);
    const refused = await ask(`${url}/healthy`, { method: 'DELETE' });
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test.each([
    ['garbage', 'garbage\r\n\r\n', '400'],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '405'],
    ['an absolute target', 'GET http://a/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '404'],
    ['bad escapes', 'GET /%zz/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '404'],
    ['a broken upgrade', 'GET /chsk HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n', '400'],
  ])('%s gets an answer and breaks nothing', async (_, bytes, status) => {
    const kpow = await start();
    const socket = connect(kpow.port, '127.0.0.1', () => socket.write(bytes));
    expect((await text(socket)).slice(9, 12)).toBe(status);
    expect((await ask(`${kpow.url}/up`)).status).toBe(200);
  });
});

test('a stand-in whose port is in use does not start', async () => {
  const { port } = await start();
  await expect(startKpow({ port })).rejects.toThrow('EADDRINUSE');
});
