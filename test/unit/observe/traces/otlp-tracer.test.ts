import { createLog } from '../../../../src/observe/log';
import { OtlpTracer } from '../../../../src/observe/traces/otlp-tracer';
import type { EndedRequest } from '../../../../src/observe/traces/tracer';
import { OtlpReceiver } from '../../../support/otlp-receiver';

let receiver: OtlpReceiver;
const messages: string[] = [];
const log = createLog(
  { level: 'info', format: 'json', access: true },
  { write: (line: string) => void messages.push((JSON.parse(line) as { msg: string }).msg) },
);

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
  messages.length = 0;
});
afterEach(() => receiver.close());

const tracerOf = (ratio: number) =>
  new OtlpTracer(
    { endpoint: `${receiver.url}/v1/traces`, ratio, service: 'test', headers: {}, ca: null, trust: false },
    log,
  );

const beginning = { url: '/kpow/', raw: [], trusted: false };
const begin = (tracer: OtlpTracer) => tracer.begin({ ...beginning, startedAt: performance.now() })!;

const ended: EndedRequest = {
  record: {
    id: 'a1',
    mount: '/kpow',
    method: 'GET',
    url: '/kpow/',
    status: 200,
    bytes: 0,
    durationMs: 1,
    upstreamMs: 1,
    client: '192.0.2.1',
    failure: null,
  },
  raw: [],
  httpVersion: '1.1',
  origin: null,
};

test('the ratio is kept', async () => {
  const tracer = tracerOf(0.25);
  let recorded = 0;
  for (let i = 0; i < 4_000; i++) {
    const trace = begin(tracer);
    if (trace.spanId !== null) recorded++;
    trace.end(ended);
  }
  // 1,000 expected, with a standard deviation of 27.
  expect(recorded).toBeGreaterThan(800);
  expect(recorded).toBeLessThan(1_200);
  await tracer.close(5_000);
  expect(receiver.spans).toHaveLength(recorded);
  expect(messages).toEqual([]);
});

test('while the receiver hangs so many spans wait and no more, and what is lost is told of', async () => {
  receiver.behaviour = 'hang';
  const tracer = tracerOf(1);
  for (let i = 0; i < 6_000; i++) begin(tracer).end(ended);
  expect(messages).toEqual([expect.stringContaining('they come faster than it takes them')]);
  await tracer.close(50);
  expect(messages[1]).toBe(`Traces: ${4096 + 512} spans could not be sent to ${receiver.url} before the end`);
  expect(messages).toHaveLength(2);
});

test('a trace takes whatever it is told, in any order, and ends once', async () => {
  const tracer = tracerOf(1);
  const trace = begin(tracer);
  trace.exchanged('NONE_BEGUN');
  trace.resent();
  trace.answered(500);
  trace.exchange('GET', { protocol: 'http:', hostname: 'tool', port: 80, authority: 'tool', path: '' }, '/');
  trace.exchanged();
  trace.exchanged('TOO_LATE');
  trace.end(ended);
  trace.end({ ...ended, record: { ...ended.record, status: 500 } });
  await tracer.close(5_000);
  expect(receiver.spans.map(({ kind, status }) => [kind, status])).toEqual([
    [3, 0],
    [2, 0],
  ]);
});

test('it is unused when every request has ended, and not before', async () => {
  const tracer = tracerOf(1);
  const trace = begin(tracer);
  let unused = false;
  const waiting = tracer.unused().then(() => (unused = true));
  await Promise.resolve();
  expect(unused).toBe(false);
  trace.end(ended);
  await waiting;
  await tracer.close(5_000);
});
