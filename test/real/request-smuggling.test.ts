import { startNginxReader } from '../smuggling/readers/nginx-reader';
import { startNodeReader } from '../smuggling/readers/node-reader';
import { runTable } from '../smuggling/run-table';
import { reachingCases } from '../smuggling/table';

describe.each([
  ['a real nginx', startNginxReader],
  ['Node’s server', () => startNodeReader(false)],
  ['Node’s server with its lenient parser', () => startNodeReader(true)],
])('before %s', (_, start) => {
  test.each(['relay', 'app'] as const)(
    'every case ends as it should by the %s, and the next client’s answer is its own',
    async (way) => {
      const { results, strays } = await runTable(reachingCases, way, await start());
      expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
      expect(strays).toEqual([]);
    },
    120_000,
  );
});
