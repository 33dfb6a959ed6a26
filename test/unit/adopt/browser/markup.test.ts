import { mapCookie } from '../../../../src/adopt/browser/cookie';
import { mapCss } from '../../../../src/adopt/browser/css';
import { isCandidate, mapMarkup } from '../../../../src/adopt/browser/markup';

const map = (url: string): string => (/^\/(?!\/|tool\/)/.test(url) ? `/tool${url}` : url);

describe('markup', () => {
  test.each([
    ['<a href="/x">/x</a>', '<a href="/tool/x">/x</a>'],
    ["<img src='/x' alt='/y'>", "<img src='/tool/x' alt='/y'>"],
    ['<img src=/x>', '<img src=/tool/x>'],
    ['<IMG SRC = "/x"/>', '<IMG SRC = "/tool/x"/>'],
    ['<img srcset="/a 1x, /b 2x">', '<img srcset="/tool/a 1x, /tool/b 2x">'],
    ['<a title="a > b" href="/x">', '<a title="a > b" href="/tool/x">'],
    ['<p style="background:url(/x)">', '<p style="background:url(/tool/x)">'],
    ['<style>a{b:url("/x")}</style>', '<style>a{b:url("/tool/x")}</style>'],
    ['<use xlink:href="/x#i">', '<use xlink:href="/tool/x#i">'],
    ['<object data="/x">', '<object data="/tool/x">'],
    ['<form action="/x"><button formaction="/y">', '<form action="/tool/x"><button formaction="/tool/y">'],
    ['<iframe src="/x', '<iframe src="/x'],
  ])('%s', (markup, expected) => expect(mapMarkup(markup, map)).toBe(expected));

  test.each(['plain /x text', '<p data="/x" data-src="/x">', '<my-link href="/x">', '<a href="x/y">', 'a < b = "/c"'])(
    '%s stays as it is',
    (markup) => expect(mapMarkup(markup, map)).toBe(markup),
  );

  test('most of what scripts insert is not even looked through', () => {
    expect(['text', '<b>x</b>', '<a class="b">'].map(isCandidate)).toEqual([false, false, false]);
    expect(['<a href=/x>', '<a href="../x">', '<p style="a:url(x)">'].map(isCandidate)).toEqual([true, true, true]);
  });

  test('a long text without an end costs no more than its length', () => {
    for (const piece of ['<a ', '<a href="', '<a x=', "<a '", '<style ', '<', 'url(', '@import "']) {
      const text = piece.repeat(20_000) + '/';
      expect(mapMarkup(text, map).length).toBeGreaterThanOrEqual(text.length);
    }
  });
});

test.each([
  ['a { b: url(/x) }', 'a { b: url(/tool/x) }'],
  [`url( "/x" ) url('/y')`, `url( "/tool/x" ) url('/tool/y')`],
  ['@import "/x.css";', '@import "/tool/x.css";'],
  ['url(data:image/svg+xml,/x)', 'url(data:image/svg+xml,/x)'],
  ['url(&quot;/x&quot;)', 'url(&quot;/tool/x&quot;)'],
  ['content: "/x"', 'content: "/x"'],
])('of a style %s', (text, expected) => expect(mapCss(text, map)).toBe(expected));

test.each([
  ['a=b; path=/', 'a=b; path=/tool'],
  ['a=b; Path=/x; Secure', 'a=b; Path=/tool/x; Secure'],
  ['a=b;PATH = /x', 'a=b;PATH = /tool/x'],
  ['a=b; path=/tool', 'a=b; path=/tool'],
  ['a=b; path=/tool/x', 'a=b; path=/tool/x'],
  ['a=path=/x', 'a=path=/x'],
  ['a=b', 'a=b'],
])('a cookie %s', (cookie, expected) => expect(mapCookie(cookie, '/tool')).toBe(expected));
