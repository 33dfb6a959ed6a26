import { ConnectionSums } from '../../../src/workers/connection-sums';

const news = (clients: Record<string, number>, open: number) => ({ clients: new Map(Object.entries(clients)), open });

test('each worker is told what all others have', () => {
  const sums = new ConnectionSums();
  sums.take(1, news({ a: 2, b: 1 }, 3));
  sums.take(2, news({ a: 5 }, 5));
  sums.take(3, news({ a: 1, c: 4 }, 5));
  expect(sums.elsewhere(1)).toEqual(news({ a: 6, c: 4 }, 10));
  expect(sums.elsewhere(2, ['a', 'b'])).toEqual(news({ a: 3, b: 1 }, 8));
  // One that has none yet.
  expect(sums.elsewhere(4)).toEqual(news({ a: 8, b: 1, c: 4 }, 13));
});

test('what a client has closed, and a worker that has ended, are gone', () => {
  const sums = new ConnectionSums();
  sums.take(1, news({ a: 2, b: 1 }, 3));
  sums.take(1, news({ a: 0 }, 1));
  sums.take(2, news({ c: 1 }, 1));
  expect(sums.elsewhere(2, ['a', 'b'])).toEqual(news({ a: 0, b: 1 }, 1));
  expect(sums.forget(1)).toEqual(['b']);
  expect(sums.elsewhere(2, ['b'])).toEqual(news({ b: 0 }, 0));
  expect(sums.forget(7)).toEqual([]);
});
