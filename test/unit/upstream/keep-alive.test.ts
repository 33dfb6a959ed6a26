import { announcedIdle } from '../../../src/upstream/keep-alive';

test.each([
  ['timeout=5', 4_000],
  ['timeout=5, max=100', 4_000],
  ['max=100,timeout = 20', 19_000],
  ['Timeout="30"', 29_000],
  ['timeout=600', 60_000],
  ['timeout=1', 0],
  ['timeout=0', 0],
])('a tool that says Keep-Alive: %s is left alone for %i ms', (field, ms) => {
  expect(announcedIdle(field)).toBe(ms);
});

test.each(['', 'max=100', 'timeout', 'timeout=soon', 'mytimeout=5'])('%j announces nothing', (field) => {
  expect(announcedIdle(field)).toBeNull();
});
