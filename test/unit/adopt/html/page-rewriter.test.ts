import { PageRewriter } from '../../../../src/adopt/html/page-rewriter';
import { bodyUrls, rewrittenAnyhow } from '../bodies';

const head = '<!>';
const page = (text: string, document = false) =>
  rewrittenAnyhow(() => new PageRewriter(bodyUrls(), Buffer.from(head), { document }), text);

describe('URLs of attributes go under the prefix', () => {
  test.each([
    ['<a href="/x">', '<a href="/tool/x">'],
    ["<a href='/x?a=/b'>", "<a href='/tool/x?a=/b'>"],
    ['<a href=/x>', '<a href=/tool/x>'],
    ['<A\nHREF = "/x" >', '<A\nHREF = "/tool/x" >'],
    ['<a href=" /x ">', '<a href=" /tool/x ">'],
    ['<a href="/">', '<a href="/tool/">'],
    ['<a href=/>', '<a href=/tool/>'],
    ['<a href="/x"class=y>', '<a href="/tool/x"class=y>'],
    ['<a href="&#47;x&amp;y">', '<a href="/tool/x&amp;y">'],
    ['<a href="/x?a=1&amp;b=2&c=3&copy=4">', '<a href="/tool/x?a=1&amp;b=2&c=3&copy=4">'],
    ['<a href="/x&eacute;y/&#8230;">', '<a href="/tool/x&eacute;y/&#8230;">'],
    ['<a href="/x y">', '<a href="/tool/x y">'],
    ['<a href="/a/../b">', '<a href="/tool/a/../b">'],
    ['<a href="/../b">', '<a href="/tool/b">'],
    ['<a href="../../../b">', '<a href="/tool/b">'],
    ['<a href="https://tools.example/x">', '<a href="/tool/x">'],
    ['<a href="//internal:9090/x">', '<a href="/tool/x">'],
    ['<a href="http://internal:9090">', '<a href="/tool/">'],
    ['<a href="\\x">', '<a href="/tool/x">'],
    ['<a href="/\tx">', '<a href="/tool/x">'],
    [
      '<img src="/a.png" srcset="/a.png 1x, b.png 2x,/c.png">',
      '<img src="/tool/a.png" srcset="/tool/a.png 1x, b.png 2x,/tool/c.png">',
    ],
    ['<link rel=preload imagesrcset="/a.png 100w">', '<link rel=preload imagesrcset="/tool/a.png 100w">'],
    ['<form action="/f"><button formaction=/g>', '<form action="/tool/f"><button formaction=/tool/g>'],
    ['<video poster="/p" src=/v>', '<video poster="/tool/p" src=/tool/v>'],
    ['<object data="/o">', '<object data="/tool/o">'],
    ['<a ping="/p /q">', '<a ping="/tool/p /tool/q">'],
    ['<html manifest="/m">', '<html manifest="/tool/m">'],
    ['<body background=/b.png>', '<body background=/tool/b.png>'],
    ['<meta http-equiv=Refresh content="5; url=/x">', '<meta http-equiv=Refresh content="5; url=/tool/x">'],
    [`<meta content="0;URL='/x'" http-equiv="refresh">`, `<meta content="0;URL='/tool/x'" http-equiv="refresh">`],
    ['<p style="background:url(/b.png)">', '<p style="background:url(/tool/b.png)">'],
    ['<p style="background:url(&quot;/b.png&quot;)">', '<p style="background:url(&quot;/tool/b.png&quot;)">'],
    [
      '<svg><use xlink:href="/s.svg#a"/><image href="/i"/></svg>',
      '<svg><use xlink:href="/tool/s.svg#a"/><image href="/tool/i"/></svg>',
    ],
    ['<iframe srcdoc="<a href=&quot;/x&quot;>">', '<iframe srcdoc="<!><a href=&quot;/tool/x&quot;>">'],
    ['<a title=">" href="/x">', '<a title=">" href="/tool/x">'],
    ['<a href="/x" href="/y">', '<a href="/tool/x" href="/tool/y">'],
    ['<img src="\xe9/x"><img src="/\xe9">', '<img src="\xe9/x"><img src="/tool/\xe9">'],
  ])('%s', (before, after) => expect(page(before)).toBe(after));
});

describe('what is right, or nobody’s to change, stays byte for byte', () => {
  test.each([
    '<a href="x">',
    '<a href="">',
    '<a href="#x">',
    '<a href="?x=/y">',
    '<a href="/tool/x">',
    '<a href="/tool">',
    '<a href="//cdn.example/x">',
    '<a href="https://cdn.example/x">',
    '<a href="mailto:a@b">',
    '<a href="javascript:go(\'/x\')">',
    '<a href="data:text/html,<a href=/x>">',
    '<div data="/x" src="/y">',
    '<my-link href="/x">',
    '<meta name=x content="5;url=/x">',
    '<!-- <a href="/x"> -->',
    '<!--><!-- <a href="/x"> --!>',
    '<!--!> <a href="/x"> -->',
    '<?php <a href="/x"?>',
    '<!x <a href="/y">',
    '</a href="/x">',
    '</ a href="/x">',
    '<script>"<a href=\'/x\'>"</script>',
    '<textarea><a href="/x"></textarea>',
    '<title><a href="/x"></title>',
    '<noscript><img src="/x"></noscript>',
    '<xmp><a href="/x"></xmp>',
    '<plaintext><a href="/x"></plaintext><a href="/y">',
    'a < b href="/x"',
    '<p>/x url(/x)</p>',
    '<script><!--<script>"</script>"<a href="/x">--></script>',
    '<svg><![CDATA[<a href="/x">]]></svg>',
    '<a href="/x" title="',
    '<a href="/x"',
    '<',
    '</',
    '<!',
    '<!-',
    '{"a":"<a href=\'/x\'>"}',
    ' ["<a href=\'/x\'>"]',
    '<script type=importmap>{"imports":</script>',
  ])('%s', (text) => expect(page(text)).toBe(text));
});

describe('text that only looks like markup, or markup that looks like text', () => {
  const seen = '<a href="/x">';
  const after = '<a href="/tool/x">';
  test.each([
    ['<!-->', ''],
    ['<!--->', ''],
    ['<!---->', ''],
    ['<!-- - -- -->', ''],
    ['<!--a--!>', ''],
    ['</>', ''],
    ['<![CDATA[>', ''],
    ['<script></script>', ''],
    ['<script>a</SCRIPT\n>', ''],
    ['<script>"</scripty>"</script >', ''],
    ['<script><!--</script>', ''],
    ['<script><!--<script></script></script>', ''],
    ['<script><!--<script>--></script>', ''],
    ['<script><!--><script></script>', ''],
    ['<style>a</style>', ''],
    ['<textarea></textarea/>', ''],
    ['<svg><style>', '</style></svg>'],
    ['<svg><title>', '</title></svg>'],
    ['<svg><p>', ''],
    ['<svg></svg><style></style>', ''],
    ['<svg/><style></style>', ''],
    ['<math><mi><style></style>', ''],
    ['<svg><foreignObject><style></style>', '</foreignObject></svg>'],
    ['<a =/>', ''],
    ["<p title='\">'>", ''],
    ['<p a=b/c=">', '">'],
  ])('%s', (before, behind) => expect(page(before + seen + behind)).toBe(before + after + behind));
});

describe('style sheets and JSON within a page', () => {
  test.each([
    [
      '<style>a{b:url(/x)} /* url(/y) */</style><a href=/x>',
      '<style>a{b:url(/tool/x)} /* url(/y) */</style><a href=/tool/x>',
    ],
    ['<style>@import "/x"', '<style>@import "/tool/x"'],
    [
      '<script type="importmap">{"imports":{"a":"/a.js","/b/":"/c/"}}</script>',
      '<script type="importmap">{"imports":{"a":"/tool/a.js","/tool/b/":"/tool/c/"}}</script>',
    ],
    [
      '<script type=speculationrules>{"prefetch":[{"urls":["/a","b"]}]}</script>',
      '<script type=speculationrules>{"prefetch":[{"urls":["/tool/a","b"]}]}</script>',
    ],
    [
      '<script type=importmap>{"a":"\\u003c/script>"}</script>',
      '<script type=importmap>{"a":"\\u003c/script>"}</script>',
    ],
  ])('%s', (before, after) => expect(page(before)).toBe(after));
});

describe('where the head begins', () => {
  test.each([
    ['<head><title>x', `<head>${head}<title>x`],
    ['<!doctype html>\n<html lang=en>\n<head data-x>y', `<!doctype html>\n<html lang=en>\n<head data-x>${head}y`],
    ['<!-- c --><title>x', `<!-- c -->${head}<title>x`],
    ['<html><body>x', `<html>${head}<body>x`],
    ['<p>x', `${head}<p>x`],
    [' x', ` ${head}x`],
    ['</p>x', `${head}</p>x`],
    ['\xef\xbb\xbf<!doctype html><html>', '\xef\xbb\xbf<!doctype html><html>'],
    ['\xef\xbb\xbfx', `\xef\xbb\xbf${head}x`],
    ['<?xml version="1.0"?><html><head></head>', `<?xml version="1.0"?><html><head>${head}</head>`],
    ['<header>x<head>', `${head}<header>x<head>`],
    ['<frameset>', `${head}<frameset>`],
    ['', ''],
    ['<!-- c -->', '<!-- c -->'],
    ['{"a":1}', '{"a":1}'],
  ])('%s', (before, after) => expect(page(before, true)).toBe(after));
});

describe('<base>', () => {
  test.each([
    ['<base href="/"><a href="/x"><a href="../x">', '<base href="/tool/"><a href="/tool/x"><a href="/tool/x">'],
    ['<base href="/b/c"><a href="../x"><a href="../../x">', '<base href="/tool/b/c"><a href="../x"><a href="/tool/x">'],
    [
      '<base href="https://cdn.example/"><a href="/x"><a href="https://tools.example/y">',
      '<base href="https://cdn.example/"><a href="/x"><a href="/tool/y">',
    ],
    ['<base target=x><a href=/x>', '<base target=x><a href=/tool/x>'],
  ])('%s', (before, after) => expect(page(before)).toBe(after));
});

test('a long tag is not held for ever: what stands before its end goes out, and what follows is read on', () => {
  const long = 'x'.repeat(200_000);
  const before = `<img src="/a" alt="${long}" srcset="/b"><a href="/c">`;
  const after = `<img src="/tool/a" alt="${long}" srcset="/tool/b"><a href="/tool/c">`;
  const rewriter = new PageRewriter(bodyUrls(), Buffer.from(head), { document: false });
  let out = '';
  let held = 0;
  for (let at = 0; at < before.length; at += 1_000) {
    out += rewriter.push(Buffer.from(before.slice(at, at + 1_000))).toString();
    held = Math.max(held, at + 1_000 - out.length);
  }
  expect(out + rewriter.end().toString()).toBe(after);
  expect(held).toBeLessThan(70_000);
});

test.each([
  ['attributes', '<a ' + 'a=1 '.repeat(300_000)],
  ['an endless name', '<' + 'a'.repeat(1_000_000)],
  ['an endless comment', '<!--' + '-'.repeat(1_000_000)],
  ['an endless script', '<script><!--' + '<script'.repeat(200_000)],
  ['open elements', '<svg><foreignObject>'.repeat(50_000)],
  ['an endless style', '<style>url('.repeat(1) + 'a'.repeat(1_000_000)],
  ['lesser signs', '<'.repeat(1_000_000)],
])('%s are read once, and stay as they are', (_, text) => {
  const rewriter = new PageRewriter(bodyUrls(), Buffer.from(head), { document: false });
  const bytes = Buffer.from(text);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 16_384) {
    size += rewriter.push(bytes.subarray(at, at + 16_384)).length;
    expect(at + 16_384 - size).toBeLessThan(100_000);
  }
  expect(size + rewriter.end().length).toBe(bytes.length);
});
