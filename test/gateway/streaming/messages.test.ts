import type { Socket } from 'node:net';
import { startGateway, type TestGateway } from '../../support/gateway';
import { exchangeRaw, RawClient } from '../../support/raw-client';
import { rawUpstream, type Upstream } from '../../support/upstreams';

let tool: Upstream;
let gateway: TestGateway;
/** What the tool has received, a text a connection. */
let received: string[];
/** What the tool answers, once what it has received ends as `until` says. */
let answer: string;
let until: string;

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
const http11 = (head: string, body = '') =>
  `${head.replace(/\n/g, '\r\n')}\r\nHost: tools.example\r\nConnection: close\r\n\r\n${body}`;
const ask = (request: string) => exchangeRaw(gateway.httpsPort, request);
const body = (message: string) => message.slice(message.indexOf('\r\n\r\n') + 4);
const fields = (message: string) => message.slice(0, message.indexOf('\r\n\r\n')).split('\r\n').slice(1);
/** The values of a message’s field, or fields. */
const values = (message: string, name: RegExp) =>
  fields(message)
    .filter((line) => name.test(line.slice(0, line.indexOf(':'))))
    .map((line) => line.slice(line.indexOf(':') + 1).trim());
const framing = (message: string) =>
  fields(message).filter((line) => /^(content-length|transfer-encoding):/i.test(line));

beforeAll(async () => {
  tool = await rawUpstream((socket: Socket) => {
    const index = received.push('') - 1;
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      received[index] = text;
      if (text.endsWith(until)) socket.end(answer, 'latin1');
    });
  });
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
beforeEach(() => {
  received = [];
  answer = ok;
  until = '\r\n\r\n';
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

describe('a request’s body is framed once', () => {
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'GET', 'PROPFIND'];

  test.each(methods)('%s, chunked', async (method) => {
    until = '0\r\n\r\n';
    await ask(
      http11(`${method} /tool/x HTTP/1.1\nTransfer-Encoding: chunked`, '5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n'),
    );
    const [arrived = ''] = received;
    expect(framing(arrived)).toEqual(['Transfer-Encoding: chunked']);
    expect(unchunked(body(arrived))).toBe('hello world');
  });

  test.each(methods)('%s, with a length', async (method) => {
    until = 'hello';
    await ask(http11(`${method} /tool/x HTTP/1.1\nContent-Length: 5`, 'hello'));
    expect(framing(received[0] ?? '')).toEqual(['Content-Length: 5']);
  });

  test.each([...methods, 'HEAD'])('%s, with the length 0', async (method) => {
    await ask(http11(`${method} /tool/x HTTP/1.1\nContent-Length: 0`));
    expect(framing(received[0] ?? '')).toEqual(['Content-Length: 0']);
  });

  test.each(['POST', 'PUT', 'PATCH'])('%s without any framing has the length 0', async (method) => {
    await ask(http11(`${method} /tool/x HTTP/1.1`));
    expect(framing(received[0] ?? '')).toEqual(['Content-Length: 0']);
  });

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('%s without any framing has no body', async (method) => {
    await ask(http11(`${method} /tool/x HTTP/1.1`));
    expect(framing(received[0] ?? '')).toEqual([]);
  });
});

describe('answers without a body', () => {
  test('HEAD keeps the length that GET would have', async () => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1234567\r\nConnection: close\r\n\r\n';
    const head = await ask(http11('HEAD /tool/x HTTP/1.1'));
    expect(framing(head)).toEqual(['Content-Length: 1234567']);
    expect(body(head)).toBe('');
  });

  test('HEAD of a chunked answer has no body either', async () => {
    answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(body(await ask(http11('HEAD /tool/x HTTP/1.1')))).toBe('');
  });

  test('204', async () => {
    answer = 'HTTP/1.1 204 No Content\r\nX-Kept: 1\r\n\r\n';
    const head = await ask(http11('DELETE /tool/x HTTP/1.1'));
    expect(head).toMatch(/^HTTP\/1\.1 204 No Content\r\nX-Kept: 1\r\n/);
    expect([framing(head), body(head)]).toEqual([[], '']);
  });

  test('304 keeps its validators, and the length that 200 would have', async () => {
    answer = 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n\r\n';
    const head = await ask(http11('GET /tool/x HTTP/1.1\nIf-None-Match: "a"'));
    expect(values(received[0] ?? '', /^if-none-match$/i)).toEqual(['"a"']);
    expect(head).toMatch(/^HTTP\/1\.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n/);
    expect(body(head)).toBe('');
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'],
  ])('%s, %j: the connection serves the next request', async (method, bodiless) => {
    answer = bodiless;
    const client = await RawClient.connect(gateway.httpsPort);
    client.write(`${method} /tool/x HTTP/1.1\r\nHost: tools.example\r\n\r\n`);
    await client.until('\r\n\r\n');
    answer = ok;
    const both = await client.write(http11('GET /tool/y HTTP/1.1')).end();
    expect(both).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
  });
});

test('a range comes back as the part that it is', async () => {
  answer = 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/10\r\nContent-Length: 3\r\n\r\ncde';
  const part = await ask(http11('GET /tool/x HTTP/1.1\nRange: bytes=2-4\nIf-Range: "a"'));
  expect(values(received[0] ?? '', /^(if-)?range$/i)).toEqual(['bytes=2-4', '"a"']);
  expect(part).toMatch(/^HTTP\/1\.1 206 Partial Content\r\nContent-Range: bytes 2-4\/10\r\nContent-Length: 3\r\n/);
  expect(body(part)).toBe('cde');
});

test('a range that cannot be had is told so', async () => {
  answer = 'HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n';
  expect(await ask(http11('GET /tool/x HTTP/1.1\nRange: bytes=20-'))).toMatch(
    /^HTTP\/1\.1 416 [^]*Content-Range: bytes \*\/10\r\n/,
  );
});

describe('trailers', () => {
  test('of a request arrive, but for those that a client may not set', async () => {
    const trailers = 'X-Checksum: abc\r\nX-Forwarded-For: 203.0.113.7\r\nAuthorization: Basic eA==\r\nX-Second: 2\r\n';
    until = 'X-Second: 2\r\n\r\n';
    await ask(
      http11(
        'POST /tool/x HTTP/1.1\nTransfer-Encoding: chunked\nTrailer: X-Checksum',
        `2\r\nok\r\n0\r\n${trailers}\r\n`,
      ),
    );
    expect(received[0]).toMatch(/\r\n\r\n2\r\nok\r\n0\r\nX-Checksum: abc\r\nX-Second: 2\r\n\r\n$/);
  });

  test('of an answer arrive, with their announcement', async () => {
    answer =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n2\r\nok\r\n0\r\nX-Checksum: abc\r\nSet-Cookie: a=1\r\n\r\n';
    const whole = await ask(http11('GET /tool/x HTTP/1.1\nTE: trailers'));
    expect(values(whole, /^trailer$/i)).toEqual(['X-Checksum']);
    expect(body(whole)).toBe('2\r\nok\r\n0\r\nX-Checksum: abc\r\n\r\n');
  });
});

describe('case, order and number of header fields', () => {
  const lists = [
    ['X-A: 1', 'X-B: 2', 'X-A: 3'],
    ['x-lower: 1', 'X-UPPER: 2', 'X-mIxEd: 3', 'x-upper: 4'],
    ['Accept: a/a', 'Cookie: a=1', 'Accept: b/b', 'Cookie: b=2'],
    ['X-Empty:', 'X-Comma: a, b,,c', 'X-Inner:  a  b ', 'X-Latin: caf\xe9'],
    ['User-Agent: one', 'Authorization: Basic eA==', 'Referer: http://a/', 'ETag: 1', 'Age: 2'],
  ];
  /** As a field line may be written again: white space around the value is not part of it (RFC 9110 §5.5). */
  const same = (line: string) => line.replace(/: */, ': ').trimEnd();

  test.each(lists.map((list) => [list]))('are kept towards the tool: %j', async (list) => {
    await ask(http11(`GET /tool/x HTTP/1.1\n${list.join('\n')}`));
    const names = new Set(list.map((line) => line.slice(0, line.indexOf(':')).toLowerCase()));
    const arrived = fields(received[0] ?? '').filter((line) =>
      names.has(line.slice(0, line.indexOf(':')).toLowerCase()),
    );
    expect(arrived.map(same)).toEqual(list.map(same));
  });

  test.each([
    ...lists.map((list) => [list]),
    [['Set-Cookie: a=1', 'X-A: 1', 'set-cookie: b=2', 'SET-COOKIE: c=3', 'X-A: 2']],
    [['Vary: a', 'Vary: b', 'Link: </a>', 'Link: </b>', 'WWW-Authenticate: Basic', 'WWW-Authenticate: Digest']],
    [['Content-Type: a/b', 'content-LENGTH: 2', 'Server: kPow', 'Date: yesterday', 'ETag: "x"']],
  ])('are kept towards the client: %j', async (list) => {
    const length = list.some((line) => /^content-length/i.test(line)) ? [] : ['Content-Length: 2'];
    answer = `${['HTTP/1.1 200 OK', ...list, ...length].join('\r\n')}\r\n\r\nok`;
    const lines = fields(await ask(http11('GET /tool/x HTTP/1.1')));
    expect(lines.slice(0, list.length).map(same)).toEqual(list.map(same));
  });

  test('a reason phrase of the tool’s own is kept', async () => {
    answer = 'HTTP/1.1 200 Fine By Me\r\nContent-Length: 0\r\n\r\n';
    expect(await ask(http11('GET /tool/x HTTP/1.1'))).toMatch(/^HTTP\/1\.1 200 Fine By Me\r\n/);
  });
});

/** Puts a chunked body together; its chunk sizes are the gateway's to choose. */
function unchunked(text: string): string {
  const [, size = '0', rest = ''] = /^([\da-f]+)\r\n([^]*)$/i.exec(text) ?? [];
  const length = parseInt(size, 16);
  return length === 0 ? '' : rest.slice(0, length) + unchunked(rest.slice(length + 2));
}
