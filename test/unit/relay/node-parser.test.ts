import { kinds } from '../../fuzz/cases';
import type { Outcome } from '../../fuzz/compare';

const counts: Readonly<Record<string, number>> = {
  'request heads': 50_000,
  'answer heads': 50_000,
  'chunked bodies': 25_000,
};

/** Shares of messages that are taken; with fewer or more, one side of what is compared hardly occurs. */
const leastTaken = 0.3;
const mostTaken = 0.7;

describe("whatever the relay takes, Node's parser understands in the same way", () => {
  test.each(Object.entries(kinds))('%s, made at random', (kind, compare) => {
    const count = counts[kind]!;
    const first = Math.floor(Math.random() * 2 ** 31);
    const outcomes: Record<Outcome, number> = { taken: 0, refused: 0, unfinished: 0 };
    for (let seed = first; seed < first + count; seed++) {
      try {
        outcomes[compare(seed)]++;
      } catch (error) {
        throw new Error(`npm run fuzz -- 0 ${seed} shows it again`, { cause: error });
      }
    }
    expect(outcomes.taken).toBeGreaterThan(count * leastTaken);
    expect(outcomes.taken).toBeLessThan(count * mostTaken);
  });
});
