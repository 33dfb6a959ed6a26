import cluster, { type Worker } from 'node:cluster';
import type { MetricValues } from '../observe/metrics/metrics';
import type { PrimaryCalls, WorkerCalls } from './calls';
import { Channel } from './channel';

/**
 * Processes that share a pipe share also whether a write to it waits. A new process makes it wait (libuv: `uv_spawn`),
 * and so may one that ends; a reader of the log that has stopped would hold up all of them for ever.
 */
function keepFromBlocking(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as { _handle?: { setBlocking?(blocking: boolean): void } };
    if (!stream.isTTY) _handle?.setBlocking?.(false);
  }
}

/** A worker, as the primary sees it. */
export class Member {
  /** Which of the workers it is, from 0; another that replaces it has the same. */
  readonly index: number;
  readonly channel: Channel<WorkerCalls>;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly startedAt = performance.now();
  /** It serves, or has served. */
  hasStarted = false;
  /** Another has taken its place. */
  isReplaced = false;
  /** What it told last of what it has counted. */
  metrics: MetricValues = [];
  readonly #worker: Worker;

  constructor(index: number, callsOf: (member: Member) => PrimaryCalls) {
    this.index = index;
    this.#worker = cluster.fork();
    keepFromBlocking();
    this.channel = new Channel<WorkerCalls>(this.#worker, callsOf(this));
    this.ended = new Promise((resolve) => {
      this.#worker.process.once('exit', (code, signal) => {
        keepFromBlocking();
        resolve(code ?? signal ?? 'unknown');
      });
      // It could not even be begun.
      this.#worker.process.once('error', (error) => resolve(error.message));
    });
  }

  get id(): number {
    return this.#worker.id;
  }

  /** What it is called in the log, and its fields there. */
  get name(): string {
    return `Worker ${this.index + 1}`;
  }

  get fields(): object {
    return { worker: this.index + 1, pid: this.pid };
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}
