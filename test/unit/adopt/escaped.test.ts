import { escapedFrom } from '../../../src/adopt/escaped';
import { mountCookie } from '../../../src/adopt/mount-cookie';
import { MountTable } from '../../../src/mount/table';
import { mountsOf } from '../../support/mounts';
import { viewOf } from '../../support/views';

const target = 'http://localhost:3000';
const table = new MountTable(
  mountsOf(
    { path: '/a', target, prefix: 'adopt' },
    { path: '/b', target, prefix: 'adopt' },
    { path: '/plain', target },
  ),
);
const view = viewOf('tools.example');
const from = (fields: string[], path = '/x.js', method = 'GET') =>
  escapedFrom(path, { method, fields }, view, table)?.config.path ?? null;

const a = ['Referer', 'https://tools.example/a/page?x'];
const own = ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'image'];
const cookie = (...paths: string[]) => ['Cookie', ['s=1', ...paths.map((path) => `${mountCookie(path)}=1`)].join('; ')];

const asks = (dest: string) => ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', dest];

test.each([
  ['its Referer', a, '/a'],
  ['Referer and Fetch Metadata', [...a, ...own], '/a'],
  ['the mount’s path as Referer', ['Referer', 'https://tools.example/b'], '/b'],
  ['the one mount that the browser has open', [...own, ...cookie('/b')], '/b'],
  ['a page that says its origin alone', [...own, ...cookie('/b'), 'Referer', 'https://tools.example/'], '/b'],
  ['a worker', [...a, ...asks('worker')], '/a'],
  [
    'a script that asks for a part of a page',
    [...a, 'Accept', 'text/html', 'X-Requested-With', 'XMLHttpRequest'],
    '/a',
  ],
  ['a fetch that accepts pages', [...a, ...asks('empty'), 'Accept', 'text/html'], '/a'],
  ['a style sheet that escaped itself', [...own, ...cookie('/b'), 'Referer', 'https://tools.example/x.css'], '/b'],
])('a request is told by %s', (_, fields, expected) => expect(from(fields)).toBe(expected));

test.each([
  ['nothing says where it comes from', []],
  ['the cookie alone', cookie('/a')],
  ['two are open', [...own, ...cookie('/a', '/b')]],
  ['Fetch Metadata alone', own],
  ['a page of another site', ['Referer', 'https://elsewhere.example/a/', ...cookie('/a')]],
  ['another site, whatever Referer says', [...a, 'Sec-Fetch-Site', 'cross-site']],
  ['another name of this site', [...a, 'Sec-Fetch-Site', 'same-site']],
  ['nobody’s page but the user', [...a, 'Sec-Fetch-Site', 'none']],
  ['a plain page of this host', ['Referer', 'http://tools.example/a/']],
  ['a page of a mount that does not adopt', ['Referer', 'https://tools.example/plain/', ...own, ...cookie('/a')]],
  ['a page of the gateway', ['Referer', 'https://tools.example/-/portal', ...own, ...cookie('/a')]],
  ['a navigation', [...a, 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'document']],
  ['a frame', [...a, 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'iframe']],
  // Without Fetch Metadata: an old browser, or a page over plain http.
  ['a navigation by what it accepts', [...a, 'Accept', 'text/html,application/xhtml+xml,*/*;q=0.8']],
  ['a navigation in capitals', [...a, 'ACCEPT', 'image/png, Text/HTML']],
  ['a navigation by its mode', [...a, 'Sec-Fetch-Mode', 'Navigate']],
  ['a navigation by what else it says', [...a, 'Upgrade-Insecure-Requests', '1']],
  ['a handshake', [...a, 'Connection', 'Upgrade', 'Upgrade', 'websocket']],
  ['a handshake of something else', [...a, 'upgrade', 'h2c']],
  ['a handshake by the cookie', [...asks('websocket'), ...cookie('/b')]],
  // A service worker from the root would take the portal and every tool, a shared one is shared by them.
  ['a service worker', [...a, ...asks('serviceworker')]],
  ['a service worker in capitals', [...a, ...asks('ServiceWorker')]],
  ['a service worker in a second line', [...a, ...asks('script'), 'sec-fetch-dest', 'serviceworker']],
  ['a service worker by the cookie', [...asks('serviceworker'), ...cookie('/b')]],
  ['a service worker without Fetch Metadata', [...a, 'Service-Worker', 'script']],
  ['a service worker whatever it asks for', [...a, ...asks('script'), 'service-worker', 'Script']],
  ['a service worker by the cookie and its field', [...asks('script'), ...cookie('/b'), 'Service-Worker', 'script']],
  ['a shared worker', [...a, ...asks('sharedworker')]],
  ['what nobody knows', [...a, ...asks('webidentity')]],
])('nobody answers: %s', (_, fields) => expect(from(fields)).toBeNull());

test('only GET, and none of the gateway’s own paths', () => {
  expect(from(a, '/x', 'POST')).toBeNull();
  expect(from(a, '/x', 'HEAD')).toBeNull();
  expect(from(a, '/')).toBeNull();
  expect(from(a, '/?x')).toBeNull();
  expect(from(a, '/-/x')).toBeNull();
});
