import { Gate, type Waiter } from '../../../src/upstream/gate';

const limits = { connections: 2, queue: 3, queueTimeout: 60_000 };

/** Waits, and writes into `events` what becomes of it. */
function waiter(name: string, events: string[], then?: () => void): Waiter {
  return {
    admitted: () => {
      events.push(`${name} enters`);
      then?.();
    },
    tooLate: () => void events.push(`${name} is too late`),
  };
}

function fullGate(): Gate {
  const gate = new Gate();
  expect([gate.enter(limits), gate.enter(limits), gate.enter(limits)]).toEqual([true, true, false]);
  return gate;
}

test('so many have a place, and the next one when one of them leaves', () => {
  const gate = fullGate();
  gate.leave();
  expect(gate.enter(limits)).toBe(true);
  expect(gate.enter(limits)).toBe(false);
});

test('who came first enters first, and nobody goes before those who wait', () => {
  const gate = fullGate();
  const events: string[] = [];
  for (const name of ['a', 'b', 'c']) expect(gate.wait(waiter(name, events), limits)).toBe(true);
  gate.leave();
  expect(gate.enter(limits)).toBe(false);
  gate.leave();
  expect(events).toEqual(['a enters', 'b enters']);
  expect([gate.inside, gate.waiting]).toEqual([2, 1]);
});

test('no more wait than may', () => {
  const gate = fullGate();
  const events: string[] = [];
  const waits = ['a', 'b', 'c', 'd'].map((name) => gate.wait(waiter(name, events), limits));
  expect(waits).toEqual([true, true, true, false]);
  expect(fullGate().wait(waiter('e', events), { ...limits, queue: 0 })).toBe(false);
});

test('who leaves gives up the place in the queue', () => {
  const gate = fullGate();
  const events: string[] = [];
  const gone = waiter('gone', events);
  gate.wait(gone, limits);
  gate.wait(waiter('stays', events), limits);
  gate.abandon(gone);
  gate.leave();
  expect(events).toEqual(['stays enters']);
});

test('who waits too long is told so, and those behind go on waiting for their own time', async () => {
  const gate = fullGate();
  const events: string[] = [];
  gate.wait(waiter('hasty', events), { ...limits, queueTimeout: 20 });
  await new Promise<void>((resolve) => {
    gate.wait({ admitted: resolve, tooLate: resolve }, { ...limits, queueTimeout: 40 });
  });
  expect(events).toEqual(['hasty is too late']);
  expect([gate.inside, gate.waiting]).toEqual([2, 0]);
});

test('a thousand who each leave as soon as they enter do not pile up on the stack', () => {
  const gate = fullGate();
  const events: string[] = [];
  const many = { ...limits, queue: 100_000 };
  for (let i = 0; i < 100_000; i++)
    gate.wait(
      waiter('', events, () => gate.leave()),
      many,
    );
  gate.leave();
  gate.leave();
  expect(events).toHaveLength(100_000);
  expect([gate.inside, gate.waiting]).toEqual([0, 0]);
});
