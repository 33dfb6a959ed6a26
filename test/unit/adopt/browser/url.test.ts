import { fromAnywhere, isUnder, urlMap } from '../../../../src/adopt/browser/url';

const origin = 'https://gateway.example:8443';
const map = urlMap({ mount: '/tool', origin, base: () => `${origin}/tool/deep/page` });

test.each([
  ['/a?b#c', '/tool/a?b#c'],
  ['/', '/tool/'],
  ['/toolbox', '/tool/toolbox'],
  [' \n/a', '/tool/a'],
  ['/a\tb', '/tool/ab'],
  ['\\a', '/tool/a'],
  ['//gateway.example:8443/a', '/tool/a'],
  [`${origin}/a`, `${origin}/tool/a`],
  ['HTTPS://GATEWAY.example:8443/a', `${origin}/tool/a`],
  ['https://ann:x@gateway.example:8443/a', 'https://ann:x@gateway.example:8443/tool/a'],
  ['wss://gateway.example:8443/live', 'wss://gateway.example:8443/tool/live'],
  ['ws://gateway.example:8443/live', 'ws://gateway.example:8443/tool/live'],
  ['../../a', '/tool/a'],
  ['../../../../a', '/tool/a'],
  ['/tool/../a', '/tool/a'],
  ['/tool/%2e%2e/a', '/tool/a'],
])('%j becomes %j', (url, expected) => {
  expect(map(url)).toBe(expected);
  // Whoever maps it once more, does no harm.
  expect(map(expected)).toBe(expected);
});

test.each([
  ...['', 'a', 'a/b?c', './a', '../a', '#x', '?y', '/tool', '/tool/', '/tool/a', '/tool?x', `${origin}/tool/a`],
  ...['//other.example/a', 'https://other.example/a', 'http://gateway.example:8443/a', 'https://gateway.example/a'],
  ...['data:text/plain,/a', 'blob:https://gateway.example:8443/1', 'javascript:go("/a")', 'mailto:/a', 'about:blank'],
  ...['http://[', '//[/a'],
])('%j stays as it is', (url) => {
  expect(map(url)).toBe(url);
});

test('relative URLs follow the document’s base, as it changes', () => {
  let base = `${origin}/tool/a/b`;
  const moving = urlMap({ mount: '/tool', origin, base: () => base });
  expect(moving('../x')).toBe('../x');
  base = `${origin}/tool/a`;
  expect(moving('../x')).toBe('/tool/x');
});

test('in a style sheet only what does not depend on where it stands is mapped', () => {
  expect(['../../a', '/a', ' /a'].map(fromAnywhere(map))).toEqual(['../../a', '/tool/a', '/tool/a']);
});

test('a mount ends at a segment', () => {
  expect(['/tool', '/tool/', '/toolbox', '/Tool'].map((path) => isUnder(path, '/tool'))).toEqual([
    ...[true, true],
    ...[false, false],
  ]);
});
