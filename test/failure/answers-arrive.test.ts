import { RawClient } from '../support/raw-client';
import { readAnswer } from './support/answer';
import { accessLines, publicHost, requestText, until, useScenes, type Scene } from './support/scene';
import { echoPath } from './support/tool';
import { handshakeText } from './support/websocket';

/*
 * To close a connection on bytes that nobody has read makes the kernel reset it, and its last answer is lost. nginx reads
 * on for a while (lingering_close), and so does the gateway, wherever it ends a connection behind an answer.
 */

const scenes = useScenes();
const host = `Host: ${publicHost}`;
const post = (fields: readonly string[], body: string) => requestText('/tool/x', { method: 'POST', fields, body });
/** More than the kernel takes at once. */
const large = 'x'.repeat(1_000_000);
const chunked = 'Transfer-Encoding: chunked';

const refused: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['a bad chunk', post([chunked], 'zz\r\n'), 400],
  ['a bad chunk, and much behind it', post([chunked], `zz\r\n${large}`), 400],
  ['a bad chunk behind a good one', post([chunked], `3\r\nabc\r\nzz\r\n${large}`), 400],
  ['a Host that is none', `POST /tool/x HTTP/1.1\r\nHost: a b\r\n${chunked}\r\n\r\nzz\r\n`, 400],
  [
    'a Host that is none, and an upload',
    `POST /tool/x HTTP/1.1\r\nHost: a b\r\nContent-Length: 1000000\r\n\r\n${large}`,
    400,
  ],
  ['another transfer coding', post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'), 501],
  ['another transfer coding last', post(['Transfer-Encoding: chunked, gzip'], large), 400],
  ['both framings', post(['Content-Length: 5', chunked], large), 400],
  ['garbage', `\x01garbage\r\n\r\n${large}`, 400],
  ['garbage behind a request line', `GET /tool/x HTTP/1.1\r\n${host}\r\nno field\r\n\r\n${large}`, 400],
  ['a method that is unknown', post(['Content-Length: 1000000'], large).replace('POST', 'FOO'), 501],
  ['another protocol', `OPTIONS /tool/x RTSP/1.0\r\nCSeq: 1\r\n\r\n${large}`, 400],
  ['CONNECT', `CONNECT ${publicHost}:443 HTTP/1.1\r\n${host}\r\n\r\n${large}`, 405],
  ['a head that is too large', requestText('/tool/x', { fields: [`X-Filler: ${large}`] }), 431],
  ['too many fields', post([...Array.from({ length: 600 }, () => 'A: b'), 'Content-Length: 1000000'], large), 431],
  ['a body that is too large', post(['Content-Length: 1000000'], large), 413],
  ['chunks that are too large', post([chunked], `f4240\r\n${large}\r\n0\r\n\r\n`), 413],
  ['a path that leads out', post(['Content-Length: 1000000'], large).replace('/tool/x', '/tool/../../x'), 400],
  ['no mount', post(['Content-Length: 1000000'], large).replace('/tool/x', '/other'), 404],
  ['a redirect', post(['Content-Length: 1000000'], large).replace('/tool/x', '/tool'), 308],
  [
    'a websocket from elsewhere',
    `${handshakeText('/tool/x', ['Origin: https://evil.example'])}${'x'.repeat(60_000)}`,
    403,
  ],
];

/** What the log has of an answer: the line of a request, or of a connection that brought none. */
async function loggedOnce({ gateway }: Scene, status: number): Promise<Record<string, unknown>> {
  const lines = () =>
    gateway.lines.filter((line) => line['way'] !== undefined || /brought no request/.test(String(line['msg'])));
  await until(() => lines().length > 0);
  const [line = {}, ...more] = lines();
  expect(more).toEqual([]);
  expect(line['status']).toBe(status);
  return line;
}

describe.each([
  ['over TLS', true],
  ['in plain HTTP', false],
])('%s, an answer arrives though it refuses what came along', (_, tls) => {
  test.each(refused)('%s', async (_what, bytes, status) => {
    const scene = await scenes.with(echoPath, { mount: { limits: { body: '1kb' } } });
    const client = await scene.client(tls);
    const answer = readAnswer(await client.write(bytes).end());
    expect([answer.status, answer.complete]).toEqual([status, true]);
    const line = await loggedOnce(scene, status);
    if (line['way'] !== undefined) expect(line['bytes']).toBe(answer.body.length);
    expect(scene.tool.requests.filter(({ path }) => path !== '/x')).toEqual([]);
  });
});

test('plain HTTP to the port of HTTPS is told so, however much it sends', async () => {
  const scene = await scenes.with(echoPath);
  for (const [bytes, status] of [
    [post(['Content-Length: 1000000'], large), 308],
    [`GARBAGE ${large}`, 400],
  ] as const) {
    const client = await RawClient.connect(scene.gateway.httpsPort, false);
    scenes.after(() => client.destroy());
    expect(readAnswer(await client.write(bytes).end())).toMatchObject({ status, complete: true });
  }
});

test('a connection that is refused is one line, whatever stands behind it', async () => {
  const scene = await scenes.with(echoPath);
  for (const first of ['\x01garbage\r\n\r\n', 'FOO / HTTP/1.1\r\n\r\n', `GET /tool/x HTTP/1.1\r\nHost: a b\r\n\r\n`]) {
    const before = scene.gateway.lines.length;
    const client = await scene.client();
    await client.write(first + `GET /-/up HTTP/1.1\r\n${host}\r\n\r\n`.repeat(1_500)).end();
    await until(() => scene.gateway.lines.length > before);
    expect(scene.gateway.lines.slice(before)).toHaveLength(1);
  }
  expect(accessLines(scene.gateway.lines)).toHaveLength(1);
});
