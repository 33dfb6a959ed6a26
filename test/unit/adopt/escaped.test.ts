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

test.each([
  ['its Referer', a, '/a'],
  ['Referer and Fetch Metadata', [...a, ...own], '/a'],
  ['the mount’s path as Referer', ['Referer', 'https://tools.example/b'], '/b'],
  ['the one mount that the browser has open', [...own, ...cookie('/b')], '/b'],
  ['a page that says its origin alone', [...own, ...cookie('/b'), 'Referer', 'https://tools.example/'], '/b'],
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
])('nobody answers: %s', (_, fields) => expect(from(fields)).toBeNull());

test('only GET, and none of the gateway’s own paths', () => {
  expect(from(a, '/x', 'POST')).toBeNull();
  expect(from(a, '/x', 'HEAD')).toBeNull();
  expect(from(a, '/')).toBeNull();
  expect(from(a, '/?x')).toBeNull();
  expect(from(a, '/-/x')).toBeNull();
});
