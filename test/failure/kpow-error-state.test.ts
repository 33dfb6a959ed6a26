import { startKpow, type KpowStandIn } from '../../src/demo/kpow';
import { expectFailure, useScenes, type SceneOptions } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const probed = { mount: { name: 'kPow', path: '/kpow', kind: 'kpow', health: { path: '/healthy', interval: '50ms' } } };

/** A gateway that has seen kPow in its ERROR state. */
async function inErrorState(options: SceneOptions = probed) {
  const kpow: KpowStandIn = await startKpow({ port: 0, errorStateLasts: 0 });
  scenes.after(() => kpow.close());
  kpow.setErrorState(true);
  const scene = await scenes.before(`http://127.0.0.1:${kpow.port}`, options);
  let report = '';
  while (!report.includes('kpow-error-state')) report = (await scene.ask('/-/healthy')).body;
  return { kpow, scene };
}

test('a request is a 503 that says what has happened and what helps', async () => {
  const { scene } = await inErrorState();
  const answer = await scene.ask('/kpow/');
  await expectFailure(scene, answer, 503, 'KPOW_ERROR_STATE');
  const { detail, advice } = JSON.parse(answer.body) as { detail: string; advice: string[] };
  expect(detail).toMatch(/ERROR state/);
  expect(advice.join(' ')).toMatch(/Restart kPow.*liveness probe.*STREAMS_ERROR_STRATEGY/);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);

  const page = await scene.ask('/kpow/', { fields: ['Accept: text/html'] });
  expect(page.body).toMatch(/Restart kPow[^]*STREAMS_ERROR_STRATEGY/);
});

test('so is a websocket', async () => {
  const { scene } = await inErrorState();
  const answer = await (await openWebsocket(scene, { target: '/kpow/chsk' })).refused();
  await expectFailure(scene, answer, 503, 'KPOW_ERROR_STATE');
});

test.each([
  ['/kpow/healthy', 503, 'not healthy\n'],
  ['/kpow/up', 200, 'up\n'],
  ['/kpow/metrics/v1', 200, /^# /m],
  ['/kpow/offsets/v1', 200, /^# /m],
  ['/kpow/streams/v1', 200, /^# /m],
  ['/kpow/up?x=y', 200, 'up\n'],
])('%s is answered by kPow itself: %i', async (path, status, body) => {
  const { scene } = await inErrorState();
  const answer = await scene.ask(path);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual(typeof body === 'string' ? body : expect.stringMatching(body));
});

test('when it has recovered it is served again, without a restart of the gateway', async () => {
  const { kpow, scene } = await inErrorState();
  kpow.setErrorState(false);
  let status = 503;
  while (status === 503) ({ status } = await scene.ask('/kpow/'));
  expect(status).toBe(200);
});

test('when it falls into it while requests go on, they are told so', async () => {
  const { kpow, scene } = await inErrorState();
  kpow.setErrorState(false);
  while ((await scene.ask('/kpow/')).status !== 200);
  kpow.setErrorState(true);
  let code: unknown;
  while (code !== 'KPOW_ERROR_STATE') {
    const { body } = await scene.ask('/kpow/');
    code = body.startsWith('{') ? (JSON.parse(body) as { code: unknown }).code : null;
  }
});

// With probes as far apart as this, two of them would take minutes.
const rarely = { mount: { ...probed.mount, health: { path: '/healthy', interval: '1h' } } };

test('the first page that it fails has its health looked at, and one look is enough', async () => {
  const kpow = await startKpow({ port: 0, errorStateLasts: 0 });
  scenes.after(() => kpow.close());
  const scene = await scenes.before(`http://127.0.0.1:${kpow.port}`, rarely);
  while (!(await scene.ask('/-/healthy')).body.includes('"state":"healthy"'));
  kpow.setErrorState(true);
  const first = await scene.ask('/kpow/');
  expect([first.status, first.body]).toEqual([503, expect.stringMatching(/stand-in/i)]);
  let page = first;
  while (!page.body.includes('KPOW_ERROR_STATE')) page = await scene.ask('/kpow/', { fields: ['Accept: text/html'] });
  expect(page.body).toMatch(/Restart kPow/);
});

test('a 5xx of a kPow that is well is passed on, and nothing else comes of it', async () => {
  const kpow = await startKpow({ port: 0, errorStateLasts: 0 });
  scenes.after(() => kpow.close());
  const scene = await scenes.before(`http://127.0.0.1:${kpow.port}`, rarely);
  while (!(await scene.ask('/-/healthy')).body.includes('"state":"healthy"'));
  kpow.setErrorState(true);
  expect((await scene.ask('/kpow/')).status).toBe(503);
  kpow.setErrorState(false);
  const probes = async () => (await scene.ask('/-/metrics')).body.match(/^kpow_gateway_probes_total.*$/gm)?.join();
  const before = await probes();
  while ((await probes()) === before);
  expect((await scene.ask('/kpow/')).status).toBe(200);
});

test('with whenUnhealthy: pass, kPow’s own page comes through', async () => {
  const { scene } = await inErrorState({
    mount: { ...probed.mount, health: { ...probed.mount.health, whenUnhealthy: 'pass' } },
  });
  const answer = await scene.ask('/kpow/');
  expect(answer.status).toBe(503);
  expect(answer.body).toMatch(/stand-in/i);
});

test('a kPow that is gone altogether is not in its ERROR state', async () => {
  const { kpow, scene } = await inErrorState();
  await kpow.close();
  let report = '';
  while (!report.includes('unreachable')) report = (await scene.ask('/-/healthy')).body;
  await expectFailure(scene, await scene.ask('/kpow/'), 502, 'UPSTREAM_REFUSED');
});
