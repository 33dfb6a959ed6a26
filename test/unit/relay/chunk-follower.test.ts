import { compareChunkedBody, follow } from '../../fuzz/compare';
import { ChunkError, ChunkFollower } from '../../../src/relay/chunk-follower';

const everywhere = (body: string) => Array.from(body, (_, at) => at + 1);

/** All at once, one byte at a time, and in two parts at every place. */
const partings = (body: string): number[][] => [[], everywhere(body), ...everywhere(body).map((at) => [at])];

/** What comes behind the body belongs to somebody else. */
const behind = 'HTTP/1.1 200 OK\r\n';

const taken: [what: string, body: string, passed: string, dataBytes: number, trailers: string[]][] = [
  ['no data', '0\r\n\r\n', '0\r\n', 0, []],
  ['one chunk', '5\r\nabcde\r\n0\r\n\r\n', '5\r\nabcde\r\n0\r\n', 5, []],
  ['sizes with zeros before them', '002\r\nab\r\n000\r\n\r\n', '002\r\nab\r\n000\r\n', 2, []],
  [
    'sizes in any case',
    `a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n`,
    'a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n',
    21,
    [],
  ],
  ['data that looks like framing', '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n', '7\r\n\r\n0\r\n\r\n\r\n0\r\n', 7, []],
  ['an extension', '2;a\r\nab\r\n0\r\n\r\n', '2\r\nab\r\n0\r\n', 2, []],
  ['extensions of all kinds', '2;a=b;c="d;\\"\t\x80";e\r\nab\r\n0;f\r\n\r\n', '2\r\nab\r\n0\r\n', 2, []],
  ['a trailer', '0\r\nX-Sum: 1\r\n\r\n', '0\r\n', 0, ['X-Sum', '1']],
  ['trailers', '1\r\na\r\n0\r\nA:b\r\na:\t c \r\nX: \r\n\r\n', '1\r\na\r\n0\r\n', 1, ['A', 'b', 'a', 'c', 'X', '']],
];

describe('a chunked body is followed however it arrives', () => {
  test.each(taken)('%s', (_, body, passed, dataBytes, trailers) => {
    for (const cuts of partings(body)) {
      const followed = follow(body + behind, cuts);
      expect(followed).toEqual({ passed, ended: true, refused: false, end: body.length, dataBytes, trailers });
    }
  });

  test.each(taken)("and Node's parser reads the same before and behind the relay: %s", (_, body) => {
    for (const cuts of partings(body)) expect(compareChunkedBody(body + behind, cuts)).toBe('taken');
  });

  test.each(taken)('and has not ended before its last byte: %s', (_, body) => {
    for (let end = 0; end < body.length; end++) {
      expect(follow(body.slice(0, end), [])).toMatchObject({ ended: false, refused: false, end });
    }
  });
});

test('the longest trailers are taken, however they arrive', () => {
  const value = 'b'.repeat(16 * 1024 - 7);
  const body = `0\r\nA: ${value}\r\n\r\n`;
  for (const cuts of [[], everywhere(body), [body.length - 1]]) {
    expect(follow(body + behind, cuts)).toMatchObject({ ended: true, end: body.length, trailers: ['A', value] });
  }
});

test('only the bytes from `start` to `end` are looked at', () => {
  const follower = new ChunkFollower();
  const bytes = Buffer.from('zz5\r\nabcde\r\n0\r\n\r\nzz');
  const runs: [number, number][] = [];
  const pass = (from: number, to: number) => runs.push([from, to]);
  expect(follower.follow(bytes, 2, 7, pass)).toBe(7);
  expect(follower.follow(bytes, 7, 7, pass)).toBe(7);
  expect(follower.follow(bytes, 7, bytes.length, pass)).toBe(bytes.length - 2);
  expect(runs).toEqual([
    [2, 7],
    [7, 15],
  ]);
});

test('behind the end nothing is looked at', () => {
  const follower = new ChunkFollower();
  const pass = jest.fn();
  follower.follow(Buffer.from('0\r\n\r\n'), 0, 5, pass);
  expect(follower.follow(Buffer.from('malformed'), 0, 9, pass)).toBe(0);
  expect(pass).toHaveBeenCalledTimes(1);
});

const refused: [what: string, body: string][] = [
  ['no size', '\r\nab\r\n'],
  ['a size that is no number', 'g\r\n'],
  ['a signed size', '+5\r\nabcde\r\n'],
  ['a negative size', '-5\r\nabcde\r\n'],
  ['a size with 0x', '0x5\r\nabcde\r\n'],
  ['a blank before a size', ' 5\r\nabcde\r\n'],
  ['a blank behind a size', '5 \r\nabcde\r\n'],
  ['a tab behind a size', '5\t\r\nabcde\r\n'],
  ['an underscore in a size', '1_0\r\n'],
  ['a size that a number cannot count', '1000000000000\r\n'],
  ['a size of many zeros', '0000000000005\r\nabcde\r\n'],
  ['a bare LF behind a size', '5\nabcde\r\n'],
  ['a bare CR behind a size', '5\rabcde\r\n'],
  ['two CR behind a size', '5\r\r\nabcde\r\n'],
  ['data longer than its size', '2\r\nabc\r\n'],
  ['data shorter than its size', '3\r\nab\r\n0\r\n\r\n'],
  ['a bare LF behind data', '2\r\nab\n0\r\n\r\n'],
  ['a bare CR behind data', '2\r\nab\r0\r\n\r\n'],
  ['an empty line between chunks', '2\r\nab\r\n\r\n0\r\n\r\n'],
  ['an extension without a size', ';a\r\n'],
  ['an extension without a name', '5;\r\nabcde\r\n'],
  ['an extension with a value alone', '5;=b\r\nabcde\r\n'],
  ['an extension with a name alone before =', '5;a=\r\nabcde\r\n'],
  ['a blank before an extension', '5 ;a\r\nabcde\r\n'],
  ['a blank in an extension', '5; a=b\r\nabcde\r\n'],
  ['a NUL in an extension', '5;a\0\r\nabcde\r\n'],
  ['a bare LF in an extension', '5;a\nabcde\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nabcde\r\n'],
  ['a bare LF in a quoted string', '5;a="\n"\r\nabcde\r\n'],
  ['a quoted string without an end', '5;a="b\r\nabcde\r\n'],
  ['text behind a quoted string', '5;a="b"c\r\nabcde\r\n'],
  ['an extension of more than 16 kB', `5;${'a'.repeat(16 * 1024)}\r\nabcde\r\n`],
  ['extensions of more than 16 kB in all', `1;${'a'.repeat(1023)}\r\na\r\n`.repeat(17)],
  ['an extension that never ends', `5;${'a'.repeat(17 * 1024)}`],
  ['a bare LF in place of the empty line', '0\r\n\nA: b\r\n\r\n'],
  ['a bare LF behind a trailer', '0\r\nA: b\n\r\n\r\n'],
  ['two bare LF behind a trailer', '0\r\nA: b\n\nC: d\r\n\r\n'],
  ['a bare CR in a trailer', '0\r\nA: b\rC: d\r\n\r\n'],
  ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'],
  ['a trailer without a colon', '0\r\nA\r\n\r\n'],
  ['a NUL in a trailer', '0\r\nA: \0\r\n\r\n'],
  ['trailers of more than 16 kB', `0\r\nA: ${'b'.repeat(16 * 1024 - 6)}\r\n\r\n`],
  ['trailers that never end', `0\r\n${'A: b\r\n'.repeat(3 * 1024)}`],
  ...['Content-Length: 5', 'transfer-encoding: chunked', 'Connection: close', 'Proxy-Connection: close'].map(
    (trailer): [string, string] => [`the trailer ${trailer}`, `0\r\nA: b\r\n${trailer}\r\n\r\n`],
  ),
];

describe('a chunked body is refused however it arrives', () => {
  test.each(refused)('%s', (_, body) => {
    const some = body.length < 100 ? partings(body) : [[], everywhere(body)];
    for (const cuts of some) expect(follow(body, cuts)).toMatchObject({ ended: false, refused: true });
  });

  test.each(refused)('and what has been passed on before is right as far as it goes: %s', (_, body) => {
    expect(compareChunkedBody(body, everywhere(body))).toBe('refused');
  });

  test('with an error of its own', () => {
    expect(() => new ChunkFollower().follow(Buffer.from('x'), 0, 1, () => undefined)).toThrow(ChunkError);
  });
});

test('the largest size is counted to the byte', () => {
  const follower = new ChunkFollower();
  const head = Buffer.from('ffffffffffff\r\n');
  follower.follow(head, 0, head.length, () => undefined);
  const part = Buffer.alloc(1024);
  for (let i = 0; i < 4; i++) follower.follow(part, 0, part.length, () => undefined);
  expect(follower).toMatchObject({ dataBytes: 4096, ended: false });
});
