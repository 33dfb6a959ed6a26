import { fixedImportMap, fixedManifest, fixedSpeculationRules } from '../../../src/adopt/json-urls';
import { ManifestRewriter } from '../../../src/adopt/manifest';
import { bodyUrls, rewrittenAnyhow } from './bodies';

const fixed = (url: string) => bodyUrls().fixed(url);

test('an import map: what is imported, what stands for it, scopes and integrity', () => {
  const map = {
    imports: { react: '/r.js', '/a/': '/b/', './c': 'd', none: null },
    scopes: { '/s/': { react: '/r2.js' } },
    integrity: { '/r.js': 'sha384-/x' },
    more: '/x',
  };
  expect(JSON.parse(fixedImportMap(JSON.stringify(map), fixed))).toEqual({
    imports: { react: '/tool/r.js', '/tool/a/': '/tool/b/', './c': 'd', none: null },
    scopes: { '/tool/s/': { react: '/tool/r2.js' } },
    integrity: { '/tool/r.js': 'sha384-/x' },
    more: '/x',
  });
});

test('speculation rules: lists and patterns', () => {
  const rules = {
    prerender: [{ urls: ['/a', 'b'], where: { and: [{ href_matches: '/c/*' }, { not: { href_matches: ['/d'] } }] } }],
  };
  expect(JSON.parse(fixedSpeculationRules(JSON.stringify(rules), fixed))).toEqual({
    prerender: [
      {
        urls: ['/tool/a', 'b'],
        where: { and: [{ href_matches: '/tool/c/*' }, { not: { href_matches: ['/tool/d'] } }] },
      },
    ],
  });
});

test('a web app manifest', () => {
  const manifest = {
    name: '/Tool',
    start_url: '/?home',
    scope: '/',
    icons: [{ src: '/a.png', sizes: '1x1' }],
    shortcuts: [{ name: 'x', url: '/x', icons: [{ src: '/b.png' }] }],
    share_target: { action: '/share' },
    protocol_handlers: [{ protocol: 'web+x', url: '/p?u=%s' }],
  };
  expect(JSON.parse(fixedManifest(JSON.stringify(manifest), fixed))).toEqual({
    name: '/Tool',
    start_url: '/tool/?home',
    scope: '/tool/',
    icons: [{ src: '/tool/a.png', sizes: '1x1' }],
    shortcuts: [{ name: 'x', url: '/tool/x', icons: [{ src: '/tool/b.png' }] }],
    share_target: { action: '/tool/share' },
    protocol_handlers: [{ protocol: 'web+x', url: '/tool/p?u=%s' }],
  });
});

test.each(['', '[]', 'null', '{"start_url":', '"/x"', '{"a":1}x'])('%j stays as it is', (text) => {
  expect(fixedManifest(text, fixed)).toBe(text);
  expect(fixedImportMap(text, fixed)).toBe(text);
});

test('odd values stay, however deep', () => {
  const deep = '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000);
  expect(fixedManifest(deep, fixed)).toBe(deep);
  expect(fixedManifest('{"__proto__":{"src":"/x"},"scope":1}', fixed)).toBe(
    '{"__proto__":{"src":"/tool/x"},"scope":1}',
  );
});

test('a manifest is read as a whole; one that is too long passes', () => {
  const create = () => new ManifestRewriter(bodyUrls());
  expect(rewrittenAnyhow(create, '{"start_url":"/\xe9"}')).toBe('{"start_url":"/tool/\xe9"}');
  const long = `{"start_url":"/","name":"${'x'.repeat(1_100_000)}"}`;
  const rewriter = create();
  const parts = [long.slice(0, 1_000_000), long.slice(1_000_000)].map((part) => rewriter.push(Buffer.from(part)));
  expect(Buffer.concat([...parts, rewriter.end()]).toString()).toBe(long);
});
