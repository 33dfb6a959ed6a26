import type { MountConfig } from '../config/config';
import type { EventLog } from '../observe/log';
import type { MountStatus } from './status';

export type StatusListener = (mount: MountConfig, status: MountStatus) => void;

/** Who is told of changes. What one of them throws is logged, and the others are told all the same. */
export class StatusListeners {
  readonly #log: EventLog | undefined;
  readonly #listeners = new Set<StatusListener>();

  constructor(log: EventLog | undefined) {
    this.#log = log;
  }

  /** @returns a function that ends it */
  add(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(mount: MountConfig, status: MountStatus): void {
    for (const listener of this.#listeners) {
      try {
        listener(mount, status);
      } catch (error) {
        this.#log?.error({ err: error, mount: mount.path }, 'A listener for health changes failed');
      }
    }
  }
}
