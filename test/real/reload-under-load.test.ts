import { tortureReloads } from '../torture/reloads';

// Each change of a file is noticed within 2.5 s.
test('reloads that change mounts, targets and certificates cost no request and no websocket', async () => {
  const outcome = await tortureReloads({ rate: 300, websockets: 100, reloads: 8 });
  expect(outcome).toMatchObject({ lost: [], lostCount: 0, leaked: 0, survived: outcome.tried });
}, 120_000);
