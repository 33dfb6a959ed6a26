import { fixCookiePath } from '../../../src/headers/cookies';
import { toPublicCookiePath } from '../../../src/mount/mount';
import type { RawMount } from '../../support/gateway';
import { mountOf } from '../../support/mounts';

const fix = (value: string, mount: Partial<RawMount> = {}) => {
  const made = mountOf(mount);
  return fixCookiePath(value, (path) => toPublicCookiePath(made, path));
};

test.each([
  ['JSESSIONID=a; Path=/', 'JSESSIONID=a; Path=/kpow'],
  ['JSESSIONID=a;Path=/;HttpOnly', 'JSESSIONID=a;Path=/kpow;HttpOnly'],
  ['a=b; path = /x/y ; Secure', 'a=b; path = /kpow/x/y ; Secure'],
  ['a=b; PATH=/x/', 'a=b; PATH=/kpow/x/'],
  ['a=b; Path=/kpow', 'a=b; Path=/kpow'],
  ['a=b; Path=/kpow/', 'a=b; Path=/kpow/'],
  ['a=b; Path=/kpow/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/kpow2', 'a=b; Path=/kpow/kpow2'],
  ['a=b', 'a=b'],
  ['a=b; HttpOnly; SameSite=Strict', 'a=b; HttpOnly; SameSite=Strict'],
  ['a=b; Path=', 'a=b; Path='],
  ['a=b; Path=relative', 'a=b; Path=relative'],
  ['a="x; Path=/y"', 'a="x; Path=/kpow/y"'],
  [
    'a=Path=/; Domain=x.example; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/',
    'a=Path=/; Domain=x.example; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/kpow',
  ],
  ['path=/secret; Path=/', 'path=/secret; Path=/kpow'],
  ['__Host-id=a; Secure; Path=/', '__Host-id=a; Secure; Path=/'],
  ['__Secure-id=a; Secure; Path=/', '__Secure-id=a; Secure; Path=/kpow'],
  ['', ''],
])('stripping: %s becomes %s', (value, fixed) => {
  expect(fix(value)).toBe(fixed);
});

test.each([
  ['a=b; Path=/', 'a=b; Path=/kpow'],
  ['a=b; Path=/kpow/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/other', 'a=b; Path=/kpow/other'],
])('keeping: %s becomes %s, so that two tools do not share a cookie at /', (value, fixed) => {
  expect(fix(value, { prefix: 'keep' })).toBe(fixed);
});

test.each([
  ['a=b; Path=/base', 'a=b; Path=/kpow'],
  ['a=b; Path=/base/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/', 'a=b; Path=/kpow'],
])('a tool at a base path: %s becomes %s', (value, fixed) => {
  expect(fix(value, { target: 'http://localhost:3000/base' })).toBe(fixed);
});

test('at the root mount nothing changes', () => {
  expect(fix('a=b; Path=/', { path: '/' })).toBe('a=b; Path=/');
  expect(fix('a=b; Path=/x', { path: '/' })).toBe('a=b; Path=/x');
});
