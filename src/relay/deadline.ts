/**
 * A time limit that is moved with every message. Moving it costs two assignments: the one timer below is set anew when
 * it fires, not when the limit moves away from it.
 */
export class Deadline {
  readonly #passed: () => void;
  /** When the limit passes and when the timer fires, on the clock of `performance.now()`. */
  #at = Infinity;
  #firesAt = Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(passed: () => void) {
    this.#passed = passed;
  }

  /** @param ms from now; 0 is no limit */
  set(ms: number, now = performance.now()): void {
    this.#at = ms > 0 ? now + ms : Infinity;
    if (this.#at < this.#firesAt) this.#arm(now);
  }

  /** Milliseconds until it passes; at least 1. Infinity where there is no limit. */
  left(now = performance.now()): number {
    return Math.max(1, this.#at - now);
  }

  /** There is no limit for now. */
  lift(): void {
    this.#at = Infinity;
  }

  /** Nothing more will come of it. */
  end(): void {
    this.#at = Infinity;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#firesAt = Infinity;
  }

  #arm(now: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#firesAt = this.#at;
    // Rounded up, for Node rounds down: fired too early, it would be set again for nothing.
    this.#timer = setTimeout(() => this.#fired(), Math.ceil(this.#at - now));
  }

  #fired(): void {
    this.#timer = null;
    this.#firesAt = Infinity;
    if (this.#at === Infinity) return;
    const now = performance.now();
    if (now < this.#at) {
      this.#arm(now);
      return;
    }
    this.#at = Infinity;
    this.#passed();
  }
}
