import type { UpstreamLimits } from '../config/config';

/** Who waits for a place. One of the two is called, once, unless `abandon` comes first. */
export interface Waiter {
  /** The place is there, and taken; `leave` gives it back. */
  admitted(): void;
  tooLate(): void;
}

/** Requests and websockets at one tool at once: so many have a place, so many more wait for one, in their order. */
export class Gate {
  #most = Infinity;
  #inside = 0;
  /** When each is too late, on the clock of `performance.now()`; in the order of their coming. */
  readonly #waiting = new Map<Waiter, number>();
  #timer: NodeJS.Timeout | null = null;
  #admitting = false;

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @returns whether there was a place, which is taken now; none goes before those who wait */
  enter({ connections }: UpstreamLimits): boolean {
    this.#most = connections;
    if (this.#inside >= connections || this.#waiting.size > 0) return false;
    this.#inside++;
    return true;
  }

  /** @returns false where as many wait already as may */
  wait(waiter: Waiter, { queue, queueTimeout }: UpstreamLimits): boolean {
    if (this.#waiting.size >= queue) return false;
    this.#waiting.set(waiter, performance.now() + queueTimeout);
    this.#arm();
    return true;
  }

  /** Whoever waited has left. */
  abandon(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) this.#disarm();
  }

  /** Gives a place back. */
  leave(): void {
    this.#inside--;
    if (this.#waiting.size > 0) this.#admit();
  }

  /** Whoever is admitted may have left before the call returns: then the loop goes on, and does not begin within itself. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      for (const waiter of this.#waiting.keys()) {
        if (this.#inside >= this.#most) break;
        this.#waiting.delete(waiter);
        this.#inside++;
        waiter.admitted();
      }
    } finally {
      this.#admitting = false;
    }
    if (this.#waiting.size === 0) this.#disarm();
  }

  #arm(): void {
    if (this.#timer !== null) return;
    const [next] = this.#waiting.values();
    if (next !== undefined)
      this.#timer = setTimeout(() => this.#expired(), Math.ceil(next - performance.now())).unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #expired(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [waiter, at] of this.#waiting) {
      if (at > now) break;
      this.#waiting.delete(waiter);
      waiter.tooLate();
    }
    this.#arm();
  }
}
