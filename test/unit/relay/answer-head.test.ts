import { compareAnswerHead } from '../../fuzz/compare';
import { maybeAnswerHead, readAnswerHead } from '../../../src/relay/answer-head';

const headOf = (...lines: string[]) => readAnswerHead(lines.map((line) => `${line}\r\n`).join(''));

const ok = 'HTTP/1.1 200 OK';

describe('the head of an answer', () => {
  test('is read to the letter', () => {
    expect(headOf('HTTP/1.1 404 Not  here', 'Content-Length: 5', 'X:a', 'x:\t b ')).toMatchObject({
      status: 404,
      reason: 'Not  here',
      raw: ['Content-Length', '5', 'X', 'a', 'x', 'b'],
      framing: 5,
      keepAlive: true,
    });
  });

  test.each([
    ['HTTP/1.1 200 ', ''],
    ['HTTP/1.1 200', ''],
    ['HTTP/1.1 200  OK ', ' OK '],
    ['HTTP/1.1 200 a\0b', ''],
    ['HTTP/1.1 200 \xc3\x89t\xe9\t!', '\xc3\x89t\xe9\t!'],
  ])('may have any reason: %j', (line, reason) => {
    expect(headOf(line)).toMatchObject({ status: 200, reason });
  });

  test.each([100, 101, 199, 299, 418, 599, 600, 999])('may have the status %i', (status) => {
    expect(headOf(`HTTP/1.1 ${status} X`)).toMatchObject({ status });
  });
});

test.each([
  [['Content-Length: 0'], 0],
  [['content-length:   007  '], 7],
  [['Content-Length: 999999999999999'], 999_999_999_999_999],
  [['Transfer-Encoding: chunked'], 'chunked'],
  [['TRANSFER-ENCODING:Chunked '], 'chunked'],
  [['X: Content-Length'], 'close'],
  [['Content_Length: 5', 'X-Content-Length: 5', 'Transfer_Encoding: chunked'], 'close'],
])('%j frames the body as %p', (lines, framing) => {
  expect(headOf(ok, ...lines)?.framing).toBe(framing);
});

describe('the connection', () => {
  test.each([
    ['by default', [ok, 'Content-Length: 0']],
    ['behind the last chunk', [ok, 'Transfer-Encoding: chunked']],
    ['where it says so', [ok, 'Connection: Keep-Alive', 'Content-Length: 0']],
    ['where it names a field', [ok, 'Connection: x', 'Content-Length: 0']],
    ['behind 204, which has no body', ['HTTP/1.1 204 No Content']],
    ['behind 304, which has no body', ['HTTP/1.1 304 Not Modified']],
    ['behind 103, which has no body', ['HTTP/1.1 103 Early Hints']],
  ])('goes on %s', (_, lines) => {
    expect(headOf(...lines)?.keepAlive).toBe(true);
  });

  test.each([
    ['where it says so', [ok, 'Connection: close', 'Content-Length: 0']],
    ['in any case of letters', [ok, 'connection: CLOSE', 'Content-Length: 0']],
    ['in a list', [ok, 'Connection: keep-alive , close,x', 'Content-Length: 0']],
    ['in the second line', [ok, 'Connection: keep-alive', 'Connection: close', 'Content-Length: 0']],
    ['with 204', ['HTTP/1.1 204 No Content', 'Connection: close']],
    ['where it says so to a proxy', [ok, 'Proxy-Connection: close', 'Content-Length: 0']],
    ['where the word is part of another', [ok, 'Connection: "close"', 'Content-Length: 0']],
    ['behind a body of no known length', [ok]],
    ['in HTTP/1.0', ['HTTP/1.0 200 OK', 'Content-Length: 0']],
    ['in HTTP/1.0 that would go on', ['HTTP/1.0 200 OK', 'Connection: keep-alive', 'Content-Length: 0']],
  ])('ends %s', (_, lines) => {
    expect(headOf(...lines)?.keepAlive).toBe(false);
  });
});

test.each([
  ['HTTP/2.0', ['HTTP/2.0 200 OK']],
  ['HTTP/0.9', ['HTTP/0.9 200 OK']],
  ['HTTP/1.2', ['HTTP/1.2 200 OK']],
  ['another protocol', ['ICY 200 OK']],
  ['HTTP in lower case', ['http/1.1 200 OK']],
  ['a line of a body', ['<html>']],
  ['an empty line before it', ['', ok]],
  ['a blank before it', [` ${ok}`]],
  ['two blanks before the status', ['HTTP/1.1  200 OK']],
  ['a tab behind the status', ['HTTP/1.1 200\tOK']],
  ['a status of two digits', ['HTTP/1.1 99 OK']],
  ['a status of four digits', ['HTTP/1.1 2000 OK']],
  ['a status below 100', ['HTTP/1.1 020 OK']],
  ['a signed status', ['HTTP/1.1 +20 OK']],
  ['a hexadecimal status', ['HTTP/1.1 0x2 OK']],
  ['no status', ['HTTP/1.1 OK']],
  ['a bare CR in the reason', ['HTTP/1.1 200 O\rK']],
  ['a bare LF in the reason', ['HTTP/1.1 200 OK\nX: a']],
  ['a folded line', [ok, 'X: a', ' b']],
  ['a bare LF', [ok, 'X: a\nY: b']],
  ['a bare CR', [ok, 'X: a\rY: b']],
  ['a NUL', [ok, 'X: \0']],
  ['a blank before a colon', [ok, 'Content-Length : 5']],
  ['a name that is no token', [ok, 'X\xe9: a']],
  ['two Content-Lengths', [ok, 'Content-Length: 5', 'Content-Length: 6']],
  ['the same Content-Length twice', [ok, 'Content-Length: 5', 'content-length: 5']],
  ['a list of Content-Lengths', [ok, 'Content-Length: 5, 5']],
  ['an empty Content-Length', [ok, 'Content-Length:']],
  ['a signed Content-Length', [ok, 'Content-Length: +5']],
  ['a hexadecimal Content-Length', [ok, 'Content-Length: 0x5']],
  ['a blank in Content-Length', [ok, 'Content-Length: 5 5']],
  ['a Content-Length that loses digits as a number', [ok, 'Content-Length: 9007199254740993']],
  ['a tab behind Content-Length, an error to Node', [ok, 'Content-Length: 5\t']],
  ['a blank of Unicode behind Content-Length', [ok, 'Content-Length: 5\xa0']],
  ['Transfer-Encoding and Content-Length', [ok, 'Transfer-Encoding: chunked', 'Content-Length: 5']],
  ['Content-Length and Transfer-Encoding', [ok, 'Content-Length: 5', 'Transfer-Encoding: chunked']],
  ['two Transfer-Encodings', [ok, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
  ['two codings', [ok, 'Transfer-Encoding: gzip, chunked']],
  ['an unknown coding', [ok, 'Transfer-Encoding: identity']],
  ['an empty coding', [ok, 'Transfer-Encoding: ']],
  ['a quoted coding', [ok, 'Transfer-Encoding: "chunked"']],
  ['a tab behind the coding, part of it to Node', [ok, 'X: a', 'transfer-encoding: chunked\t']],
  ['a blank of Unicode before the coding', [ok, 'Transfer-Encoding: \xa0chunked']],
  ['a tab behind close, part of it to some', [ok, 'Connection: close\t', 'Content-Length: 0']],
])('an answer is refused with %s', (_, lines) => {
  expect(headOf(...lines)).toBeNull();
});

test('a tab around any other value is a blank like others', () => {
  expect(headOf(ok, 'X:\ta\t', 'X-Connection: a\t')?.raw).toEqual(['X', 'a', 'X-Connection', 'a']);
});

test('a head that is cut off within a line is none', () => {
  const head = `${ok}\r\nX: a\r\nContent-Length: 5\r\n`;
  const whole = [...head.matchAll(/\r\n/g)].map(({ index }) => index + 2);
  for (let end = 0; end <= head.length; end++) {
    expect(readAnswerHead(head.slice(0, end)) !== null).toBe(whole.includes(end));
  }
});

test.each([
  `${ok}\r\nX: a\t\r\nContent-Length: 5\r\n\r\n`,
  'HTTP/1.0 200\r\n\r\n',
  'HTTP/1.1 200 a\0b\r\nX:\xff\r\n\r\n',
])('wherever it is cut off, the rest of %j is waited for', (head) => {
  for (let end = 0; end < head.length; end++) expect(maybeAnswerHead(head.slice(0, end))).toBe(true);
});

test.each(['x', '\r\n', 'HTTP/2', 'HTTX', `${ok}\n\n`, `${ok}\r\nX: a\n`, `${ok}\r\nX: \0`, `${ok}\r\nX: a\rb`])(
  'behind %j nothing is waited for',
  (head) => {
    expect(maybeAnswerHead(head)).toBe(false);
  },
);

test("Node's parser sees the same in every head that is taken", () => {
  const taken = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n',
    'HTTP/1.1 200\r\nTransfer-Encoding: Chunked \r\n',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding:chunked\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 204 No Content\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n',
    'HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
    'HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 5\r\n',
    'HTTP/1.1 200 OK\r\nConnection: \xa0close\r\nContent-Length: 5\r\n',
    `HTTP/1.1 200 OK\r\n${'X:\xa0\x85\t\r\n'.repeat(100)}Content-Length: 5\r\n`,
  ];
  for (const toHead of [false, true]) {
    expect(taken.map((head) => compareAnswerHead(head, toHead))).toEqual(taken.map(() => 'taken'));
  }
});
