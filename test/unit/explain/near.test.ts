import { resolveConfig } from '../../../src/config/load';
import { nearMounts } from '../../../src/explain/near';
import { compileMount } from '../../../src/mount/mount';
import { MountTable } from '../../../src/mount/table';

const tool = 'http://localhost:3000';
const { mounts } = resolveConfig({
  mounts: ['/', '/kpow', '/kpow/deeper', '/prometheus'].map((path) => ({ name: path, path, target: tool })),
});
const all = new MountTable(mounts.map(compileMount));
const withoutRoot = new MountTable(mounts.slice(1).map(compileMount));

const near = (target: string, table = withoutRoot) =>
  nearMounts(target, table.mounts, table.match(target)?.mount ?? null).map(({ path, reason }) => `${path} ${reason}`);

test.each([
  ['/kpow/deeper/x', ['/kpow /kpow/deeper is longer, and the longest wins']],
  ['/kpow/deep', []],
  ['/kpow/deeper2', ['/kpow/deeper only whole segments count: a slash has to follow, or nothing']],
  ['/kpow2', ['/kpow only whole segments count: a slash has to follow, or nothing']],
  ['/KPOW/x?/kpow', ['/kpow upper and lower case count']],
  ['//kpow/', ['/kpow there are slashes too many in front']],
  ['/kpow%2Fx', ['/kpow only whole segments count: a slash has to follow, or nothing']],
  ['/promteheus/graph', ['/prometheus is spelled much like /promteheus']],
  ['/something', []],
])('%s nearly was for %j', (target, expected) => {
  expect(near(target)).toEqual(expected);
});

test('what the mount at the root takes is told beside what it might have been', () => {
  expect(near('/kpow2', all)).toEqual(['/kpow only whole segments count: a slash has to follow, or nothing']);
  expect(near('/kpow/x', all)).toEqual([]);
});
