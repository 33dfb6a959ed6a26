import type { Socket } from 'node:net';
import { requestText, until, useScenes, type Scene } from '../../failure/support/scene';
import { echoPath, type Script, type Tool } from '../../failure/support/tool';
import { parseMetrics } from '../../support/metrics';
import { keepAlive } from '../../../src/upstream/keep-alive';

const scenes = useScenes('relay');

/** Answers requests for `/held` when it is told to. */
function holding(): { script: Script; held: (() => void)[]; socketsOf: Map<string, Socket> } {
  const held: (() => void)[] = [];
  const socketsOf = new Map<string, Socket>();
  const script: Script = (socket, request) => {
    socketsOf.set(request.path, socket);
    if (request.path.startsWith('/held')) held.push(() => echoPath(socket, request));
    else echoPath(socket, request);
  };
  return { script, held, socketsOf };
}

/** Answers so many requests at once, so that as many connections are in the pool. */
async function fillPool(scene: Scene & { tool: Tool }, held: (() => void)[], count: number): Promise<void> {
  const asked = Array.from({ length: count }, (_, index) => scene.ask(`/tool/held${index}`));
  await until(() => held.length === count);
  for (const answer of held.splice(0)) answer();
  await Promise.all(asked);
}

async function connectionsOf(scene: Scene): Promise<Record<'active' | 'idle', number | undefined>> {
  const samples = parseMetrics((await scene.ask('/-/metrics')).body);
  const of = (state: string) => samples.get(`kpow_gateway_upstream_connections{mount="/tool",state="${state}"}`);
  return { active: of('active'), idle: of('idle') };
}

test('the connection that was used last is used next', async () => {
  const { script, held, socketsOf } = holding();
  const scene = await scenes.with(script);
  await fillPool(scene, held, 3);
  await scene.ask('/tool/a');
  await scene.ask('/tool/b');
  expect(scene.tool.connections).toBe(3);
  expect(socketsOf.get('/a')).toBe(socketsOf.get('/held2'));
  expect(socketsOf.get('/b')).toBe(socketsOf.get('/a'));
});

test('what is under way and what waits is counted, and nothing is left when clients leave', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script);
  await fillPool(scene, held, 3);
  const client = await scene.client();
  client.write(requestText('/tool/held'));
  await until(() => held.length === 1);
  expect(await connectionsOf(scene)).toEqual({ active: 1, idle: 2 });
  client.destroy();
  await scene.gateway.line(({ status }) => status === 499);
  expect(await connectionsOf(scene)).toEqual({ active: 0, idle: 2 });
});

test('an idle connection is closed before the tool would close it', async () => {
  const scene = await scenes.with(echoPath);
  await scene.ask('/tool/a');
  expect(await connectionsOf(scene)).toEqual({ active: 0, idle: 1 });
  const since = performance.now();
  await until(() => scene.tool.sockets.size === 0);
  expect(performance.now() - since).toBeGreaterThan(keepAlive.idle / 2);
  expect(await connectionsOf(scene)).toEqual({ active: 0, idle: 0 });
});

test.each([
  ['longer where the tool announces that it keeps it longer', 'timeout=30', 1],
  ['not at all where the tool closes it within a second', 'timeout=1', 2],
])('an idle connection is kept %s', async (_, announced, connections) => {
  const scene = await scenes.with((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nKeep-Alive: ${announced}\r\nContent-Length: 2\r\n\r\nok`);
  });
  await scene.ask('/tool/a');
  // What is measured here is that nothing comes.
  if (connections === 1) await new Promise((resolve) => setTimeout(resolve, keepAlive.idle + 500));
  await scene.ask('/tool/b');
  expect(scene.tool.connections).toBe(connections);
});

test.each([
  ['bytes behind the answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!'],
  ['another answer behind it', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'.repeat(2)],
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
  ['an answer by HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
])('%s: the connection is not used again', async (_, bytes) => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) socket.write(bytes);
    else echoPath(socket, request);
  });
  expect(await scene.ask('/tool/a')).toMatchObject({ status: 200, body: 'ok' });
  await until(() => scene.tool.sockets.size === 0);
  expect((await scene.ask('/tool/b')).body).toBe('/b');
  expect(scene.tool.connections).toBe(2);
});

test('bytes that come while a connection waits close it', async () => {
  const { script, socketsOf } = holding();
  const scene = await scenes.with(script);
  await scene.ask('/tool/a');
  socketsOf.get('/a')?.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong');
  await until(() => scene.tool.sockets.size === 0);
  expect((await scene.ask('/tool/b')).body).toBe('/b');
});

test('so many are kept and no more', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script);
  await fillPool(scene, held, 260);
  expect(await connectionsOf(scene)).toEqual({ active: 0, idle: 256 });
});
