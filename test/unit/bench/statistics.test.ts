interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
}
interface Statistics {
  readonly median: (values: readonly number[]) => number;
  readonly percentile: (values: readonly number[], share: number) => number;
  readonly ratios: (rounds: readonly number[], others: readonly number[]) => Summary | null;
  readonly summary: (rounds: readonly number[]) => Summary;
}
const { median, percentile, ratios, summary } = jest.requireActual<Statistics>('../../../bench/statistics.cjs');

test('the median is the middle one by size, not by order, and does not reorder what it is given', () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test('of an even number, the median lies between the two in the middle', () => {
  expect(median([1, 4, 2, 100])).toBe(3);
});

test('a figure is told with its median, its spread, and the rounds as they came', () => {
  expect(summary([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, rounds: [3, 1, 2] });
});

test('a ratio is taken within each round, so that what slows both shows in neither', () => {
  // The second round was twice as slow for both; the ratio of the medians would be 1.5 or 0.75.
  expect(ratios([12, 24, 13], [10, 20, 10])?.rounds).toEqual([1.2, 1.2, 1.3]);
  expect(ratios([12, 24, 13], [10, 20, 10])?.median).toBe(1.2);
});

test.each([
  ['the other was not measured', [1, 2], []],
  ['one has a round less', [1, 2], [1]],
  ['there is nothing to divide by', [1, 2], [1, 0]],
  ['nothing was measured', [], []],
])('there is no ratio where %s', (_why, rounds, others) => {
  expect(ratios(rounds, others)).toBeNull();
});

test('a percentile is a value that was seen, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([1, 2], 0)).toBe(1);
});
