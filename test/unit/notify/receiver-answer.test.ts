import { adviceForStatus, retryDelay, verdictOf } from '../../../src/notify/receiver-answer';

test.each([
  [200, 'taken'],
  [202, 'taken'],
  [204, 'taken'],
  [302, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'again'],
  [410, 'refused'],
  [429, 'again'],
  [500, 'again'],
  [503, 'again'],
])('%i is %s', (status, verdict) => expect(verdictOf(status)).toBe(verdict));

test('each wait is twice the last, up to five minutes, less up to a half', () => {
  const longest = [1, 2, 3, 9, 10, 5_000].map((failures) => retryDelay(failures, 0, 0));
  expect(longest).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  expect(retryDelay(3, 0, 1)).toBe(2_000);
});

test('a receiver is not asked sooner than it wants, up to an hour', () => {
  expect(retryDelay(1, 60_000, 1)).toBe(60_000);
  expect(retryDelay(9, 1_000, 0)).toBe(256_000);
  expect(retryDelay(1, 86_400_000, 0)).toBe(3_600_000);
});

test.each([
  [302, /Redirects are not followed/],
  [400, /format, template/],
  [403, /revoked/],
  [404, /removed/],
  [418, /log/],
  [429, /too many/],
  [502, /trouble of its own/],
])('%i comes with advice', (status, advice) => expect(adviceForStatus(status)).toMatch(advice));
