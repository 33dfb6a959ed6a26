import type { ServerResponse } from 'node:http';

/** More requests than this may not wait on one connection; no client of today pipelines at all. */
const mostWaiting = 100;

/**
 * The requests of one connection, begun one at a time and in order (RFC 9112 §9.3.2). Node's server would begin all
 * that have arrived: a POST and the GET behind it would reach the tool together, one packet would open thousands of
 * connections to it, and a client that left would be noticed by the first of them alone.
 */
export class Turns {
  readonly #waiting: { readonly res: ServerResponse | null; readonly begin: () => void }[] = [];
  #current: ServerResponse | null = null;
  #last: ServerResponse | null = null;
  #begun = 0;

  /** The answer that is under way. */
  get current(): ServerResponse | null {
    return this.#current;
  }

  /** The answer that is under way, or was last. */
  get last(): ServerResponse | null {
    return this.#last;
  }

  /** How many have begun, the one under way included. */
  get begun(): number {
    return this.#begun;
  }

  /**
   * Begins when the answers before it are out; never, if the connection closes first.
   * @param res the answer that ends the turn; null for something after which there is no other
   * @returns false when too many wait already
   */
  take(res: ServerResponse | null, begin: () => void): boolean {
    if (this.#waiting.length >= mostWaiting) return false;
    this.#waiting.push({ res, begin });
    if (!this.#current) this.#next();
    return true;
  }

  /**
   * Refuses what cannot be read when the answers before it are out. A request of which some is missing is not begun any
   * more: it is the one that is refused.
   */
  refuse(begin: () => void): void {
    const last = this.#waiting.at(-1);
    if (last?.res?.req.complete === false) this.#waiting.pop();
    this.take(null, begin);
  }

  #next(): void {
    this.#current = null;
    const turn = this.#waiting.shift();
    if (!turn) return;
    if (turn.res && !turn.res.socket) {
      // The answer before it was the last one: Node gives the connection to no other, and nobody would be told.
      this.#waiting.length = 0;
      return;
    }
    this.#current = turn.res;
    this.#last = turn.res;
    const socket = turn.res?.socket;
    // After the others that listen: the request's record ends before the next begins.
    turn.res?.once('finish', () =>
      process.nextTick(() => {
        // What stands behind an answer that was announced as the last is not acted on (RFC 9112 §9.6).
        if (socket?.writable) this.#next();
      }),
    );
    this.#begun++;
    turn.begin();
  }
}
