import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takeTurn, type Turn } from '../../../src/acme/lock';

let folder: string;
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'kpow-gateway-')), 'lock');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

const put = (number: number, text: string) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, String(number)), text);
};
const dead = JSON.stringify({ owner: 'gone', until: Date.now() - 1 });
const alive = () => JSON.stringify({ owner: 'other', until: Date.now() + 60_000 });

test('of many who want it at once, one has the turn', async () => {
  for (const state of ['empty', 'expired']) {
    if (state === 'expired') put(7, dead);
    const turns = await Promise.all(Array.from({ length: 20 }, () => takeTurn(folder)));
    const had = turns.filter((turn) => turn !== null);
    expect(had).toHaveLength(1);
    await had[0]?.release();
  }
});

test('the next one has it when it is released; old turns are tidied away', async () => {
  const turn = await takeTurn(folder);
  expect(await takeTurn(folder)).toBeNull();
  await turn?.release();
  const next = await takeTurn(folder);
  expect(next).not.toBeNull();
  expect(readdirSync(folder)).toEqual(['2']);
  await next?.release();
});

test('what a dead holder left expires', async () => {
  put(3, dead);
  const turn = await takeTurn(folder);
  expect(readdirSync(folder)).toEqual(['4']);
  await turn?.release();
});

test('a living holder is left alone, also while its file is being written', async () => {
  put(3, alive());
  expect(await takeTurn(folder)).toBeNull();
  put(4, '');
  expect(await takeTurn(folder)).toBeNull();
  const long = Date.now() / 1000 - 3600;
  utimesSync(path.join(folder, '4'), long, long);
  const turn = await takeTurn(folder);
  expect(turn).not.toBeNull();
  await turn?.release();
});

test('a holder whose clock was years ahead does not have it for ever', async () => {
  put(1, JSON.stringify({ owner: 'ahead', until: Date.now() + 1e11 }));
  const turn = await takeTurn(folder);
  expect(turn).not.toBeNull();
  await turn?.release();
});

test('a holder renews its turn, and hears of it when another took it over', async () => {
  const turn = (await takeTurn(folder, 90)) as Turn;
  const file = path.join(folder, '1');
  const before = readFileSync(file, 'utf8');
  while (readFileSync(file, 'utf8') === before) await new Promise((resolve) => setImmediate(resolve));
  put(2, alive());
  if (!turn.lost.aborted) await once(turn.lost, 'abort');
  const other = readFileSync(path.join(folder, '2'), 'utf8');
  await turn.release();
  expect(readFileSync(path.join(folder, '2'), 'utf8')).toBe(other);
  expect(await takeTurn(folder, 60_000)).toBeNull();
});

test('files that are no turns do not disturb', async () => {
  put(1, dead);
  for (const name of ['.nfs0001', '1.abc.tmp', '007', 'x']) writeFileSync(path.join(folder, name), '');
  const turn = await takeTurn(folder);
  expect(readdirSync(folder).sort()).toEqual(['.nfs0001', '007', '1.abc.tmp', '2', 'x']);
  await turn?.release();
});
