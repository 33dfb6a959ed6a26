import type { Socket } from 'node:net';
import { resetConnection } from './reset';

/** How many bytes had left a socket that has more to write, and since when it is no more than that. */
interface Progress {
  readonly written: number;
  readonly since: number;
}

/**
 * Cuts off clients that take nothing of what waits for them (nginx: send_timeout), whatever it is: an answer, a
 * websocket's bytes, a page of the gateway's own. It looks at all connections every now and then, so that writing costs
 * nothing more.
 */
export class StalledClients {
  readonly #sockets: Iterable<Socket>;
  readonly #limit: () => number;
  readonly #stalled: (socket: Socket) => void;
  readonly #progress = new WeakMap<Socket, Progress>();
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param sockets those that are open now, after TLS
   * @param limit milliseconds; 0 is no limit
   * @param stalled told before one is cut off
   */
  constructor(sockets: Iterable<Socket>, limit: () => number, stalled: (socket: Socket) => void) {
    this.#sockets = sockets;
    this.#limit = limit;
    this.#stalled = stalled;
  }

  start(): void {
    // Four looks within the limit; a limit that a reload changes counts from the next look on.
    const wait = Math.min((this.#limit() || 60_000) / 4, 15_000);
    this.#timer = setTimeout(() => {
      this.#look(performance.now());
      this.start();
    }, wait).unref();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #look(now: number): void {
    const limit = this.#limit();
    if (limit === 0) return;
    for (const socket of this.#sockets) {
      if (socket.writableLength === 0) {
        this.#progress.delete(socket);
        continue;
      }
      // `bytesWritten` counts what waits as well.
      const written = socket.bytesWritten - socket.writableLength;
      const before = this.#progress.get(socket);
      if (before?.written !== written) this.#progress.set(socket, { written, since: now });
      else if (now - before.since >= limit) {
        this.#stalled(socket);
        resetConnection(socket);
      }
    }
  }
}
