import { startNginxReader } from '../smuggling/readers/nginx-reader';
import { runTable } from '../smuggling/run-table';
import { reachingCases } from '../smuggling/table';

test.each(['relay', 'app'] as const)(
  'before a real nginx, every case ends as it should by the %s, and the next client’s answer is its own',
  async (way) => {
    const { results, strays } = await runTable(reachingCases, way, await startNginxReader());
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(strays).toEqual([]);
  },
  60_000,
);
