import type { ClientView } from '../../../src/headers/forwarded';
import { toolDestination, toolIf } from '../../../src/headers/webdav';
import type { RawMount } from '../../support/gateway';
import { mountOf } from '../../support/mounts';

type View = Pick<ClientView, 'origin' | 'host' | 'prefix'>;

const https: View = {
  origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
  host: 'tools.example',
  prefix: '',
};
const plain: View = { ...https, origin: { ...https.origin, proto: 'http', port: 80 } };
const dav = (mount: Partial<RawMount> = {}) => mountOf({ path: '/dav', ...mount });

/*
 * RFC 4918 §10.3 has a URL or a path. Servers compare a URL's scheme and host with what they are asked by: Apache (502),
 * nginx and wsgidav (400, 502) both, Go's x/net/webdav the host. So the usual advice for nginx is to rewrite https to http
 * in Destination. A path nobody compares.
 */
describe('Destination to a tool whose prefix is taken off', () => {
  test.each([
    ['https://tools.example/dav/x%20y/z', 'http://tools.example/x%20y/z'],
    ['https://tools.example/dav/', 'http://tools.example/'],
    ['https://tools.example/dav', 'http://tools.example/'],
    ['HTTPS://Tools.Example:443/dav/x', 'http://tools.example/x'],
    ['http://tools.example/dav/x', 'http://tools.example/x'],
    ['https://tools.example/d%61v/x', 'http://tools.example/x'],
    ['https://tools.example/dav/x?v=1', 'http://tools.example/x?v=1'],
    [' https://tools.example/dav/x ', 'http://tools.example/x'],
    ['/dav/x%2Fy', '/x%2Fy'],
    ['/dav', '/'],
    // A URL that the tool itself wrote into an answer.
    ['http://localhost:3000/x', 'http://tools.example/x'],
    ['http://a1b2c3d4:20116/x', 'http://tools.example/x'],
    // Outside: left to the tool.
    ['https://tools.example/dav2/x', 'https://tools.example/dav2/x'],
    ['https://tools.example/', 'https://tools.example/'],
    ['/other/x', '/other/x'],
    ['https://other.example/dav/x', 'https://other.example/dav/x'],
    ['https://tools.example:9443/dav/x', 'https://tools.example:9443/dav/x'],
    ['https://user@tools.example/dav/x', 'https://user@tools.example/dav/x'],
    // No URL (OpenStack's Swift has such a COPY).
    ['container/object', 'container/object'],
    ['//tools.example/dav/x', '//tools.example/dav/x'],
    ['ftp://tools.example/dav/x', 'ftp://tools.example/dav/x'],
    ['', ''],
    ['https://[', 'https://['],
  ])('%s becomes %s', (said, told) => {
    expect(toolDestination(said, dav({ names: 'a1b2c3d4:20116' }), https)).toBe(told);
    expect(toolDestination(said, dav({ names: 'a1b2c3d4:20116', prefix: 'adopt' }), https)).toBe(told);
  });

  test('at a base path', () => {
    const mount = dav({ target: 'http://localhost:3000/base' });
    expect(toolDestination('https://tools.example/dav/x', mount, https)).toBe('http://tools.example/base/x');
    expect(toolDestination('/dav/x', mount, https)).toBe('/base/x');
  });

  test('that is asked by its own name, or at another port', () => {
    const url = 'https://tools.example/dav/x';
    expect(toolDestination(url, dav({ host: 'target' }), https)).toBe('http://localhost:3000/x');
    expect(toolDestination(url, dav({ host: 'target', target: 'https://dav.internal' }), https)).toBe(
      'https://dav.internal/x',
    );
    const at = {
      ...https,
      origin: { ...https.origin, authority: 'tools.example:8443', port: 8443 },
      host: 'tools.example:8443',
    };
    expect(toolDestination('https://tools.example:8443/dav/x', dav(), at)).toBe('http://tools.example:8443/x');
    expect(toolDestination(url, dav(), { ...https, host: 'inner.example' })).toBe('http://inner.example/x');
  });
});

test.each([
  ['https://tools.example/dav/x', https, 'http://tools.example/dav/x'],
  ['http://tools.example/dav/x', plain, 'http://tools.example/dav/x'],
  ['/dav/x', https, '/dav/x'],
  ['https://tools.example/x', https, 'https://tools.example/x'],
] as const)('with prefix: keep only the scheme and host are mapped: %s', (said, view, told) => {
  expect(toolDestination(said, dav({ prefix: 'keep' }), view)).toBe(told);
});

test.each(['https://tools.example/front/dav/x', 'https://tools.example/dav/x'])(
  'behind a trusted proxy that takes /front off: %s',
  (said) => {
    const view = { ...https, prefix: '/front' };
    expect(toolDestination(said, dav(), view)).toBe('http://tools.example/x');
    expect(toolDestination(said, dav({ prefix: 'keep' }), view)).toBe('http://tools.example/dav/x');
  },
);

test('a tool at the root', () => {
  expect(toolDestination('https://tools.example/x', dav({ path: '/' }), https)).toBe('http://tools.example/x');
});

/* RFC 4918 §10.4.2: a tag is a URL before a list; in a list, <...> is a state token and [...] an entity tag. */
test.each([
  [
    '<https://tools.example/dav/x> (<urn:uuid:1> ["a"]) (Not <DAV:no-lock>)',
    '<http://tools.example/x> (<urn:uuid:1> ["a"]) (Not <DAV:no-lock>)',
  ],
  ['</dav/x>(<a>)</dav/y>\t([W/"b"])', '</x>(<a>)</y>\t([W/"b"])'],
  ['(<https://tools.example/dav/x>)', '(<https://tools.example/dav/x>)'],
  ['(["a)</dav/x>"]) </dav/y> (<b>)', '(["a)</dav/x>"]) </y> (<b>)'],
  ['(<a)b>) </dav/y> (<b>)', '(<a)b>) </y> (<b>)'],
  ['<https://other.example/dav/x> (<a>)', '<https://other.example/dav/x> (<a>)'],
  ['</dav/x', '</dav/x'],
  ['(</dav/x>', '(</dav/x>'],
  ['("</dav/x>', '("</dav/x>'],
  ['', ''],
])('If: %s becomes %s', (said, told) => {
  expect(toolIf(said, dav(), https)).toBe(told);
});

test('If takes time in proportion to its length', () => {
  const started = performance.now();
  for (const text of ['<', '(', '<>', '"', '(<', '("', '</dav/x>', '("")', '(<>)'])
    for (const end of ['', '(', '>', ')']) toolIf(text.repeat(20_000) + end, dav(), https);
  expect(performance.now() - started).toBeLessThan(2_000);
});
