import { fixAllowedScope } from '../../../src/headers/service-worker';
import type { RawMount } from '../../support/gateway';
import { mountOf } from '../../support/mounts';

/** The field as the browser gets it, of a script at `/js/sw.js` of the tool. */
function scope(value: string, mount: Partial<RawMount> = {}, publicTarget = '/tool/js/sw.js?v=1'): string {
  const made = mountOf({ path: '/tool', ...mount });
  return fixAllowedScope(value, {
    mount: made,
    origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
    host: 'tools.example',
    publicTarget,
    upstreamTarget: mount.prefix === 'keep' ? publicTarget : publicTarget.replace(/^\/tool/, '') || '/',
  });
}

describe.each(['strip', 'adopt'] as const)('prefix: %s', (prefix) => {
  test.each([
    ['/', '/tool/'],
    [' / ', '/tool/'],
    ['', '/tool/js/sw.js'],
    ['/app/', '/tool/app/'],
    ['/?x', '/tool/'],
    // Against the script's own URL, where the tool's stop at the root.
    ['./', '/tool/js/'],
    ['../', '/tool/'],
    ['..', '/tool/'],
    ['../../../', '/tool/'],
    ['%2e%2e/%2E%2E/', '/tool/'],
    ['..\\..\\', '/tool/'],
    ['/../', '/tool/'],
    ['.\t./.\t./', '/tool/'],
    // The public path already.
    ['/tool/', '/tool/'],
    ['/tool', '/tool/'],
    ['/tool/app', '/tool/app'],
    ['/tool/../', '/tool/'],
    // With an address.
    ['http://localhost:3000/', '/tool/'],
    ['https://tools.example/', '/tool/'],
    ['https://tools.example/tool/app/', '/tool/app/'],
    ['https://tools.example/tool/../', '/tool/'],
    ['//tools.example/', '/tool/'],
    // Another site's, and what is none.
    ['https://elsewhere.example/', '/tool/js/'],
    ['//elsewhere.example/', '/tool/js/'],
    ['http://[', '/tool/js/'],
    ['data:,/', '/tool/js/'],
  ])('%j becomes %j', (value, expected) => expect(scope(value, { prefix })).toBe(expected));
});

describe('prefix: keep', () => {
  test.each([
    ['/', '/tool/'],
    ['/to', '/tool/'],
    ['/tool', '/tool/'],
    ['/tool/', '/tool/'],
    ['/tool/app', '/tool/app'],
    ['../', '/tool/'],
    ['../../', '/tool/'],
    ['/tool/../', '/tool/'],
    ['/tool/%2e%2e/', '/tool/'],
    ['https://tools.example/', '/tool/'],
    ['https://tools.example/tool/app', '/tool/app'],
    // Beside the mount: no more than without the field.
    ['/other/', '/tool/js/'],
    ['/tool2/', '/tool/js/'],
    ['/tool/../tool2/', '/tool/js/'],
  ])('%j becomes %j', (value, expected) => expect(scope(value, { prefix: 'keep' })).toBe(expected));
});

test('a tool at a path of its own', () => {
  const target = 'http://localhost:3000/app';
  const own = (value: string) =>
    fixAllowedScope(value, {
      mount: mountOf({ path: '/tool', target }),
      origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
      host: 'tools.example',
      publicTarget: '/tool/sw.js',
      upstreamTarget: '/app/sw.js',
    });
  expect(['/', '/app', '/app/', '/app/x/', '/other/', '..'].map(own)).toEqual([
    '/tool/',
    '/tool/',
    '/tool/',
    '/tool/x/',
    '/tool/',
    '/tool/',
  ]);
});

test('the folder of a script at the mount itself is the mount', () => {
  expect(scope('https://elsewhere.example/', {}, '/tool')).toBe('/tool/');
});

test('behind a proxy that takes a path off, that is part of the mount’s', () => {
  const behindTools = (value: string, path: string) =>
    fixAllowedScope(value, {
      mount: { ...mountOf({ path }), outer: '/tools' },
      origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
      host: 'tools.example',
      publicTarget: `/tools${path === '/' ? '' : path}/js/sw.js`,
      upstreamTarget: '/js/sw.js',
    });
  expect(['/', '/app/', 'https://elsewhere.example/'].map((value) => behindTools(value, '/tool'))).toEqual([
    '/tools/tool/',
    '/tools/tool/app/',
    '/tools/tool/js/',
  ]);
  expect(behindTools('/', '/')).toBe('/tools/');
});

test('a tool at the root has the whole site', () => {
  expect(scope('/', { path: '/' })).toBe('/');
});
