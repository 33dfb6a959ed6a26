import { isoTime } from '../../../src/observe/iso-time';

test.each([0, 7, 999, 1000, 1_764_000_000_012, 1_764_000_000_999, 1_764_000_001_000])(
  '%i is written as Date does it',
  (now) => {
    expect(isoTime(now)).toBe(new Date(now).toISOString());
  },
);
