import { shareOf } from '../../../src/workers/share';
import { testConfig } from '../../support/gateway';

const configOf = (limits: object, more = {}) =>
  testConfig({ mounts: [{ path: '/tool', target: 'http://127.0.0.1:1', limits }], ...more });

test.each([
  [8192, 1024, 4],
  [10, 3, 4],
  [7, 0, 3],
])('a tool gets %s connections and a queue of %s from %s workers together', (connections, queue, workers) => {
  const config = configOf({ connections, queue });
  const limits = Array.from({ length: workers }, (_, i) => shareOf(config, i, workers, 's').mounts[0]?.limits);
  const sum = (read: (limit: { connections: number; queue: number }) => number) =>
    limits.reduce((total, limit) => total + (limit ? read(limit) : 0), 0);
  expect(sum((limit) => limit.connections)).toBe(connections);
  expect(sum((limit) => limit.queue)).toBe(queue);
});

test('each worker has one connection at least', () => {
  const config = configOf({ connections: 1 });
  expect([0, 1].map((i) => shareOf(config, i, 2, 's').mounts[0]?.limits.connections)).toEqual([1, 1]);
});

test('cookies are signed alike by all, with the secret of the configuration where there is one', () => {
  expect(shareOf(configOf({}), 0, 2, 'made').secret).toBe('made');
  expect(shareOf(configOf({}, { secret: 'a secret from the file' }), 0, 2, 'made').secret).toBe(
    'a secret from the file',
  );
});
