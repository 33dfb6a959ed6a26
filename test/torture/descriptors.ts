import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How many descriptors a process has open (Linux). */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/**
 * How many more descriptors a process holds than it did, once all has had time to end.
 * @param patience milliseconds: kept connections to a tool last a few seconds
 */
export async function leakedDescriptors(pid: number, before: number, patience = 15_000): Promise<number> {
  for (let waited = 0; waited < patience && descriptorsOf(pid) > before; waited += 250) await pause(250);
  return Math.max(0, descriptorsOf(pid) - before);
}
