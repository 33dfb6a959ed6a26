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

function fullGate(more: Partial<typeof limits> = {}): Gate {
  const gate = new Gate({ ...limits, ...more });
  expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([true, true, false]);
  return gate;
}

test('so many have a place, and the next one when one of them leaves', () => {
  const gate = fullGate();
  gate.leave();
  expect(gate.enter()).toBe(true);
  expect(gate.enter()).toBe(false);
});

test('who came first enters first, and nobody goes before those who wait', () => {
  const gate = fullGate();
  const events: string[] = [];
  for (const name of ['a', 'b', 'c']) expect(gate.wait(waiter(name, events))).toBe(true);
  gate.leave();
  expect(gate.enter()).toBe(false);
  gate.leave();
  expect(events).toEqual(['a enters', 'b enters']);
  expect([gate.inside, gate.waiting]).toEqual([2, 1]);
});

test('no more wait than may', () => {
  const gate = fullGate();
  const events: string[] = [];
  const waits = ['a', 'b', 'c', 'd'].map((name) => gate.wait(waiter(name, events)));
  expect(waits).toEqual([true, true, true, false]);
  expect(fullGate({ queue: 0 }).wait(waiter('e', events))).toBe(false);
});

test('who leaves gives up the place in the queue', () => {
  const gate = fullGate();
  const events: string[] = [];
  const gone = waiter('gone', events);
  gate.wait(gone);
  gate.wait(waiter('stays', events));
  gate.abandon(gone);
  gate.leave();
  expect(events).toEqual(['stays enters']);
});

test('who waits too long is told so, and those behind go on waiting for their own time', async () => {
  const gate = fullGate({ queueTimeout: 40 });
  const events: string[] = [];
  gate.wait(waiter('hasty', events));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise<void>((resolve) => {
    gate.wait({ admitted: resolve, tooLate: resolve });
  });
  expect(events).toEqual(['hasty is too late']);
  expect([gate.inside, gate.waiting]).toEqual([2, 0]);
});

test('a thousand who each leave as soon as they enter do not pile up on the stack', () => {
  const gate = fullGate({ queue: 100_000 });
  const events: string[] = [];
  for (let i = 0; i < 100_000; i++) gate.wait(waiter('', events, () => gate.leave()));
  gate.leave();
  gate.leave();
  expect(events).toHaveLength(100_000);
  expect([gate.inside, gate.waiting]).toEqual([0, 0]);
});

describe('other limits', () => {
  const waitingGate = (more: Partial<typeof limits> = {}) => {
    const gate = fullGate(more);
    const events: string[] = [];
    for (const name of ['a', 'b', 'c']) gate.wait(waiter(name, events));
    return { gate, events };
  };

  test.each([
    ['grown by one', 3, ['a enters']],
    ['grown beyond all who wait', 100, ['a enters', 'b enters', 'c enters']],
    ['gone', Infinity, ['a enters', 'b enters', 'c enters']],
    ['as they were', 2, []],
    ['lowered', 1, []],
  ])('%s: the new places go to those who wait, in their order', (_, connections, expected) => {
    const { gate, events } = waitingGate();
    gate.replace({ ...limits, connections });
    expect(events).toEqual(expected);
    expect(gate.inside).toBe(2 + expected.length);
    expect(gate.enter()).toBe(gate.waiting === 0 && gate.inside <= connections);
  });

  test('lowered: nobody is turned out, and nobody enters before there is room by the new limit', () => {
    const { gate, events } = waitingGate();
    gate.replace({ ...limits, connections: 1 });
    gate.leave();
    expect(events).toEqual([]);
    gate.leave();
    expect(events).toEqual(['a enters']);
  });

  test('a shorter queue keeps those who wait, and takes nobody more', () => {
    const { gate, events } = waitingGate();
    gate.replace({ ...limits, queue: 1 });
    expect(gate.wait(waiter('d', events))).toBe(false);
    gate.replace({ ...limits, queue: 4 });
    expect(gate.wait(waiter('d', events))).toBe(true);
    expect(gate.waiting).toBe(4);
  });

  test('a shorter time to wait counts for those who wait, and from when they came', async () => {
    const { gate, events } = waitingGate({ queue: 4 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const late = new Promise<void>((resolve) => {
      gate.wait({ admitted: resolve, tooLate: resolve });
    });
    gate.replace({ ...limits, queue: 4, queueTimeout: 20 });
    expect(events).toEqual(['a is too late', 'b is too late', 'c is too late']);
    await late;
    expect(gate.waiting).toBe(0);
  });

  test('a longer time to wait counts for those who wait', async () => {
    const { gate, events } = waitingGate({ queueTimeout: 20 });
    gate.replace(limits);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(events).toEqual([]);
    gate.leave();
    expect(events).toEqual(['a enters']);
  });
});
