import { startNginxReader } from '../smuggling/readers/nginx-reader';
import { startNodeReader } from '../smuggling/readers/node-reader';
import { runTable } from '../smuggling/run-table';
import { reachingCases } from '../smuggling/table';

describe.each([
  ['a real nginx', startNginxReader],
  ['Node’s server', () => startNodeReader(false)],
  ['Node’s server with its lenient parser', () => startNodeReader(true)],
])('before %s', (_, start) => {
  test.each(['relay', 'detour', 'app'] as const)(
    'every case ends as it should by the %s, and the next client’s answer is its own',
    async (by) => {
      const { results, strays } = await runTable(reachingCases, by, await start());
      expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
      expect(strays).toEqual([]);
    },
    120_000,
  );
});
