import { Deadline } from '../../../src/relay/deadline';

let passed: number[];
let deadline: Deadline;
beforeEach(() => {
  jest.useFakeTimers();
  passed = [];
  deadline = new Deadline(() => passed.push(performance.now() - began));
  began = performance.now();
});
afterEach(() => jest.useRealTimers());
let began = 0;

test('it passes once, when its time is over', () => {
  deadline.set(100);
  jest.advanceTimersByTime(99);
  expect(passed).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(passed).toEqual([100]);
  expect(jest.getTimerCount()).toBe(0);
});

test('moved away, it passes at the later time, by one timer', () => {
  deadline.set(100);
  for (let i = 0; i < 9; i++) {
    jest.advanceTimersByTime(10);
    deadline.set(100);
  }
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1_000);
  expect(passed).toEqual([190]);
});

test('moved nearer, it passes at the nearer time, and not again at the other', () => {
  deadline.set(1_000);
  deadline.set(10);
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(5_000);
  expect(passed).toEqual([10]);
});

test.each([
  ['lifted', () => deadline.lift()],
  ['set to no limit', () => deadline.set(0)],
  ['ended', () => deadline.end()],
])('%s, it does not pass, and can be set again', (_, stop) => {
  deadline.set(100);
  stop();
  jest.advanceTimersByTime(500);
  expect(passed).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
  deadline.set(100);
  jest.advanceTimersByTime(100);
  expect(passed).toEqual([600]);
});

test('lifted and set again before its timer fires, it passes at the new time', () => {
  deadline.set(100);
  deadline.lift();
  jest.advanceTimersByTime(50);
  deadline.set(100);
  jest.advanceTimersByTime(99);
  expect(passed).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(passed).toEqual([150]);
});

test('once ended, it leaves no timer', () => {
  deadline.set(100);
  deadline.end();
  expect(jest.getTimerCount()).toBe(0);
});

test('no limit takes no timer', () => {
  deadline.set(0);
  expect(jest.getTimerCount()).toBe(0);
});

test('it counts from the time it is given, and never passes before it', () => {
  jest.advanceTimersByTime(30);
  deadline.set(100.5, began + 0.25);
  jest.advanceTimersByTime(100);
  expect(passed).toEqual([]);
  jest.advanceTimersByTime(50);
  expect(passed).toHaveLength(1);
});

test('it can be set as it passes', () => {
  const times: number[] = [];
  const again: Deadline = new Deadline(() => {
    times.push(performance.now() - began);
    if (times.length < 3) again.set(10);
  });
  again.set(10);
  jest.advanceTimersByTime(100);
  expect(times).toEqual([10, 20, 30]);
});
