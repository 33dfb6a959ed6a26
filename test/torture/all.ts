import { noReusePort } from '../../src/config/reuse-port';
import { startNodeReader } from '../smuggling/readers/node-reader';
import { startRecorder } from '../smuggling/readers/recorder';
import type { Reader } from '../smuggling/readers/reader';
import { runTable } from '../smuggling/run-table';
import { allCases, reachingCases } from '../smuggling/table';
import { tortureByGreed, type GreedyTorture } from './greedy-clients';
import { tortureByKills } from './kills';
import type { Outcome } from './outcome';
import { tortureReloads } from './reloads';
import { tortureRestarts } from './restarts';

export interface Torture {
  readonly name: string;
  run(): Promise<Omit<Outcome, 'name'>>;
}

/** @param short a share of each, for every change; else all of it */
export function tortures(short: boolean): Torture[] {
  const readers: [string, () => Promise<Reader>][] = [
    ['a recorder', startRecorder],
    ['Node’s strict parser', () => startNodeReader(false)],
    ['Node’s lenient parser', () => startNodeReader(true)],
  ];
  const slow = { heads: 300, bodies: 300, reads: 400 };
  const time = short ? 5_000 : 15_000;
  const greedy: GreedyTorture[] = [
    { name: '1,000 slow clients', greed: slow, time },
    { name: '10,000 idle connections', greed: { idle: 10_000 }, time },
    { name: 'Connections that come and go', greed: { storm: 50 }, time },
  ];
  const reload = short ? { rate: 300, websockets: 100, reloads: 4 } : { rate: 2_000, websockets: 500, reloads: 20 };
  const restart = short
    ? { rate: 100, fresh: 0.1, websockets: 20, restarts: 2, delay: '1s' }
    : { rate: 300, fresh: 0.1, websockets: 100, restarts: 8, delay: '2s' };
  return [
    ...readers.map(([reader, start], i) => ({
      name: `Request smuggling before ${reader}`,
      run: () => smuggling(i === 0 ? allCases : reachingCases, start),
    })),
    ...greedy.map((torture) => ({ name: torture.name, run: () => tortureByGreed(torture) })),
    {
      name: 'A tool killed with kill -9',
      run: () => tortureByKills({ kills: short ? 20 : 200, clients: 16, websockets: 8 }),
    },
    { name: 'Reloads under load', run: () => tortureReloads(reload) },
    { name: 'Reloads of two workers', run: () => tortureReloads({ ...reload, workers: 2 }) },
    { name: 'Restarts behind a kept socket', run: () => tortureRestarts({ ...restart, way: 'kept socket' }) },
    {
      name: 'Restarts of two workers',
      run: () => tortureRestarts({ ...restart, way: 'kept socket', workers: 2 }),
    },
    ...(noReusePort(process.version, process.platform) === null
      ? [{ name: 'Restarts on a shared port', run: () => tortureRestarts({ ...restart, way: 'shared port' }) }]
      : []),
  ];
}

async function smuggling(cases: typeof allCases, start: () => Promise<Reader>): Promise<Omit<Outcome, 'name'>> {
  const lost: string[] = [];
  let [tried, lostCount, leaked] = [0, 0, 0];
  for (const by of ['relay', 'detour', 'app'] as const) {
    const { results, strays } = await runTable(cases, by, await start(), 6);
    tried += results.length;
    leaked += strays.length;
    for (const { name, problems } of results) {
      if (problems.length === 0) continue;
      lostCount++;
      lost.push(`${name} (${by}): ${problems.map((problem) => JSON.stringify(problem)).join('; ')}`);
    }
  }
  return { tried, survived: tried - lostCount, lost: lost.slice(0, 10), lostCount, leaked, notes: ['by both ways'] };
}
