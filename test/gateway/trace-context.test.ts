import { startGateway, testConfig, type TestGateway } from '../support/gateway';
import { OtlpReceiver } from '../support/otlp-receiver';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream, type Recorded, type RecordingUpstream } from '../support/upstreams';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const sampled = `traceparent: 00-${traceId}-${spanId}-01`;
const unsampled = `traceparent: 00-${traceId}-${spanId}-00`;

let receiver: OtlpReceiver;
let tool: RecordingUpstream;
const gateways: TestGateway[] = [];

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  tool = await recordingUpstream();
});
afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));
afterAll(async () => {
  await tool.close();
  await receiver.close();
});

const configOf = (traces: unknown, trustedProxies: string[] = []) => ({
  mounts: [{ path: '/kpow', target: tool.url }],
  trustedProxies,
  traces: traces === null ? 'off' : { endpoint: receiver.url, ...(traces as object) },
});

async function start(traces: object | null, trustedProxies: string[] = []): Promise<TestGateway> {
  const gateway = await startGateway(configOf(traces, trustedProxies));
  gateways.push(gateway);
  return gateway;
}

/** Sends a request with these field lines; returns what the tool got, and the access line. */
async function send(
  gateway: TestGateway,
  ...fields: string[]
): Promise<{ request: Recorded; line: Record<string, unknown>; id: string }> {
  const lines = ['GET /kpow/ HTTP/1.1', 'Host: localhost', 'Connection: close', ...fields, '', ''];
  const answer = await exchangeRaw(gateway.httpsPort, lines.join('\r\n'));
  const id = /x-request-id: (\S+)/i.exec(answer)![1]!;
  const line = await gateway.line((each) => each['id'] === id && 'way' in each);
  return { request: tool.requests.at(-1)!, line, id };
}

const traceFieldsOf = ({ rawHeaders }: Recorded) =>
  rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && /^trace(parent|state)$/i.test(name) ? [`${name}: ${rawHeaders[i + 1]!}`] : [],
  );

test('with traces off, the client’s fields pass as they are and nothing is added', async () => {
  const gateway = await start(null);
  const fields = ['TraceParent: nonsense', sampled, 'TraceState: a=1,,b', 'tracestate: c'];
  const { request, line } = await send(gateway, ...fields);
  expect(traceFieldsOf(request)).toEqual(fields);
  expect(line).not.toHaveProperty('trace');
  expect(line).not.toHaveProperty('span');
  expect(traceFieldsOf((await send(gateway)).request)).toEqual([]);
});

describe('a trusted proxy', () => {
  test('has its trace continued and recorded, whatever the ratio', async () => {
    const { id, request, line } = await send(
      await start({ ratio: 0 }, ['loopback']),
      sampled,
      'tracestate: rojo=1, congo=2',
      'tracestate: fw@dt=3',
    );
    const { server, client } = await receiver.trace(id);
    expect(server).toMatchObject({ traceId, parentSpanId: spanId, links: [], traceState: 'rojo=1,congo=2,fw@dt=3' });
    expect(traceFieldsOf(request)).toEqual([
      `traceparent: 00-${traceId}-${client!.spanId}-01`,
      'tracestate: rojo=1,congo=2,fw@dt=3',
    ]);
    expect(line).toMatchObject({ trace: traceId, span: server.spanId });
  });

  test('that does not record has its trace passed on, not recorded', async () => {
    const before = receiver.requests.length;
    const gateway = await start({ ratio: 1 }, ['loopback']);
    const { request, line } = await send(gateway, unsampled, 'tracestate: rojo=1');
    expect(traceFieldsOf(request)).toEqual([unsampled, 'tracestate: rojo=1']);
    expect(line).toMatchObject({ trace: traceId });
    expect(line).not.toHaveProperty('span');
    await gateway.stop();
    expect(receiver.requests).toHaveLength(before);
  });

  test('of a later version is answered in version 00, its random flag kept', async () => {
    const { request, id } = await send(
      await start({ ratio: 0 }, ['loopback']),
      `traceparent: 42-${traceId}-${spanId}-ff-new`,
    );
    const { client } = await receiver.trace(id);
    expect(traceFieldsOf(request)).toEqual([`traceparent: 00-${traceId}-${client!.spanId}-03`]);
  });

  test.each([
    ['an unreadable traceparent', [`traceparent: 00-${traceId.toUpperCase()}-${spanId}-01`]],
    ['two of them', [sampled, sampled]],
    ['none', []],
  ])('with %s has a trace begun, without its tracestate', async (_, fields) => {
    const { request, id } = await send(await start({ ratio: 1 }, ['loopback']), ...fields, 'tracestate: rojo=1');
    const { server, client } = await receiver.trace(id);
    expect(server).toMatchObject({ parentSpanId: '', links: [] });
    expect(server.traceId).not.toBe(traceId);
    expect(traceFieldsOf(request)).toEqual([`traceparent: 00-${server.traceId}-${client!.spanId}-01`]);
  });
});

describe('a stranger', () => {
  test('cannot write into a trace of its choosing: one is begun, with a link to it', async () => {
    const { request, id } = await send(await start({ ratio: 1 }), sampled, 'tracestate: rojo=1');
    const { server, client } = await receiver.trace(id);
    expect(server).toMatchObject({ parentSpanId: '', links: [{ traceId, spanId }] });
    expect(server.traceId).not.toBe(traceId);
    expect(traceFieldsOf(request)).toEqual([`traceparent: 00-${server.traceId}-${client!.spanId}-01`]);
  });

  test('cannot have its requests recorded against the ratio, nor keep them from it', async () => {
    const none = await start({ ratio: 0 });
    const before = receiver.requests.length;
    // An id that a decision by id would always take.
    const { request, line } = await send(none, `traceparent: 00-${'11111111'.repeat(4)}-${spanId}-01`);
    expect(traceFieldsOf(request)).toEqual([expect.stringMatching(/^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)]);
    expect(request.headers['traceparent']).not.toContain('11111111');
    expect(line).toMatchObject({ trace: (request.headers['traceparent'] as string).slice(3, 35) });
    expect(line).not.toHaveProperty('span');
    await none.stop();
    expect(receiver.requests).toHaveLength(before);

    const { id } = await send(await start({ ratio: 1 }), unsampled);
    expect((await receiver.trace(id)).server.traceId).not.toBe(traceId);
  });

  test('is continued where traces.trust says so', async () => {
    const { id } = await send(await start({ ratio: 0, trust: true }), sampled);
    expect((await receiver.trace(id)).server).toMatchObject({ traceId, parentSpanId: spanId, links: [] });
  });
});

test('a reload puts other settings in force; what the old ones recorded still arrives', async () => {
  const other = await OtlpReceiver.start();
  const gateway = await start({ ratio: 1 });
  const { id: first } = await send(gateway);
  expect(await gateway.gateway.reload(testConfig(configOf({ endpoint: other.url, ratio: 1 })))).toEqual([]);
  const { id: second } = await send(gateway);
  await receiver.trace(first);
  await other.trace(second);
  await gateway.gateway.reload(testConfig(configOf(null)));
  expect((await send(gateway)).request.headers['traceparent']).toBeUndefined();
  await gateway.stop();
  expect(receiver.spans.some(({ attributes }) => attributes['kpow_gateway.request_id'] === second)).toBe(false);
  expect(other.spans).toHaveLength(2);
  await other.close();
});
