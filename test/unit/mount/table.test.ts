import fc from 'fast-check';
import { toPublic, toUpstream } from '../../../src/mount/mount';
import { climbsOut } from '../../../src/mount/path';
import { MountTable } from '../../../src/mount/table';
import { mountOf, mountsOf } from '../../support/mounts';

const at = (path: string) => ({ name: path, path, target: 'http://localhost:3000' });

test('the longest prefix wins, on whole segments, in whatever order the mounts stand', () => {
  const table = new MountTable(mountsOf(at('/a'), at('/a/b/c'), at('/a/b'), at('/ab')));
  const match = (target: string) => table.match(target)?.mount.base ?? null;
  expect(
    ['/a', '/a/', '/a?/b', '/a/x', '/a/b', '/a/b/', '/a/bc', '/a/b/c/d', '/ab', '/abc', '/', '/x'].map(match),
  ).toEqual(['/a', '/a', '/a', '/a', '/a/b', '/a/b', '/a', '/a/b/c', '/ab', null, null, null]);
});

test('a percent-encoded prefix is the same prefix, and what follows it is cut where the client’s own bytes end', () => {
  const table = new MountTable(mountsOf(at('/kpow')));
  expect(table.match('/%6B%70ow/x%2F')).toMatchObject({ matched: 9 });
  expect(table.match('/kpow%2Fx')).toBeNull();
});

test('a look-up costs the same with 500 mounts as with one: a hash for each segment of the deepest mount', () => {
  const mounts = mountsOf(...Array.from({ length: 500 }, (_, i) => at(`/tool-${i}`)));
  const table = new MountTable(mounts);
  const looked: string[] = [];
  const original = Object.getOwnPropertyDescriptor(Map.prototype, 'get')?.value as (key: unknown) => unknown;
  const spy = jest.spyOn(Map.prototype, 'get').mockImplementation(function (this: Map<unknown, unknown>, key) {
    looked.push(String(key));
    return original.call(this, key);
  });
  const found = table.match('/tool-499/a/b/c/d');
  spy.mockRestore();
  expect(found?.mount.base).toBe('/tool-499');
  expect(looked).toEqual(['/tool-499']);
});

const segment = fc.string({ unit: fc.constantFrom(...Array.from('aZ09-._~%2Fe;=:@!$&()*+,')), maxLength: 6 });
const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);

test('stripping and putting back the prefix gives the same path, whatever bytes it has', () => {
  const mount = mountOf();
  fc.assert(
    fc.property(path, (rest) => {
      const target = `/kpow${rest}`;
      expect(toUpstream(mount, target, 5)).toBe(rest);
      // A path of the tool's that begins with the mount's own name cannot be told from a public one.
      fc.pre(!/^\/kpow(\/|$)/.test(rest));
      expect(toPublic(mount, rest)).toBe(target);
    }),
  );
});

test('what does not climb out stays below its mount for a parser that resolves dot segments', () => {
  fc.assert(
    fc.property(path, (rest) => {
      fc.pre(!climbsOut(rest));
      expect(new URL(`http://x/mount${rest}`).pathname).toMatch(/^\/mount(\/|$)/);
    }),
    { numRuns: 2000 },
  );
});
