import { readAnswer } from './support/answer';
import { brokenOnce, echoPath } from './support/tool';
import { expectFailure, lineOf, requestText, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();

const ok = (fields: string, body = 'POISON') => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;

/** Each leaves the connection open, as if more were to come. */
const answers: readonly (readonly [string, string])[] = [
  ['garbage', '\x00\x01\x02 not HTTP at all \xff\xfe\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['HTTP/2.0, in words', 'HTTP/2.0 200 OK\r\nContent-Length: 6\r\n\r\nPOISON'],
  ['HTTP/0.9', '<html>hello</html>\r\n\r\n'],
  ['no version', '200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status that is no number', 'HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n'],
  ['status 000', 'HTTP/1.1 000 None\r\nContent-Length: 6\r\n\r\nPOISON'],
  ['status 099', 'HTTP/1.1 099 None\r\nContent-Length: 6\r\n\r\nPOISON'],
  ['a control character in a value', ok('X-Bad: a\x01b\r\nContent-Length: 6\r\n')],
  ['a null in a value', ok('X-Bad: a\0b\r\nContent-Length: 6\r\n')],
  ['a bare CR in a value', ok('X-Bad: a\rSet-Cookie: b=c\r\nContent-Length: 6\r\n')],
  ['a space in a name', ok('X Bad: a\r\nContent-Length: 6\r\n')],
  ['a space before the colon', ok('Content-Length : 6\r\n')],
  ['a field without a colon', ok('Bad\r\nContent-Length: 6\r\n')],
  ['a length beyond counting', ok('Content-Length: 99999999999999999999999\r\n')],
];

describe('an answer that is not sound HTTP is a 502, and the next one is its own', () => {
  test.each(answers)('%s', async (_, bytes) => {
    const scene = await scenes.with(brokenOnce(bytes));
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_BAD_ANSWER');
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect(scene.tool.connections).toBe(2);
  });

  test.each(answers)('%s, to a websocket', async (_, bytes) => {
    const scene = await scenes.with(brokenOnce(bytes));
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_BAD_ANSWER');
    expect((await scene.ask('/tool/next')).body).toBe('/next');
  });
});

const chunks = '6\r\nPOISON\r\n0\r\n\r\n';
const twice = 'Transfer-Encoding: chunked\r\n';
const unclear: readonly (readonly [what: string, bytes: string, said: string])[] = [
  [
    'two lengths that differ',
    ok('Content-Length: 6\r\nContent-Length: 3\r\n'),
    '`Content-Length` stands in its head more than once',
  ],
  ['two lengths that differ in one field', ok('Content-Length: 6, 3\r\n'), 'more than once, with different numbers'],
  ['the same length twice, and another', ok('Content-Length: 6, 6\r\nContent-Length: 3\r\n'), 'with different numbers'],
  ['a length that is no number', ok('Content-Length: six\r\n'), '`Content-Length` in its head is not a number'],
  ['a negative length', ok('Content-Length: -6\r\n'), 'is not a number'],
  ['the same length twice, and nothing', ok('Content-Length: 6,\r\n'), 'is not a number'],
  [
    'both a length and chunks',
    ok('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', chunks),
    'both `Content-Length` and `Transfer-Encoding`',
  ],
  [
    'the same length twice, and chunks',
    ok(`Content-Length: 6, 6\r\n${twice}`, chunks),
    'both `Content-Length` and `Transfer-Encoding`',
  ],
  ['chunks twice', ok(twice + twice, chunks), '`Transfer-Encoding: chunked` stands in its head more than once'],
  [
    'chunks twice in one field',
    ok('transfer-encoding: chunked, Chunked\r\n', chunks),
    '`Transfer-Encoding: chunked` stands in its head more than once',
  ],
  ['a coding that the client is not told of', ok('Transfer-Encoding: gzip\r\n'), 'a coding other than chunked'],
  ['two codings', ok('Transfer-Encoding: gzip, chunked\r\n', chunks), 'a coding other than chunked'],
  ['two codings in two fields', ok(`Transfer-Encoding: gzip\r\n${twice}`, chunks), 'a coding other than chunked'],
];

describe('an answer that does not say clearly where it ends is a 502 that says why, and the next one is its own', () => {
  test.each(unclear)('%s', async (_, bytes, said) => {
    // In one piece and in two, behind an interim answer too.
    const scene = await scenes.with((socket, request) => {
      if (request.index >= 3) {
        echoPath(socket, request);
        return;
      }
      const cut = request.index === 1 ? bytes.length - 12 : bytes.length;
      socket.write(
        Buffer.from((request.index === 2 ? 'HTTP/1.1 102 Processing\r\n\r\n' : '') + bytes.slice(0, cut), 'latin1'),
        () => setImmediate(() => socket.write(bytes.slice(cut))),
      );
    });
    for (const ask of [() => scene.ask(), () => scene.ask(), async () => (await openWebsocket(scene)).refused()]) {
      const answer = await ask();
      await expectFailure(scene, answer, 502, 'UPSTREAM_BAD_ANSWER');
      const { title, detail, advice } = JSON.parse(answer.body) as { title: string; detail: string; advice: string[] };
      expect(title).toBe('Tool does not say clearly where its answer ends');
      expect(detail).toContain(said);
      expect(advice.join(' ')).not.toMatch(/port|https/);
    }
    const [logged] = scene.gateway.lines.filter(({ err }) => err !== undefined);
    expect((logged?.['err'] as { message: string }).message).toContain(said);
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect(scene.tool.connections).toBe(4);
  });
});

// RFC 9110 §8.6: to be refused, or made one of them. nginx refuses it; many readers behind the gateway would.
test.each([
  ['as two lines', 'Content-Length: 2\r\nX-Between: 1\r\ncontent-length:2\r\n'],
  ['as a list', 'Content-Length: 2, 2\r\n'],
  ['as both', 'Content-Length: 2 ,2\r\nContent-Length: 2\r\n'],
  ['with fields that need a closer look', 'Connection: X-A\r\nX-A: b\r\nContent-Length: 2,2\r\n'],
])('the same length several times is passed on as one: %s', async (_, fields) => {
  const scene = await scenes.with(
    (socket, { index }) =>
      void socket.write(`HTTP/1.1 ${index === 2 ? 304 : 200} OK\r\n${fields}\r\n${index === 2 ? '' : 'ok'}`),
  );
  const client = await scene.client();
  for (let i = 1; i <= 2; i++)
    await client.write(requestText('/tool/')).until(new RegExp(`(?:\\r\\n\\r\\nok[^]*){${i}}`));
  await client.write(requestText('/tool/')).until(/304 OK\r\n[^]*\r\n\r\n$/);
  expect(client.text.match(/^content-length:.*$/gim)?.map((line) => line.toLowerCase())).toEqual(
    Array(3).fill('content-length: 2'),
  );
  expect(scene.tool.connections).toBe(1);
});

test.each(['\x01', '\x1b[2J', 'O\x7fK'])('a reason phrase with control characters (%j) is left out', async (reason) => {
  const scene = await scenes.with(brokenOnce(`HTTP/1.1 200 ${reason}\r\nContent-Length: 2\r\n\r\nok`));
  const answer = await scene.ask();
  expect(answer.raw).toMatch(/^HTTP\/1\.1 200 \r\n/);
  expect(answer.body).toBe('ok');
});

test('more fields than Node reads are a 502, since the rest would be lost without a word', async () => {
  const scene = await scenes.with(
    brokenOnce(ok(`${'a:b\r\n'.repeat(1500)}Set-Cookie: lost=1\r\nContent-Length: 6\r\n`)),
  );
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_HEAD_TOO_LARGE');
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});

test('a 204 with a length is passed on without it', async () => {
  const scene = await scenes.with(brokenOnce('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'));
  const answer = await scene.ask();
  expect(answer.status).toBe(204);
  expect(answer.headers['content-length']).toBeUndefined();
});

test('a head larger than the limit is a 502 that says so', async () => {
  const fields = 'X-Filler: 0123456789012345678901234567890123456789\r\n'.repeat(2000);
  const scene = await scenes.with(brokenOnce(ok(fields)));
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_HEAD_TOO_LARGE');
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});

test('a head without an end is a 502 as soon as it is too large', async () => {
  const scene = await scenes.with(
    brokenOnce('HTTP/1.1 200 OK\r\nX-Endless: ', (socket) => {
      const more = () => {
        if (!socket.destroyed) socket.write('x'.repeat(16_384), more);
      };
      more();
    }),
  );
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_HEAD_TOO_LARGE');
});

test('a websocket’s answer with a head that is too large is a 502 that says so', async () => {
  const scene = await scenes.with(brokenOnce(ok(`X-Filler: ${'x'.repeat(100_000)}\r\n`)));
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_HEAD_TOO_LARGE');
});

test.each([
  ['a chunk without a size', 'zz\r\n'],
  ['a chunk with a size too large', 'fffffffffffffffffffff\r\n'],
  ['a malformed trailer', '0\r\nno trailer\r\n\r\n'],
])('%s right behind the head is an answer that breaks off, not a connection that ends without one', async (_, body) => {
  // A browser sends its request once more, a POST as well, when a kept connection brings nothing at all.
  const scene = await scenes.with(brokenOnce(ok('Transfer-Encoding: chunked\r\n', body)));
  const client = await scene.client();
  const answer = readAnswer(await client.write(requestText('/tool/', { method: 'POST' })).end());
  expect([answer.status, answer.body, answer.complete]).toEqual([200, '', false]);
  expect(await lineOf(scene, answer)).toMatchObject({ code: 'UPSTREAM_BAD_ANSWER' });
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});
