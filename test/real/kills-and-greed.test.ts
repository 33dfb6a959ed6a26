import { tortureByGreed } from '../torture/greedy-clients';
import { tortureByKills } from '../torture/kills';
import type { Outcome } from '../torture/outcome';

function expectNothingLost(outcome: Outcome): void {
  expect(outcome).toMatchObject({ lost: [], lostCount: 0, leaked: 0, survived: outcome.tried });
}

test('a tool that is killed again and again under load mixes nothing up, and leaves nothing behind', async () => {
  expectNothingLost(await tortureByKills({ kills: 10, clients: 16, websockets: 8 }));
}, 120_000);

test('slow clients keep nobody out, and leave nothing behind', async () => {
  const greed = { heads: 300, bodies: 300, reads: 100 };
  expectNothingLost(await tortureByGreed({ name: 'slow clients', greed, time: 2_000 }));
}, 120_000);
