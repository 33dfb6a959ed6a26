import { noReusePort } from '../../src/config/reuse-port';
import { tortureRestarts, type RestartTorture } from '../torture/restarts';

const share = { rate: 100, fresh: 0.1, websockets: 20, restarts: 3, delay: '1s' };

async function expectNothingLost(way: RestartTorture['way']): Promise<void> {
  const outcome = await tortureRestarts({ ...share, way });
  expect(outcome).toMatchObject({ lost: [], lostCount: 0, leaked: 0, survived: outcome.tried });
  expect(outcome.notes.join()).toContain(`${share.restarts * share.websockets} websockets were told with 1001`);
}

test('a restart behind a socket that is kept open costs no request; websockets are told', async () => {
  await expectNothingLost('kept socket');
}, 120_000);

const reason = noReusePort(process.version, process.platform);
const sharing = reason === null ? test : test.skip;

sharing(
  `a restart with two processes on the port costs no request${reason === null ? '' : ` (skipped: ${reason})`}`,
  async () => {
    await expectNothingLost('shared port');
  },
  120_000,
);
