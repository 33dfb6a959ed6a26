import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';

/** What a process holds. */
export interface Resources {
  /** TCP connections in use: idle ones in a pool are not counted. */
  readonly sockets: number;
  /** Timers that keep it alive. */
  readonly timers: number;
  /** File descriptors; null where the system does not tell. */
  readonly descriptors: number | null;
  /** Bytes: the most that was ever resident. */
  readonly peakMemory: number;
}

/** Asks a child that runs `answerResources`. */
export async function askResources(child: ChildProcess): Promise<Resources> {
  const answer = once(child, 'message');
  child.send('resources');
  const [resources] = (await answer) as [Resources];
  return resources;
}
