import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

interface Measure {
  costOf<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; cpu: number; busy: number }>;
  readonly memoryOf: (pid: number) => number;
  readonly parseMemory: (status: string, field: string) => number;
  readonly parseSchedstat: (line: string) => number;
  parseStat(line: string): { name: string; state: string; parent: number };
  readonly treeOf: (pid: number) => number[];
}
const measure = jest.requireActual<Measure>('../../../bench/measure.cjs');

test("a process's parent is found, whatever its name has in it", () => {
  expect(measure.parseStat('4711 (nginx) S 4710 4711 4711 0 -1')).toEqual({ name: 'nginx', state: 'S', parent: 4710 });
  expect(measure.parseStat('12 (a) R 1 (b)) Z 11 12')).toEqual({ name: 'a) R 1 (b)', state: 'Z', parent: 11 });
});

test('the time that a thread has run is the first number of its schedstat', () => {
  expect(measure.parseSchedstat('179516 77252 2\n')).toBe(179_516);
});

test('memory is read by its field, and is none where the kernel tells none', () => {
  const status = 'Name:\tnginx\nVmHWM:\t   25164 kB\nVmRSS:\t   12000 kB\nThreads:\t1\n';
  expect(measure.parseMemory(status, 'VmRSS')).toBe(12_000);
  expect(measure.parseMemory(status, 'VmHWM')).toBe(25_164);
  expect(measure.parseMemory('Name:\tkthreadd\n', 'VmRSS')).toBe(0);
});

const onLinux = existsSync('/proc/self/schedstat');

(onLinux ? test : test.skip)(
  `what a child of a process spends counts${onLinux ? '' : ' (skipped: there is no /proc)'}`,
  async () => {
    const busy = 'const end = Date.now() + 200; while (Date.now() < end);';
    const script = `${process.execPath} -e '${busy} setTimeout(() => {}, 60000)' & echo started; wait`;
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(shell.stdout, 'data');
      const { cpu } = await measure.costOf(shell.pid!, async () => {
        while ((await measure.costOf(shell.pid!, () => new Promise((done) => setTimeout(done, 50)))).cpu > 0);
      });
      expect(measure.treeOf(shell.pid!)).toHaveLength(2);
      expect(measure.memoryOf(shell.pid!)).toBeGreaterThan(1_000_000);
      expect(cpu).toBeGreaterThan(50_000);
    } finally {
      for (const pid of measure.treeOf(shell.pid!)) process.kill(pid, 'SIGKILL');
    }
  },
);
