import { Latencies } from '../../../src/observe/metrics/latencies';

test('each bucket holds all latencies up to its bound, the bound included', () => {
  const latencies = new Latencies();
  for (const seconds of [0, 0.005, 0.006, 0.3, 60, 61, 1e6]) latencies.observe(seconds);
  const { buckets, sum, count } = latencies.read();
  const upTo = new Map(buckets);
  expect([0.005, 0.01, 0.25, 0.5, 30, 60, '+Inf' as const].map((le) => upTo.get(le))).toEqual([2, 3, 3, 4, 4, 5, 7]);
  expect(count).toBe(7);
  expect(sum).toBeCloseTo(1_000_121.311);
});

test('nothing seen is zero everywhere', () => {
  const { buckets, sum, count } = new Latencies().read();
  expect(buckets.every(([, value]) => value === 0)).toBe(true);
  expect([sum, count]).toEqual([0, 0]);
});
