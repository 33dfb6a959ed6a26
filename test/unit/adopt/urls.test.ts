import { StyleRewriter } from '../../../src/adopt/css/style-rewriter';
import { PageRewriter } from '../../../src/adopt/html/page-rewriter';
import { bodyUrls, rewrittenAnyhow } from './bodies';

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

test('another name of the tool, in a page and in a style sheet', () => {
  const urls = () => bodyUrls({ names: ['a1b2c3d4:20116'] });
  expect(rewrittenAnyhow(() => new StyleRewriter(urls()), 'a{b:url(http://a1b2c3d4:20116/x)}')).toBe(
    'a{b:url(/tool/x)}',
  );
  const page = (body: string) =>
    rewrittenAnyhow(() => new PageRewriter(urls(), Buffer.from(''), { document: false }), body);
  expect(page('<a href="http://A1B2C3D4:20116/x?y"><img srcset="//a1b2c3d4:20116/1 1x, //a1b2c3d4:1/2 2x">')).toBe(
    '<a href="/tool/x?y"><img srcset="/tool/1 1x, //a1b2c3d4:1/2 2x">',
  );
  expect(page('<base href="http://a1b2c3d4:20116/b/"><a href="../../x">')).toBe(
    '<base href="/tool/b/"><a href="/tool/x">',
  );
});

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

test.each(['http://[', '\0', '//a\u00c3\u0097b/', '//a:99999999/', '\\\\a\u00c3\u0097b/..'])(
  'a base that is none changes nothing: %j',
  (href) => {
    const urls = bodyUrls();
    urls.startFrom(href);
    expect(urls.fixed('/x')).toBe('/tool/x');
  },
);
