import { parseUrl } from '../../src/parse-url';

test.each([
  ['http://bücher.example/', 'http://xn--bcher-kva.example/'],
  ['http://a\u00c3\u0097b/', null],
  ['http://a:99999999/', null],
  ['/x', null],
])('%s is read as %s, however often', (text, href) => {
  const read = new Set<string | null>();
  // More than it takes until the function is compiled.
  for (let i = 0; i < 20_000; i++) read.add(parseUrl(text)?.href ?? null);
  expect([...read]).toEqual([href]);
});

test('a reference has a base', () => {
  expect(parseUrl('x', 'http://a/b/c')?.href).toBe('http://a/b/x');
  expect(parseUrl('//a\u00c3\u0097b/', 'http://a/')).toBeNull();
  expect(parseUrl('http://a/', 'http://[')).toBeNull();
});
