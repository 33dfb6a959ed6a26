import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LoneMounts, loneMountWarnings } from '../../../src/config/lone-mounts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'lone mounts ü-'));
  for (const name of ['gateway.yaml', 'other.yaml']) writeFileSync(at(name), '');
  mkdirSync(at('certs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
/** As the kernel writes it. */
const escaped = (name: string) => Buffer.from(name).toString('latin1').replaceAll(' ', '\\040');
const line = (point: string, root: string) =>
  `63 43 254:0 ${escaped(root)} ${escaped(point)} ro,relatime - ext4 /dev/vda rw,discard`;
const other = line('/', '/');

test('a file that is a mount point is one, its neighbours and folders are not', () => {
  const mounts = new LoneMounts(() => [other, line(at('gateway.yaml'), '/srv/my gateway.yaml'), ''].join('\n'));
  expect(mounts.among([at('gateway.yaml'), at('other.yaml'), at('none.yaml')])).toEqual([
    { file: at('gateway.yaml'), isStale: false },
  ]);
  const folders = new LoneMounts(() => [other, line(folder, '/srv'), line(at('certs'), '/certs')].join('\n'));
  expect(folders.among([at('gateway.yaml'), at('certs')])).toEqual([]);
});

test('a link to one counts, under its own name', () => {
  symlinkSync('gateway.yaml', at('link.yaml'));
  const mounts = new LoneMounts(() => line(at('gateway.yaml'), '/srv/gateway.yaml'));
  expect(mounts.among([at('link.yaml')])).toEqual([{ file: at('link.yaml'), isStale: false }]);
});

test.each([
  ['removed outside, as sed -i and most editors do', '/srv/gateway.yaml//deleted'],
  ['renamed outside, as an editor does that keeps the old one', '/srv/gateway.yaml~'],
])('what is mounted has been %s: it is stale from then on', (_, root) => {
  // A backup may be a second link to it.
  linkSync(at('gateway.yaml'), at('backup'));
  let now = '/srv/gateway.yaml';
  const mounts = new LoneMounts(() => line(at('gateway.yaml'), now));
  expect(mounts.among([at('gateway.yaml')])).toEqual([{ file: at('gateway.yaml'), isStale: false }]);
  now = root;
  for (let again = 0; again < 2; again++) {
    const found = mounts.among([at('gateway.yaml')]);
    expect(found).toEqual([{ file: at('gateway.yaml'), isStale: true }]);
    expect(loneMountWarnings(found)).toEqual([expect.stringContaining('still the old file. Restart the container')]);
  }
});

test('where there is no such table, nothing is said', () => {
  const mounts = new LoneMounts(() => {
    throw Object.assign(new Error(), { code: 'ENOENT' });
  });
  expect(mounts.among([at('gateway.yaml')])).toEqual([]);
  expect(new LoneMounts().among([at('gateway.yaml')])).toEqual([]);
});
