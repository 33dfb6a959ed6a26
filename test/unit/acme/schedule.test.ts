import fc from 'fast-check';
import { renewalTime, retryDelay } from '../../../src/acme/schedule';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const from = new Date('2026-01-01T00:00:00Z');
const after = (days: number) => new Date(from.getTime() + days * day);

describe('renewal', () => {
  test.each([
    ['of 90 days, 30 days ahead', 90, 30 * day, 60],
    ['of 47 days, when two thirds are over', 48, 30 * day, 32],
    ['of six days, when two thirds are over', 6, 30 * day, 4],
    ['of a year, as late as is wished', 365, 10 * day, 355],
    ['of a year, never at once, however early is wished', 360, 365 * day, 240],
  ])('%s', (_, lifetime, renewBefore, expected) => {
    expect(renewalTime(from, after(lifetime), renewBefore, 0)).toEqual(after(expected));
  });

  test('is spread over a tenth of the time that is left, and always ahead of the end', () => {
    expect(renewalTime(from, after(90), 30 * day, 0.5)).toEqual(after(61.5));
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 400 * day }),
        fc.integer({ min: hour, max: 365 * day }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (lifetime, renewBefore, random) => {
          const end = from.getTime() + lifetime;
          const at = renewalTime(from, new Date(end), renewBefore, random).getTime();
          expect(at).toBeLessThan(end);
          expect(at).toBeGreaterThanOrEqual(Math.floor(from.getTime() + (lifetime * 2) / 3));
        },
      ),
    );
  });
});

describe('the time until the next try', () => {
  test('doubles with each failure, up to six hours', () => {
    const waits = [1, 2, 3, 4, 9, 10, 1_000].map((failures) => retryDelay(failures, minute, null, 0.5));
    expect(waits).toEqual([minute, 2 * minute, 4 * minute, 8 * minute, 256 * minute, 6 * hour, 6 * hour]);
  });

  test('is a quarter more or less by chance', () => {
    expect(retryDelay(1, minute, null, 0)).toBe(45_000);
    expect(retryDelay(1, minute, null, 0.999)).toBeLessThan(75_001);
  });

  test('is never less than what the authority asks for, up to a week', () => {
    expect(retryDelay(1, minute, 2 * day, 0.5)).toBe(2 * day);
    expect(retryDelay(9, minute, 1_000, 0.5)).toBe(256 * minute);
    expect(retryDelay(1, minute, 400 * day, 0.5)).toBe(7 * day);
  });
});
