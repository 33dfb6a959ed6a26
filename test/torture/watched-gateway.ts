import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { builtProgram } from '../support/built-program';
import { temporaryFolder } from '../support/gateway';
import { startProgram } from '../support/program';
import { descriptorsOf, leakedDescriptors } from './descriptors';
import type { Tally } from './outcome';

/** Megabytes of a process that is quiet. */
export interface Memory {
  /** Objects and buffers that are left once all garbage is collected. */
  readonly live: number;
  /** What the kernel has given it: allocators keep some of what was freed, for the next time. */
  readonly resident: number;
}

export interface WatchedGateway {
  readonly pid: number;
  memory(): Promise<Memory>;
  /**
   * Ends it. It is lost when it does not end well.
   * @returns how many descriptors it held more than at its start
   */
  stop(tally: Tally): Promise<number>;
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** The built gateway, in a process that tells what it holds. */
export async function startWatchedGateway(config: object): Promise<WatchedGateway> {
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(file, JSON.stringify(config));
  const telling = ['--expose-gc', '--require', path.join(__dirname, 'tell-memory.cjs')];
  const program = await startProgram(process.execPath, [...telling, builtProgram(), 'serve', '--config', file]);
  await program.until('Serving');
  const { pid = 0 } = program.child;
  const descriptors = descriptorsOf(pid);
  let asked = 0;
  return {
    pid,
    async memory() {
      asked++;
      program.child.kill('SIGUSR2');
      await program.until(new RegExp(`(?:memory {.*}\\n[^]*){${asked}}`));
      const [, told = ''] = [...program.stdout.matchAll(/memory ({.*})/g)].at(-1) ?? [];
      const { heapUsed, external, rss } = JSON.parse(told) as NodeJS.MemoryUsage;
      return { live: megabytes(heapUsed + external), resident: megabytes(rss) };
    },
    async stop(tally) {
      const leaked = await leakedDescriptors(pid, descriptors);
      await program.stop();
      if ((await program.ended) !== 0) tally.lose('the gateway did not end well');
      return leaked;
    },
  };
}

/**
 * Megabytes that may be live more than before: buffers that are kept for their next use (8 MB at most), and code that
 * has been compiled.
 */
const livesOn = 12;

/** Megabytes that may be resident more after the same load once again: what is used again is not where it was. */
const movedAbout = 24;

/** How often the same load may come until no more is resident: what leaks would grow each time. */
const roundsToLevel = 5;

/**
 * Memory has to be back to where it was: what is live, after each round of the same load; what is resident, after one
 * round as after the round before it. It may be more than at first, because the allocators do not give back all that was
 * freed, but then it is what they use again.
 * @param after what the first round left
 * @param again another round, and what it leaves
 * @returns what there is to tell
 */
export async function judgeMemory(
  tally: Tally,
  before: Memory,
  after: Memory,
  again: () => Promise<Memory>,
): Promise<string> {
  const rounds = [after];
  const isLevel = () => rounds.length > 1 && rounds.at(-1)!.resident <= rounds.at(-2)!.resident + movedAbout;
  while (!isLevel() && rounds.length < roundsToLevel) rounds.push(await again());
  const said = ({ live, resident }: Memory) => `${live} MB live (${resident} MB resident)`;
  const note = `the gateway's memory: ${said(before)} before; after each round ${rounds.map(said).join(', ')}`;
  tally.tried++;
  if (rounds.some(({ live }) => live > before.live + livesOn) || !isLevel()) tally.lose(note);
  else tally.survived++;
  return note;
}
