/** Upper bounds in seconds, from an asset out of a tool's memory to a query that a person waits for. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** What a Prometheus histogram tells. */
export interface Distribution {
  /** How many were at most so many seconds. */
  readonly buckets: readonly (readonly [le: number | '+Inf', count: number])[];
  /** Seconds. */
  readonly sum: number;
  readonly count: number;
}

/** How often which latency was seen. Adding one is a few machine instructions, for it happens with every request. */
export class Latencies {
  /** One for each bound, not yet added up, and one for what is above them all. */
  readonly #counts = new Float64Array(bounds.length + 1);
  #sum = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  read(): Distribution {
    let count = 0;
    const buckets = [...bounds, '+Inf' as const].map((le, index) => {
      count += this.#counts[index] ?? 0;
      return [le, count] as const;
    });
    return { buckets, sum: this.#sum, count };
  }
}
