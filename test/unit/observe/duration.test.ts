import { spokenDuration } from '../../../src/observe/duration';

it.each([
  [0, '0 ms'],
  [-5, '0 ms'],
  [20, '20 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [2_500, '2.5 s'],
  [9_960, '10 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [3_661_000, '1 h 1 min'],
  [100_800_000, '1 d 4 h'],
])('%d milliseconds are %s', (ms, expected) => expect(spokenDuration(ms)).toBe(expected));
