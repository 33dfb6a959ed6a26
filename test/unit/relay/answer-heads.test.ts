import { readAnswerHead } from '../../../src/relay/answer-head';
import { AnswerHeads } from '../../../src/relay/answer-heads';

const headOf = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const one = headOf('Content-Length: 1', 'Date: Mon, 23 Nov 2026 08:38:59 GMT');
const two = headOf('Content-Length: 2', 'Date: Mon, 23 Nov 2026 08:38:59 GMT');

/** As a connection does it, with a text that holds a whole head. */
function readFrom(heads: AnswerHeads, text: string) {
  const size = heads.sizeIn(text, 0);
  return { size, head: heads.read(text.slice(0, size)) };
}

test.each([
  ['the same head again', [one, one]],
  ['another of the same length', [one, two, one]],
  ['one that goes on where the last one ended', [headOf('A: b'), `${headOf('A: b').slice(0, -2)}C: d\r\n\r\n`]],
  ['one that ends before the last one did', [headOf('A: b', 'C: d'), headOf('A: b')]],
  ['one behind another that is no head', [one, 'HTTP/1.1 200 OK\r\nA line without a colon\r\n\r\n', one]],
])('%s is read as if it were the first', (_, texts) => {
  const heads = new AnswerHeads();
  for (const text of texts) {
    const { size, head } = readFrom(heads, `${text}{"a":1}\r\n\r\n`);
    expect(size).toBe(text.length);
    expect(head).toEqual(readAnswerHead(text.slice(0, -2)));
    expect(head?.raw).toEqual(readAnswerHead(text.slice(0, -2))?.raw);
  }
});

test('the same head is gone through once, and a very long one is not kept', () => {
  const heads = new AnswerHeads();
  expect(readFrom(heads, one).head).toBe(readFrom(heads, one).head);
  const long = headOf(`A: ${'b'.repeat(5_000)}`);
  expect(readFrom(heads, long).head).not.toBe(readFrom(heads, long).head);
});

test('a head that comes in pieces is found where it ends, also when its beginning is well known', () => {
  const heads = new AnswerHeads();
  readFrom(heads, one);
  for (let cut = 1; cut < one.length; cut++) {
    expect(heads.sizeIn(one.slice(0, cut), 0)).toBe(-1);
    expect(heads.sizeIn(`${one}x`, cut)).toBe(one.length);
  }
});
