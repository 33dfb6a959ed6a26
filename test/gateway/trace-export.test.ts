import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import { OtlpReceiver } from '../support/otlp-receiver';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

const secret = 'Bearer 5ecre7';

let tool: RecordingUpstream;
const gateways: TestGateway[] = [];
const receivers: OtlpReceiver[] = [];

beforeAll(async () => {
  tool = await recordingUpstream();
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});
afterAll(() => tool.close());

async function receive(tls: { cert: string; key: string } | null = null): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start(tls);
  receivers.push(receiver);
  return receiver;
}

async function start(endpoint: string, traces: object = {}): Promise<TestGateway> {
  const gateway = await startGateway({
    mounts: [{ path: '/kpow', target: tool.url }],
    traces: { endpoint, ratio: 1, headers: { Authorization: secret }, ...traces },
  });
  gateways.push(gateway);
  return gateway;
}

const get = (gateway: TestGateway) =>
  exchangeRaw(gateway.httpsPort, 'GET /kpow/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

const told = (gateway: TestGateway) =>
  gateway.lines
    .filter(({ msg }) => /^Traces/.test(String(msg)))
    .map(({ level, msg }) => `${String(level)}: ${String(msg)}`);

const fails = (reason: string, url: string) =>
  `warn: Traces do not reach ${url}: ${reason}. Requests are served as before; check the receiver and traces.endpoint`;
const again = (url: string, lost: number) => `info: Traces reach ${url} again; ${lost} spans were lost`;
const saying = (text: string) => (line: Record<string, unknown>) => String(line['msg']).startsWith(text);

describe('the receiver', () => {
  test('is asked at its path, with the header fields that it wants', async () => {
    const receiver = await receive();
    const gateway = await start(`${receiver.url}/otlp`, {
      headers: { Authorization: secret, 'X-Scope-OrgID': 'kafka' },
    });
    await get(gateway);
    await receiver.until(2);
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]).toMatchObject({
      url: '/otlp/v1/traces',
      headers: { 'content-type': 'application/json', authorization: secret, 'x-scope-orgid': 'kafka' },
    });
  });

  test('may have a certificate of a private authority, which is verified', async () => {
    const pair = await generate([{ name: 'commonName', value: 'collector' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const ca = path.join(temporaryFolder(), 'ca.crt');
    writeFileSync(ca, pair.cert);
    const receiver = await receive({ cert: readFileSync(ca, 'utf8'), key: pair.private });

    const trusting = await start(receiver.url, { ca });
    await get(trusting);
    await receiver.until(2);

    const other = await start(receiver.url);
    await get(other);
    await other.line(saying('Traces do not reach'));
    expect(told(other)).toEqual([fails('DEPTH_ZERO_SELF_SIGNED_CERT', receiver.url)]);
    expect(receiver.spans).toHaveLength(2);
  });
});

describe('a receiver that', () => {
  test('answers with an error is told of once, and once that it works again', async () => {
    const receiver = await receive();
    receiver.behaviour = 500;
    const gateway = await start(receiver.url);
    for (let i = 1; i <= 3; i++) {
      expect(await get(gateway)).toContain('200 OK');
      await receiver.asked(i);
    }
    await gateway.line(saying('Traces do not reach'));
    expect(told(gateway)).toEqual([fails('it answered 500', receiver.url)]);
    receiver.behaviour = 200;
    await get(gateway);
    await gateway.line(saying('Traces reach'));
    await get(gateway);
    await receiver.until(4);
    expect(told(gateway)).toEqual([fails('it answered 500', receiver.url), again(receiver.url, 6)]);
  });

  test('is down costs requests nothing, and gets what comes when it is back', async () => {
    const receiver = await receive();
    await receiver.close();
    const gateway = await start(receiver.url);
    expect(await get(gateway)).toContain('200 OK');
    await gateway.line(saying('Traces do not reach'));
    await receiver.listen();
    await get(gateway);
    await gateway.line(saying('Traces reach'));
    expect(told(gateway)).toEqual([fails('ECONNREFUSED', receiver.url), again(receiver.url, 2)]);
    expect(receiver.spans).toHaveLength(2);
  });

  test('never answers holds neither requests nor the end up', async () => {
    const receiver = await receive();
    receiver.behaviour = 'hang';
    const gateway = await start(receiver.url);
    expect(await get(gateway)).toContain('200 OK');
    await receiver.asked(1);
    expect(await get(gateway)).toContain('200 OK');
    await gateway.stop();
    expect(told(gateway)).toEqual([`warn: Traces: 4 spans could not be sent to ${receiver.url} before the end`]);
  });

  test('is told a secret keeps it: no line of the log has it', async () => {
    const receiver = await receive();
    receiver.behaviour = 401;
    const gateway = await start(receiver.url);
    await get(gateway);
    await gateway.line(saying('Traces do not reach'));
    await gateway.stop();
    expect(receiver.requests[0]!.headers.authorization).toBe(secret);
    expect(JSON.stringify(gateway.lines)).not.toContain('5ecre7');
  });
});

test('nothing is written to the console', async () => {
  const written = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation(() => undefined),
  );
  const receiver = await receive();
  receiver.behaviour = 500;
  const gateway = await start(receiver.url);
  await get(gateway);
  await gateway.stop();
  for (const method of written) {
    expect(method).not.toHaveBeenCalled();
    method.mockRestore();
  }
});

test('what is recorded last is sent before the end', async () => {
  const receiver = await receive();
  const gateway = await start(receiver.url);
  await get(gateway);
  await gateway.stop();
  expect(receiver.spans).toHaveLength(2);
  expect(told(gateway)).toEqual([]);
});
