import { stat } from 'node:fs';
import { within } from '../../src/within';

test('the outcome, when it comes in time', async () => {
  await expect(within(10_000, Promise.resolve(1))).resolves.toBe(1);
  await expect(within(10_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('a failure otherwise', async () => {
  await expect(within(1, new Promise(() => undefined))).rejects.toThrow('no answer within 1 ms');
});

test('an answer that was there to be read while this process was busy is in time', async () => {
  // Like a socket's bytes, this comes by the event loop's input.
  const answer = new Promise((resolve) => stat('/', () => resolve('answer')));
  const outcome = within(20, answer);
  const busyUntil = performance.now() + 100;
  while (performance.now() < busyUntil);
  await expect(outcome).resolves.toBe('answer');
});
