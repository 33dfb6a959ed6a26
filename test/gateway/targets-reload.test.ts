import { freePorts } from '../support/free-ports';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { httpUpstream, type Upstream } from '../support/upstreams';

let tool: Upstream;
let gateway: TestGateway;
/** Ends the answers that wait. */
let held: (() => void)[];
beforeEach(async () => {
  held = [];
  tool = await httpUpstream((req, res) => {
    if (req.url === '/held') held.push(() => res.end('held'));
    else res.end('ok');
  });
});
afterEach(async () => {
  await gateway.stop();
  await tool.close();
});

const ask = (target: string) =>
  exchangeRaw(gateway.httpsPort, `GET ${target} HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n`);
const metric = async (name: string) => {
  const lines = (await ask('/-/metrics')).split('\n');
  return Number(lines.find((line) => line.startsWith(`kpow_gateway_${name}{mount="/tool"`))?.split(' ')[1]);
};
const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('requests under way keep their places over a reload, and those that wait go on waiting', async () => {
  const config = (title: string): RawConfig => ({
    portal: { title },
    mounts: [{ path: '/tool', target: tool.url, limits: { connections: 1 } }],
  });
  gateway = await startGateway(config('before'));
  const first = ask('/tool/held');
  await until(() => held.length === 1);
  const second = ask('/tool/');
  await until(async () => (await metric('upstream_queue')) === 1);
  await gateway.gateway.reload(testConfig(config('after')));
  const third = ask('/tool/');
  await until(async () => (await metric('upstream_queue')) === 2);
  expect(await metric('upstream_in_use')).toBe(1);
  held[0]?.();
  for (const answer of await Promise.all([first, second, third])) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect([await metric('upstream_in_use'), await metric('upstream_queue')]).toEqual([0, 0]);
});

test('a target that takes no connections stays out over a reload, and one that is new is asked', async () => {
  const [dead = 0] = await freePorts(1);
  const deadUrl = `http://127.0.0.1:${dead}`;
  const config = (title: string, target: string | string[]): RawConfig => ({
    portal: { title },
    mounts: [{ path: '/tool', target, circuit: { failures: 1, retry: '60s' } }],
  });
  gateway = await startGateway(config('before', [deadUrl, tool.url]));
  expect(await ask('/tool/')).toMatch(/ok$/);
  expect(await metric('retries_total')).toBe(1);
  await gateway.gateway.reload(testConfig(config('after', [deadUrl, tool.url])));
  expect(await ask('/tool/')).toMatch(/ok$/);
  expect(await metric('retries_total')).toBe(1);
  await gateway.gateway.reload(testConfig(config('after', tool.url)));
  expect(await ask('/tool/')).toMatch(/ok$/);
  expect(await ask('/-/healthy')).not.toContain('targets');
});
