import { MemoryLimiter } from '../../../../src/access/rate-limit/memory-limiter';

const perHour = { requests: 2, per: 3_600_000 };

/** Whether each of these is let through, in order. */
async function letThrough(limiter: MemoryLimiter, clients: string): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const client of clients) found.push((await limiter.count(client)) === null);
  return found;
}

test('each client has its own count', async () => {
  expect(await letThrough(new MemoryLimiter(perHour), 'aababb')).toEqual([true, true, true, false, true, false]);
});

test('a request too many is told when the time is over, in whole seconds that are not too few', async () => {
  const limiter = new MemoryLimiter({ requests: 1, per: 90_000 });
  await limiter.count('a');
  const refusal = await limiter.count('a');
  expect(refusal).toEqual({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
  expect(refusal?.retryAfter).toBeLessThanOrEqual(90);
  expect(refusal?.retryAfter).toBeGreaterThan(80);
});

test('asking on does not make the time longer', async () => {
  const limiter = new MemoryLimiter({ requests: 1, per: 1_000 });
  while ((await limiter.count('a')) === null);
  while ((await limiter.count('a')) !== null);
});

test('of more clients than are known at once, those are forgotten whose time began first', async () => {
  const limiter = new MemoryLimiter(perHour, 3);
  expect(await letThrough(limiter, 'aaabbb')).toEqual([true, true, false, true, true, false]);
  // The fourth takes the place of a.
  expect(await letThrough(limiter, 'cdbaab')).toEqual([true, true, false, true, true, true]);
});
