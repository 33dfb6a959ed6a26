import type { UpstreamLimits } from '../config/config';
import { BodyRoom } from './body-room';

/** Who waits for a place. One of the two is called, once, unless `abandon` comes first. */
export interface Waiter {
  /** The place is there, and taken; `leave` gives it back. */
  admitted(): void;
  tooLate(): void;
}

/**
 * Requests and websockets at one tool at once: so many have a place, so many more wait for one, in their order. The
 * limits are the gate's own, and not those of the requests: one that was admitted before a reload would bring back the
 * limits from before it.
 */
export class Gate {
  /** For the bodies of those who wait. */
  readonly room = new BodyRoom();
  #limits: UpstreamLimits;
  #inside = 0;
  /** When each has come, on the clock of `performance.now()`; in that order. */
  readonly #waiting = new Map<Waiter, number>();
  #timer: NodeJS.Timeout | null = null;
  #admitting = false;

  constructor(limits: UpstreamLimits) {
    this.#limits = limits;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Other limits are in force. Places that are new go to those who wait, and the new time to wait counts for them too,
   * from when they came. Nobody is turned out: where fewer may be inside or wait now, the surplus leaves by itself.
   */
  replace(limits: UpstreamLimits): void {
    this.#limits = limits;
    if (this.#waiting.size === 0) return;
    this.#admit();
    this.#disarm();
    this.#expired();
  }

  /** @returns whether there was a place, which is taken now; none goes before those who wait */
  enter(): boolean {
    if (this.#inside >= this.#limits.connections || this.#waiting.size > 0) return false;
    this.#inside++;
    return true;
  }

  /** @returns false where as many wait already as may */
  wait(waiter: Waiter): boolean {
    if (this.#waiting.size >= this.#limits.queue) return false;
    this.#waiting.set(waiter, performance.now());
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
        if (this.#inside >= this.#limits.connections) break;
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
    const [first] = this.#waiting.values();
    if (first === undefined) return;
    const left = first + this.#limits.queueTimeout - performance.now();
    this.#timer = setTimeout(() => this.#expired(), Math.ceil(left)).unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #expired(): void {
    this.#timer = null;
    const latest = performance.now() - this.#limits.queueTimeout;
    for (const [waiter, cameAt] of this.#waiting) {
      if (cameAt > latest) break;
      this.#waiting.delete(waiter);
      waiter.tooLate();
    }
    this.#arm();
  }
}
