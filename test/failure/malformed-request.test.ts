import { readAnswer } from './support/answer';
import { accessLines, expectNoAddress, lineOf, until, useScenes, type Scene } from './support/scene';
import { echoPath } from './support/tool';
import { handshakeFields } from './support/websocket';

const scenes = useScenes();

const host = 'Host: tools.example\r\n';
const get = (fields: string, target = '/tool/x') => `GET ${target} HTTP/1.1\r\n${fields}\r\n`;
const post = (fields: string, body = '') => `POST /tool/x HTTP/1.1\r\n${host}${fields}\r\n${body}`;

const cases: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
  ['a method that is unknown', `FOO /tool/x HTTP/1.1\r\n${host}\r\n`, 501, 'UNKNOWN_METHOD'],
  ['a method in lower case', `get /tool/x HTTP/1.1\r\n${host}\r\n`, 501, 'UNKNOWN_METHOD'],
  ['a method of RTSP', `FLUSH /tool/x HTTP/1.0\r\n${host}\r\n`, 501, 'UNKNOWN_METHOD'],
  ['RTSP', `OPTIONS /tool/x RTSP/1.0\r\nCSeq: 1\r\n\r\n`, 400, 'BAD_REQUEST'],
  ['RTSP, as if it were a page', `GET /tool/x RTSP/1.1\r\n${host}\r\n`, 400, 'BAD_REQUEST'],
  ['RTSP, with more blanks', `OPTIONS  /tool/x  RTSP/1.0\r\n${host}\r\n`, 400, 'BAD_REQUEST'],
  ['ICE', `SOURCE /tool/x ICE/1.0\r\n${host}\r\n`, 400, 'BAD_REQUEST'],
  ['a Host with two colons', get('Host: tools.example::\r\n'), 400, 'BAD_REQUEST'],
  ['a Host that is a colon', get('Host: :\r\n'), 400, 'BAD_REQUEST'],
  ['garbage', '\x01\x02\x03 nothing at all\r\n\r\n', 400, 'BAD_REQUEST'],
  ['a TLS handshake within TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'BAD_REQUEST'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
  ['an unknown version', `GET /tool/x HTTP/3.0\r\n${host}\r\n`, 400, 'BAD_REQUEST'],
  ['no version', 'GET /tool/x\r\n\r\n', 400, 'BAD_REQUEST'],
  ['a method with a space', `GE T /tool/x HTTP/1.1\r\n${host}\r\n`, 400, 'BAD_REQUEST'],
  ['a space in the target', get(host, '/tool/x y'), 400, 'BAD_REQUEST'],
  ['a target that is no path', get(host, 'tool/x'), 400, 'BAD_REQUEST'],
  ['a target of another scheme', get(host, 'ftp://tools.example/tool/x'), 400, 'BAD_REQUEST'],
  ['a fragment in the target', get(host, 'http://tools.example/tool/x#y'), 400, 'BAD_REQUEST'],
  ['no Host', get(''), 400, 'BAD_REQUEST'],
  ['an empty Host', get('Host:\r\n'), 400, 'BAD_REQUEST'],
  ['two Hosts', get(`${host}Host: other.example\r\n`), 400, 'BAD_REQUEST'],
  ['the same Host twice', get(host + host), 400, 'BAD_REQUEST'],
  ['a Host with a path', get('Host: tools.example/x\r\n'), 400, 'BAD_REQUEST'],
  ['a Host with a user', get('Host: user@tools.example\r\n'), 400, 'BAD_REQUEST'],
  ['a Host with a space', get('Host: tools example\r\n'), 400, 'BAD_REQUEST'],
  ['a Host with a port that is no number', get('Host: tools.example:x\r\n'), 400, 'BAD_REQUEST'],
  ['a list of Hosts', get('Host: tools.example, other.example\r\n'), 400, 'BAD_REQUEST'],
  ['a Host in brackets that is no address', get('Host: [tools]\r\n'), 400, 'BAD_REQUEST'],
  ['an authority with a user', get(host, 'http://user:password@tools.example/tool/x'), 400, 'BAD_REQUEST'],
  ['a bare LF in the head', `GET /tool/x HTTP/1.1\n${host}\n`, 400, 'BAD_REQUEST'],
  ['a space before a colon', get(`${host}X-Bad : a\r\n`), 400, 'BAD_REQUEST'],
  ['a folded field', get(`${host}X-Folded: a\r\n b\r\n`), 400, 'BAD_REQUEST'],
  ['a null in a field', get(`${host}X-Bad: a\0b\r\n`), 400, 'BAD_REQUEST'],
  ['a bare CR in a field', get(`${host}X-Bad: a\rb\r\n`), 400, 'BAD_REQUEST'],
  ['a field without a name', get(`${host}: a\r\n`), 400, 'BAD_REQUEST'],
  [
    'both a length and chunks',
    post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
    'BAD_REQUEST',
  ],
  [
    'both chunks and a length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'),
    400,
    'BAD_REQUEST',
  ],
  ['two lengths that differ', post('Content-Length: 4\r\nContent-Length: 5\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['two lengths that agree', post('Content-Length: 4\r\nContent-Length: 4\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['a list of lengths', post('Content-Length: 4, 4\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['a signed length', post('Content-Length: +4\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['a length in hexadecimal', post('Content-Length: 0x4\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['a length beyond counting', post('Content-Length: 99999999999999999999999\r\n', 'body'), 400, 'BAD_REQUEST'],
  [
    'an unknown transfer coding first',
    post('Transfer-Encoding: JUNK, chunked\r\n', '0\r\n\r\n'),
    501,
    'UNKNOWN_TRANSFER_CODING',
  ],
  ['a length that loses digits as a number', post('Content-Length: 9007199254740993\r\n', 'body'), 400, 'BAD_REQUEST'],
  ['no transfer coding at all', post('Transfer-Encoding: identity\r\n', 'body'), 501, 'UNKNOWN_TRANSFER_CODING'],
  ['compressed chunks', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 501, 'UNKNOWN_TRANSFER_CODING'],
  ['an unknown transfer coding last', post('Transfer-Encoding: chunked, JUNK\r\n', '0\r\n\r\n'), 400, 'BAD_REQUEST'],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), 400, 'BAD_REQUEST'],
  [
    'chunks in HTTP/1.0',
    `POST /tool/x HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'BAD_REQUEST',
  ],
  ['an asterisk for anything but OPTIONS', get(host, '*'), 400, 'BAD_REQUEST'],
  ['CONNECT', `CONNECT tools.example:443 HTTP/1.1\r\n${host}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
  ['CONNECT to a path', `CONNECT /tool/x HTTP/1.1\r\n${host}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
  // As nginx does: it would show scripts what their browser and the gateway say in secret.
  ['TRACE', `TRACE /tool/x HTTP/1.1\r\n${host}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
  ['a head that is too large', get(`${host}X-Filler: ${'x'.repeat(70_000)}\r\n`), 431, 'HEAD_TOO_LARGE'],
  ['too many fields', get(host + 'X: y\r\n'.repeat(600)), 431, 'HEAD_TOO_LARGE'],
  ['an address that is too long', get(host, `/tool/${'x'.repeat(20_000)}`), 414, 'URI_TOO_LONG'],
  ['a handshake with two Hosts', get(`${host}${host}${handshakeFields.join('\r\n')}\r\n`), 400, 'BAD_REQUEST'],
  [
    'a handshake out of its mount',
    get(`${host}${handshakeFields.join('\r\n')}\r\n`, '/tool/../x'),
    400,
    'PATH_ESCAPES',
  ],
];

async function expectOthersGoOn(scene: Scene): Promise<void> {
  expect((await scene.ask('/tool/next')).body).toBe('/next');
}

describe.each([
  ['over TLS', true],
  ['in plain HTTP', false],
])('%s', (_, tls) => {
  test.each(cases)('%s', async (_what, bytes, status, code) => {
    const scene = await scenes.with(echoPath);
    const bystander = await scene.client(tls);
    const client = await scene.client(tls);
    const answer = readAnswer(await client.write(bytes).end());
    expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['connection']).toBe('close');
    expect(answer.complete).toBe(true);
    expectNoAddress(answer.raw);
    expect(scene.tool.requests).toEqual([]);
    await scene.gateway.line((line) => line['code'] === code);
    const logged = scene.gateway.lines.filter((line) => line['code'] === code);
    expect(logged).toMatchObject([{ status }]);
    await bystander.write(get(host, '/tool/bystander')).until('/bystander');
    await expectOthersGoOn(scene);
  });
});

test.each([
  ['a chunk whose size is no number', 'zz\r\n'],
  ['a chunk that is longer than it said', '3\r\nabcdef\r\n'],
  ['a chunk size beyond counting', 'fffffffffffffffff\r\nx'],
  ['a chunk size with a sign', '+3\r\nabc\r\n'],
  ['a chunk size that ends in a bare LF', '3\nabc\r\n'],
])('%s in the middle of an upload is a 400, and the tool sees that the upload broke off', async (_, broken) => {
  const scene = await scenes.with(() => undefined);
  const client = await scene.client();
  client.write(post('Transfer-Encoding: chunked\r\n', '4\r\nhalf\r\n'));
  await scene.tool.request(0);
  const answer = readAnswer(await client.write(broken).end());
  expect(answer.status).toBe(400);
  await until(() => scene.tool.sockets.size === 0);
  await until(() => accessLines(scene.gateway.lines).length > 0);
  expect(accessLines(scene.gateway.lines)).toMatchObject([{ status: 400, code: 'BAD_REQUEST', mount: '/tool' }]);
});

describe('what is odd, but sound, is served', () => {
  test.each([
    ['a method of WebDAV', `PROPFIND /tool/x HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`],
    ['an unknown expectation', `POST /tool/x HTTP/1.1\r\n${host}Expect: 200-ok\r\nContent-Length: 4\r\n\r\nbody`],
    ['a name in any case', `GET /tool/x HTTP/1.1\r\nhOST: tools.example\r\n\r\n`],
    [
      'an upgrade to something else',
      get(`${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n`),
    ],
    ['an upgrade to several things', get(`${host}Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n`)],
    // RFC 3986 §3.2.3: the port may be empty; the tool gets it without the colon.
    ['a Host with an empty port', get('Host: tools.example:\r\n')],
    ['an authority with an empty port', get(host, 'http://tools.example:/tool/x')],
    ['HTTP/1.0 without a Host', 'GET /tool/x HTTP/1.0\r\n\r\n'],
    ['an empty line before the request', `\r\n${get(host)}`],
  ])('%s', async (_, bytes) => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client();
    await client.write(bytes).until(/\/x$/);
    const answer = readAnswer(client.text);
    expect([answer.status, answer.body]).toEqual([200, '/x']);
    expect(scene.tool.requests[0]!.head).not.toMatch(/upgrade|expect|example:/i);
    client.destroy();
  });

  test('what is refused by its first line is so behind other requests as well', async () => {
    const scene = await scenes.with(echoPath);
    for (const wrong of [`OPTIONS /tool/x RTSP/1.0\r\n${host}\r\n`, `FOO /tool/x HTTP/1.1\r\n${host}\r\n`]) {
      const client = await scene.client();
      const text = await client.write(get(host, '/tool/1') + get(host, '/-/up') + wrong).end();
      expect(text.match(/HTTP\/1\.1 \d+/g)?.slice(0, 2)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
      expect(text).toMatch(/HTTP\/1\.1 (?:400|501) [^]*$/);
    }
    expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/1', '/1']);
  });

  test('OPTIONS * is the gateway’s to answer', async () => {
    const scene = await scenes.with(echoPath);
    const answer = await scene.ask('*', { method: 'OPTIONS' });
    expect([answer.status, (await lineOf(scene, answer))['mount']]).toEqual([204, null]);
    expect(scene.tool.requests).toEqual([]);
  });

  test('what follows a sound request on its connection is judged by itself', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client();
    await client.write(get(host, '/tool/sound')).until('/sound');
    const text = await client.write('garbage\r\n\r\n').end();
    expect(text).toContain('HTTP/1.1 400 ');
    await expectOthersGoOn(scene);
  });
});
