import { StyleRewriter } from '../../../../src/adopt/css/style-rewriter';
import { bodyUrls, rewrittenAnyhow } from '../bodies';

const style = (text: string) => rewrittenAnyhow(() => new StyleRewriter(bodyUrls()), text);

test.each([
  ['a{b:url(/x.png)}', 'a{b:url(/tool/x.png)}'],
  ['a{b:url( "/x.png" )}', 'a{b:url( "/tool/x.png" )}'],
  ["a{b:URL('/x?a=(1)')}", "a{b:URL('/tool/x?a=(1)')}"],
  ['a{b:src("/x")}', 'a{b:src("/tool/x")}'],
  ['@import "/a.css" screen;', '@import "/tool/a.css" screen;'],
  ["@IMPORT url(/a.css) layer(x) supports(a: '/b');", "@IMPORT url(/tool/a.css) layer(x) supports(a: '/b');"],
  ['a{b:image-set("/a" 1x, url(/b) 2x type("/c"))}', 'a{b:image-set("/tool/a" 1x, url(/tool/b) 2x type("/c"))}'],
  ['a{b:-webkit-image-set("/a" 1x)}', 'a{b:-webkit-image-set("/tool/a" 1x)}'],
  ['a{b:url(\\2f x)}', 'a{b:url(/tool/x)}'],
  ['a{b:url("\\/x\\"y")}', 'a{b:url("/tool/x\\22 y")}'],
  ['a{b:url(/x\\)y)}', 'a{b:url(/tool/x\\29 y)}'],
  ['a{b:url(/a/../../b)}', 'a{b:url(/tool/b)}'],
  ['a{b:url(https://tools.example/x)}', 'a{b:url(/tool/x)}'],
  ['a{b:url(/x)', 'a{b:url(/tool/x)'],
  ['a{b:url(/x', 'a{b:url(/tool/x'],
  ['/* url(/a) */ a{b:url(/x)}', '/* url(/a) */ a{b:url(/tool/x)}'],
  ['a{content:"url(/a)";b:url(/x)}', 'a{content:"url(/a)";b:url(/tool/x)}'],
  ['a{content:"\\"url(/a)"}b{c:url(/x)}', 'a{content:"\\"url(/a)"}b{c:url(/tool/x)}'],
  // A string ends at its line's end, and the next one is no string.
  ['a{b:"x\n}c{d:url(/x)}', 'a{b:"x\n}c{d:url(/tool/x)}'],
  ['@font-face{src:url(/a.woff2) format("woff2"),url(b)}', '@font-face{src:url(/tool/a.woff2) format("woff2"),url(b)}'],
  ['a{b:url(/\xe9)}', 'a{b:url(/tool/\xe9)}'],
])('%s', (before, after) => expect(style(before)).toBe(after));

test.each([
  'a{b:url(x)}',
  'a{b:url(#x)}',
  'a{b:url()}',
  'a{b:url(data:image/png;base64,/9j/)}',
  'a{b:url(//cdn.example/x)}',
  'a{b:url(/tool/x)}',
  'a{b:my-url(/x)}',
  'a{b:"/x"}',
  '@namespace "/x";',
  '@namespace a url(/x);',
  '@charset "/x";',
  'a{b:/x}',
  '/* "',
  'a{b:"',
  'a{b:url("',
  '/',
  '@',
  'url',
  'url(',
  '\\',
  'a{b:url(\\e9 /../x)}',
  '@import',
  'a{b:var(--x,"/y")}',
])('%s stays', (text) => expect(style(text)).toBe(text));

test.each([
  ['a string', 'a{b:url("/' + 'x'.repeat(500_000)],
  ['a bare URL', 'a{b:url(/' + 'x'.repeat(500_000)],
  ['a name', 'a'.repeat(500_000)],
  ['a comment', '/*' + '*'.repeat(500_000)],
  ['spaces', 'url(' + ' '.repeat(500_000)],
  ['backslashes', 'a{b:"' + '\\'.repeat(500_000)],
])('%s without an end is read once, and stays', (_, text) => {
  const rewriter = new StyleRewriter(bodyUrls());
  let size = 0;
  for (let at = 0; at < text.length; at += 4_096) {
    size += rewriter.push(Buffer.from(text.slice(at, at + 4_096))).length;
    expect(at + 4_096 - size).toBeLessThan(40_000);
  }
  expect(size + rewriter.end().length).toBe(text.length);
});
