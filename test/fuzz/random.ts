// Looking up a global takes long in jest, and these are needed for every character.
const { imul, floor } = Math;

/** Random numbers that come again with their seed (mulberry32, mixed so that neighbouring seeds have nothing in common). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 15);
    this.#next();
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return floor((this.#next() / 2 ** 32) * limit);
  }

  /** @param share from 0 to 1 */
  chance(share: number): boolean {
    return this.#next() < share * 2 ** 32;
  }

  pick<T>(from: ArrayLike<T>): T {
    return from[this.below(from.length)]!;
  }

  /** Characters of `from`, at most `most`; short ones are the likeliest. */
  text(from: string, most: number, least = 0): string {
    const length = least + this.below(1 + this.below(most - least + 1));
    let text = '';
    for (let i = 0; i < length; i++) text += this.pick(from);
    return text;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
