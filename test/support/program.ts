import { spawn, type ChildProcess } from 'node:child_process';

/** A program under test, or one that the gateway is tested against. */
export interface Program {
  readonly child: ChildProcess;
  /** All that it has written, both streams. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the output once it contains `text`; rejects when the program ends before. */
  until(text: string | RegExp): Promise<string>;
  readonly over: boolean;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Ends it, with force after five seconds, and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The Debian package to install when there is no such program. */
  readonly package?: string;
  /** In a process group of its own, which `stop` ends as a terminal would: for programs that start others (npx). */
  readonly group?: boolean;
}

/** Whatever happens to the tests, nothing that they started stays behind. */
const running = new Map<ChildProcess, (signal: NodeJS.Signals) => void>();
process.once('exit', () => {
  for (const kill of running.values()) kill('SIGKILL');
});

/** Starts a program. One that is not installed fails the tests; it does not skip them. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.group ?? false,
  });
  const kill = (signal: NodeJS.Signals) => {
    if (options.group && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  const text = { stdout: '', stderr: '', output: '' };
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      text.output += chunk;
      wake();
    });
  }
  let over = false;
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      running.delete(child);
      resolve(code ?? signal ?? 'SIGKILL');
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      const install = options.package === undefined ? '' : `; install it: apt-get install ${options.package}`;
      reject(new Error(`${command} cannot be started${install}`, { cause }));
    });
  });
  running.set(child, kill);
  return {
    child,
    get output() {
      return text.output;
    },
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    get over() {
      return over;
    },
    ended,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const there = typeof wanted === 'string' ? text.output.includes(wanted) : wanted.test(text.output);
          if (!there && !over) return;
          waiting.delete(look);
          if (there) resolve(text.output);
          else reject(new Error(`${command} ended before it said ${String(wanted)}; it said:\n${text.output}`));
        };
        waiting.add(look);
        look();
      }),
    async stop(signal = 'SIGTERM') {
      if (over) return;
      kill(signal);
      const force = setTimeout(() => kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(force);
    },
  };
}
