import { bodyUrls } from './bodies';

test.each([
  ['/x', '/tool/x'],
  ['/', '/tool/'],
  [' /x\n', '/tool/x'],
  ['/a\tb', '/tool/ab'],
  ['\\x', '/tool/x'],
  ['https:\\\\tools.example\\x', '/tool/x'],
  ['https://tools.example/x?y#z', '/tool/x?y#z'],
  ['//tools.example/x', '/tool/x'],
  ['http://internal:9090/x', '/tool/x'],
  ['/../x', '/tool/x'],
  ['../../x', '/tool/x'],
])('%j is %s', (url, fixed) => expect(bodyUrls().fixed(url)).toBe(fixed));

test.each([
  'x',
  './x',
  '../x',
  '',
  '#x',
  '?/x',
  '/tool',
  '/tool/x',
  '//cdn.example/x',
  'https://cdn.example/',
  'blob:/x',
  'mailto:/x',
  'http://[',
])('%j stays', (url) => expect(bodyUrls().fixed(url)).toBe(url));

test('a target with a path of its own: what lies beside it stays', () => {
  const urls = bodyUrls({ target: 'http://internal:9090/app' });
  expect(urls.prefix).toBeNull();
  expect(urls.fixed('/app/x')).toBe('/tool/x');
  expect(urls.fixed('/x')).toBe('/x');
});

test('a base elsewhere takes root-absolute paths with it', () => {
  const urls = bodyUrls();
  urls.startFrom('https://cdn.example/');
  expect(urls.prefix).toBeNull();
  expect(urls.fixed('/x')).toBe('/x');
  expect(urls.fixed('https://tools.example/x')).toBe('/tool/x');
  expect(bodyUrls().fixed('/x')).toBe('/tool/x');
});

test.each(['http://[', '\0'])('a base that is none changes nothing: %j', (href) => {
  const urls = bodyUrls();
  urls.startFrom(href);
  expect(urls.fixed('/x')).toBe('/tool/x');
});
