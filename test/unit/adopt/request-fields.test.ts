import { adoptedRequestFields } from '../../../src/adopt/request-fields';
import { mountOf } from '../../support/mounts';
import { viewOf } from '../../support/views';

const view = viewOf('tools.example');
const told = (fields: string[], whole = false, more = {}) =>
  adoptedRequestFields({ method: 'GET', fields }, { mount: mountOf({ prefix: 'adopt', ...more }), view, whole });

test.each([
  ['https://tools.example/kpow/a?b', 'https://tools.example/a?b'],
  ['https://TOOLS.example/kpow', 'https://TOOLS.example/'],
  ['https://tools.example/kpowder/', 'https://tools.example/kpowder/'],
  ['https://elsewhere.example/kpow/a', 'https://elsewhere.example/kpow/a'],
  ['http://tools.example/kpow/a', 'http://tools.example/kpow/a'],
  ['nonsense', 'nonsense'],
])('Referer %s is %s to the tool', (before, after) =>
  expect(told(['Referer', before])[1]?.toLowerCase()).toBe(after.toLowerCase()),
);

test('with host: target, Referer names the tool as Origin does', () => {
  expect(told(['Referer', 'https://tools.example/kpow/a'], false, { host: 'target' })).toEqual([
    'Referer',
    'http://localhost:3000/a',
  ]);
});

test('tags are the tool’s own again, and a page from before the mount adopted is not asked for', () => {
  expect(told(['If-None-Match', '"a.adopted", "b"'])).toEqual(['If-None-Match', '"a", "b"']);
  expect(told(['If-None-Match', '"a"'])).toEqual(['If-None-Match', '"a"']);
  expect(told(['If-None-Match', '"a"', 'Sec-Fetch-Dest', 'style'])).toEqual(['Sec-Fetch-Dest', 'style']);
  expect(told(['If-Match', '"a.adopted"'])).toEqual(['If-Match', '"a"']);
});

test('a part is asked for only where it can be one', () => {
  expect(told(['Range', 'bytes=0-9', 'If-Range', '"a"'])).toEqual(['Range', 'bytes=0-9', 'If-Range', '"a"']);
  expect(told(['Range', 'bytes=0-9', 'If-Range', '"a.adopted"'])).toEqual([]);
  expect(told(['Range', 'bytes=0-9', 'If-Range', '"a"'], true)).toEqual([]);
});

test('no coding is asked for that cannot be undone; all else passes', () => {
  expect(told(['Accept-Encoding', 'gzip, dcb', 'X-Any', '/kpow/'])).toEqual([
    'Accept-Encoding',
    'gzip',
    'X-Any',
    '/kpow/',
  ]);
});
