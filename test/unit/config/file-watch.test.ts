import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileWatch } from '../../../src/config/file-watch';

let folder: string;
let watch: FileWatch | null = null;
let told = 0;
let next: () => void = () => undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'file-watch-'));
  told = 0;
});
afterEach(() => {
  watch?.stop();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => path.join(folder, name);

/** A file that changes whenever it is asked to: once that is told, all that went before has been looked at. */
let marks = 0;
function mark(): Promise<void> {
  const seen = new Promise<void>((resolve) => (next = resolve));
  writeFileSync(at('mark'), String(marks++));
  return seen;
}

function begin(...names: string[]): void {
  watch = new FileWatch(
    [...names.map(at), at('mark')],
    () => {
      told++;
      next();
    },
    { interval: 5, settle: 20 },
  );
}

const change = () => new Promise<void>((resolve) => (next = resolve));

test('tells that a file has been written', async () => {
  writeFileSync(at('a'), 'one');
  begin('a');
  const changed = change();
  writeFileSync(at('a'), 'two');
  await changed;
  expect(told).toBe(1);
});

test('tells of content that is just as long, with the same times', async () => {
  writeFileSync(at('a'), 'one');
  utimesSync(at('a'), 1, 1);
  begin('a');
  const changed = change();
  writeFileSync(at('a'), 'two');
  utimesSync(at('a'), 1, 1);
  await changed;
});

test('tells that a file appears, and that it goes away', async () => {
  begin('a');
  const appeared = change();
  writeFileSync(at('a'), 'one');
  await appeared;
  const gone = change();
  rmSync(at('a'));
  await gone;
  expect(told).toBe(2);
});

test('tells of a folder that is swapped behind a link, as Kubernetes does it', async () => {
  for (const version of ['v1', 'v2']) {
    mkdirSync(at(version));
    writeFileSync(at(`${version}/tls.crt`), version);
  }
  symlinkSync('v1', at('..data'));
  symlinkSync('..data/tls.crt', at('tls.crt'));
  begin('tls.crt');
  const changed = change();
  symlinkSync('v2', at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
  await changed;
  expect(told).toBe(1);
});

test('says nothing of a file that has the same content again', async () => {
  writeFileSync(at('a'), 'one');
  begin('a');
  writeFileSync(at('a.new'), 'one');
  renameSync(at('a.new'), at('a'));
  utimesSync(at('a'), 1, 1);
  await mark();
  expect(told).toBe(1);
});

test('tells once of files that are written one after the other', async () => {
  begin('a', 'b');
  const both = mark();
  writeFileSync(at('a'), 'one');
  writeFileSync(at('b'), 'one');
  await both;
  expect(told).toBe(1);
});

test('looks again only when what it called is done', async () => {
  let underWay = 0;
  let most = 0;
  const calls = new Promise<void>((resolve) => {
    let count = 0;
    watch = new FileWatch(
      [at('a')],
      async () => {
        most = Math.max(most, ++underWay);
        writeFileSync(at('a'), `changed ${count}`);
        await new Promise((soon) => setImmediate(soon));
        underWay--;
        if (++count === 3) resolve();
      },
      { interval: 1, settle: 1 },
    );
  });
  writeFileSync(at('a'), 'first');
  await calls;
  expect(most).toBe(1);
});

test('is silent once it is stopped', async () => {
  begin('a');
  watch?.stop();
  const stopped = watch;
  const other = new Promise<void>((resolve) => {
    watch = new FileWatch([at('a')], resolve, { interval: 5, settle: 20 });
  });
  writeFileSync(at('a'), 'one');
  await other;
  expect(stopped).not.toBe(watch);
  expect(told).toBe(0);
});
