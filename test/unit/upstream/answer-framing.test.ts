import { FramingError, withOneLength } from '../../../src/upstream/answer-framing';

const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');

test.each([
  [head()],
  [head('Content-Length: 5')],
  [head('Transfer-Encoding: chunked')],
  [head('X-Content-Length: 5', 'X: Content-Length: 6', 'Content-Length: 7')],
  // Whoever reads it refuses it.
  [head('Content-Length: 99999999999999999999999')],
])('%j stays as it is', (text) => {
  expect(withOneLength(text)).toBe(text);
});

test.each([
  [head('Content-Length: 5', 'A: b', 'content-length: 5'), head('Content-Length: 5', 'A: b')],
  [head('A: b', 'CONTENT-LENGTH:5 , 5,5'), head('A: b', 'CONTENT-LENGTH: 5')],
  [head('Content-Length: 0', 'Content-Length: 0', 'Content-Length: 0,0'), head('Content-Length: 0')],
])('%j has one length', (text, mended) => {
  expect(withOneLength(text)).toBe(mended);
});

test.each([
  [['Content-Length: 5', 'Content-Length: 6'], 'two lengths'],
  [['Content-Length: 5, 05'], 'two lengths'],
  [['Content-Length: 5,'], 'no number'],
  [['Content-Length:'], 'no number'],
  [['Content-Length: +5'], 'no number'],
  [['Content-Length: 5', 'Transfer-Encoding: chunked'], 'length and chunks'],
  [['Transfer-Encoding: chunked', 'transfer-encoding: Chunked'], 'chunked twice'],
  [['Transfer-Encoding: chunked,chunked'], 'chunked twice'],
  [['Transfer-Encoding: gzip, chunked'], 'another coding'],
  [['Transfer-Encoding:'], 'another coding'],
])('%j is refused: %s', (lines, flaw) => {
  const found = withOneLength(head(...lines));
  expect(found).toBeInstanceOf(FramingError);
  expect(found).toMatchObject({ flaw });
});

test('it takes no longer for a head made to be slow', () => {
  const slow = head(
    ...Array.from({ length: 5_000 }, () => `Content-Length:${' '.repeat(10)}5`),
    `A: ${'\t '.repeat(200_000)}`,
  );
  const began = performance.now();
  withOneLength(slow);
  expect(performance.now() - began).toBeLessThan(500);
});
