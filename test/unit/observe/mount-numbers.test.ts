import { MountNumbers, type EndedRequest } from '../../../src/observe/metrics/mount-numbers';

const ended = (
  record: Partial<EndedRequest['record']> = {},
  more: Partial<Omit<EndedRequest, 'record'>> = {},
): EndedRequest => ({
  record: { method: 'GET', status: 200, durationMs: 20, upstreamMs: 10, bytes: 100, failure: null, ...record },
  way: 'app',
  connection: 'new',
  retries: 0,
  ...more,
});

const counted = (numbers: MountNumbers) =>
  [...numbers.requests()]
    .filter(([, count]) => count > 0)
    .map(([{ method, status }, count]) => [method, status, count]);

test('requests are counted by method and class of status', () => {
  const numbers = new MountNumbers();
  for (const [method, status] of [
    ['GET', 200],
    ['GET', 304],
    ['POST', 201],
    ['POST', 499],
    ['DELETE', 503],
    ['GET', 204],
  ] as const)
    numbers.ended(ended({ method, status }));
  expect(counted(numbers)).toEqual([
    ['GET', '2xx', 2],
    ['GET', '3xx', 1],
    ['POST', '2xx', 1],
    ['POST', '4xx', 1],
    ['DELETE', '5xx', 1],
  ]);
});

test('whatever a client makes up for a method has one label', () => {
  const numbers = new MountNumbers();
  for (const method of ['PROPFIND', 'X'.repeat(10_000), '', '__proto__', 'get']) numbers.ended(ended({ method }));
  expect(counted(numbers)).toEqual([['other', '2xx', 5]]);
});

test('a method that was used has a row for each class, so that its first failure is a step', () => {
  const numbers = new MountNumbers();
  expect([...numbers.requests()]).toEqual([]);
  numbers.ended(ended());
  expect([...numbers.requests()].map(([{ status }, count]) => [status, count])).toEqual([
    ['1xx', 0],
    ['2xx', 1],
    ['3xx', 0],
    ['4xx', 0],
    ['5xx', 0],
  ]);
});

test('a websocket’s life is no latency, and its bytes are not counted twice', () => {
  const numbers = new MountNumbers();
  numbers.ended(ended({ status: 101, durationMs: 3_600_000 }));
  expect(numbers.duration.read().count).toBe(0);
  expect(numbers.firstByte.read().count).toBe(1);
  expect(numbers.bodyBytes).toBe(0);
});

test('failures, retries and connections add up', () => {
  const numbers = new MountNumbers();
  numbers.ended(ended({}, { connection: 'reused', retries: 1 }));
  numbers.ended(
    ended(
      { status: 502, failure: { code: 'UPSTREAM_REFUSED', level: 'warn' }, upstreamMs: null },
      { connection: null },
    ),
  );
  numbers.rejected('BAD_REQUEST');
  expect(Object.fromEntries(numbers.failures)).toEqual({ UPSTREAM_REFUSED: 1, BAD_REQUEST: 1 });
  expect(numbers.connections).toEqual({ new: 0, reused: 1 });
  expect(numbers.retries).toBe(1);
  expect(numbers.firstByte.read().count).toBe(1);
  expect(counted(numbers)).toEqual([
    ['GET', '2xx', 1],
    ['GET', '5xx', 1],
  ]);
});

test('a status of no class counts as the fault of the tool, and for the method that it answered', () => {
  const numbers = new MountNumbers();
  numbers.ended(ended({ status: 999 }));
  numbers.ended(ended({ method: 'PURGE', status: 600 }));
  expect(counted(numbers)).toEqual([
    ['GET', '5xx', 1],
    ['other', '5xx', 1],
  ]);
});
