import { spawnSync } from 'node:child_process';
import { get } from 'node:https';
import { startGateway, type TestGateway } from '../support/gateway';
import { freePorts } from '../support/free-ports';
import type { Program } from '../support/program';
import { gatewayJob, startPrometheus } from '../support/prometheus';

let gateway: TestGateway;
let prometheus: Program;

/** A gateway with a Prometheus behind it that scrapes the gateway. */
beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  gateway = await startGateway({
    mounts: [
      {
        name: 'Prometheus',
        path: '/prometheus',
        target: `http://127.0.0.1:${port}`,
        prefix: 'keep',
        health: { path: '/prometheus/-/healthy', interval: '50ms' },
      },
    ],
  });
  prometheus = await startPrometheus({
    port,
    externalUrl: `https://localhost:${gateway.httpsPort}/prometheus`,
    scrape: [gatewayJob(gateway.httpsPort)],
  });
});
afterAll(async () => {
  await prometheus.stop();
  await gateway.stop();
});

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: gateway.httpsPort, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false };
    get(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

/** The values of a query, asked of Prometheus through the gateway, once there are any that satisfy the test. */
async function query(expression: string, test: (value: number) => boolean): Promise<Record<string, string>> {
  for (;;) {
    const body = await ask(`/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = JSON.parse(body) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    const found = data.result.find(({ value }) => test(Number(value[1])));
    if (found) return found.metric;
  }
}

test('a Prometheus that is mounted at the gateway scrapes it, and tells of it through it', async () => {
  await query('up{job="kpow-gateway"}', (value) => value === 1);
  // The questions themselves are counted, scraped and found again.
  const requests = 'kpow_gateway_requests_total{mount="/prometheus",method="GET",status="2xx"}';
  expect(await query(requests, (value) => value >= 2)).toMatchObject({ job: 'kpow-gateway', mount: '/prometheus' });
  await query('kpow_gateway_mount_state{mount="/prometheus",state="healthy"}', (value) => value === 1);
  await query('rate(kpow_gateway_requests_total{mount="/-/",status="2xx"}[5s])', (value) => value > 0);
  await query(
    'histogram_quantile(0.99, rate(kpow_gateway_request_duration_seconds_bucket{mount="/prometheus"}[5s]))',
    (value) => value > 0,
  );
});

test('promtool finds no fault with a name, a type or a help text', async () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await ask('/-/metrics'),
    encoding: 'utf8',
  });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
});

test('every metric is described where people look for it', async () => {
  const { readFileSync } = await import('node:fs');
  const told = [...(await ask('/-/metrics')).matchAll(/^# TYPE (kpow_gateway_\w+) (\w+)$/gm)].map(
    ([, name = '', type = '']) => `${name} ${type}`,
  );
  const described = [
    ...readFileSync('docs/observability.md', 'utf8').matchAll(/^\| `(kpow_gateway_\w+)` \| (\w+) \|/gm),
  ].map(([, name = '', type = '']) => `${name} ${type}`);
  expect(described.toSorted()).toEqual(told.toSorted());
});
