import { TicketKeys } from '../../../src/listener/ticket-keys';

afterEach(() => jest.useRealTimers());

test('a key is replaced twice a day, until it is stopped', () => {
  jest.useFakeTimers();
  const keys = new TicketKeys();
  const seen = [keys.current];
  keys.start(() => seen.push(keys.current));
  jest.advanceTimersByTime(24 * 3600_000);
  keys.stop();
  jest.advanceTimersByTime(24 * 3600_000);
  expect(seen.map(({ length }) => length)).toEqual([48, 48, 48]);
  expect(new Set(seen.map((key) => key.toString('hex'))).size).toBe(3);
});

test('another process’ key takes the place of the own one', () => {
  const keys = new TicketKeys();
  let told = 0;
  keys.start(() => told++);
  const given = Buffer.alloc(48, 7);
  keys.replace(given);
  keys.stop();
  expect([keys.current, told]).toEqual([given, 1]);
});
