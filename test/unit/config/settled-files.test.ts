import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { differing, looksAt, settled } from '../../../src/config/settled-files';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'settled-'));
  file = path.join(folder, 'a');
  writeFileSync(file, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('waits while a file is being written', async () => {
  let written = '';
  const writer = setInterval(() => writeFileSync(file, (written += 'x')), 5);
  const changing = jest.fn(() => {
    clearInterval(writer);
    // Of a length that the writer cannot have come to: two writes within one tick of the file system's clock look alike.
    writeFileSync(file, 'whole'.repeat(1_000));
  });
  const looks = await settled([file], changing);
  expect(changing).toHaveBeenCalledTimes(1);
  expect(differing(looksAt([file]), looks)).toEqual([]);
});

test('of files that do not change, and of none, it says nothing', async () => {
  const changing = jest.fn();
  await settled([file, path.join(folder, 'none')], changing);
  await settled([], changing);
  expect(changing).not.toHaveBeenCalled();
});

test('ends where nobody waits for it any more', async () => {
  let calls = 0;
  const writer = setInterval(() => writeFileSync(file, String(performance.now())), 5);
  await settled(
    [file],
    () => undefined,
    () => calls++ < 2,
  );
  clearInterval(writer);
  expect(calls).toBe(3);
});
