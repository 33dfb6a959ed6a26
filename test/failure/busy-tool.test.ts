import { testConfig } from '../support/gateway';
import { expectFailure, lineWith, requestText, until, useScenes, type Scene } from './support/scene';
import { echoPath, type Script } from './support/tool';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();

/** Answers when it is told to, in the order in which the requests came. */
function holding() {
  const held: (() => void)[] = [];
  const script: Script = (socket, request) => {
    if (/^upgrade:/im.test(request.head)) {
      socket.write(accepted);
      return;
    }
    held.push(() => echoPath(socket, request));
  };
  return { script, held };
}

/** A tool that may have one request at a time. */
const oneAtATime = (more: object = {}) => ({ mount: { limits: { connections: 1, ...more } } });

/** Answers what the tool has, one after the other as they come. */
async function answer(held: (() => void)[], count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await until(() => held.length > 0);
    held.shift()?.();
  }
}

const waitingAt = (scene: Scene) => async (count: number) => {
  for (;;) {
    const { body } = await scene.ask('/-/metrics');
    if (body.includes(`kpow_gateway_upstream_queue{mount="/tool"} ${count}\n`)) return;
  }
};

test('requests beyond the limit wait for their turn, in their order', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime());
  const waiting = waitingAt(scene);
  const first = scene.ask('/tool/0');
  await until(() => held.length === 1);
  const others = [];
  for (let i = 1; i <= 3; i++) {
    others.push(scene.ask(`/tool/${i}`));
    await waiting(i);
  }
  expect(scene.tool.requests).toHaveLength(1);
  await answer(held, 4);
  expect((await Promise.all([first, ...others])).map(({ body }) => body)).toEqual(['/0', '/1', '/2', '/3']);
  expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/0', '/1', '/2', '/3']);
});

test('who waits too long, or finds the queue full, gets 503 with a word when to come again', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime({ queue: 1, queueTimeout: '150ms' }));
  const first = scene.ask('/tool/0');
  await until(() => held.length === 1);
  const [one, other] = await Promise.all([scene.ask('/tool/1'), scene.ask('/tool/2')]);
  for (const refused of [one, other]) {
    await expectFailure(scene, refused, 503, 'UPSTREAM_BUSY');
    expect(refused.headers['retry-after']).toBe('10');
  }
  await answer(held, 1);
  expect((await first).body).toBe('/0');
  expect(scene.tool.requests).toHaveLength(1);
});

test('a body that comes meanwhile is held back, and arrives whole', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime());
  const waiting = waitingAt(scene);
  const first = scene.ask('/tool/0');
  await until(() => held.length === 1);
  const body = Buffer.alloc(64 * 1024 * 1024, 'x').toString('latin1');
  const before = process.memoryUsage().rss;
  const client = await scene.client(false);
  client.write(requestText('/tool/1', { method: 'POST', fields: [`Content-Length: ${body.length}`], body }));
  await waiting(1);
  // The kernel takes a few megabytes; the rest stays with the client.
  expect(client.socket.writableLength).toBeGreaterThan(body.length / 2);
  expect(process.memoryUsage().rss - before).toBeLessThan(body.length * 3);
  await answer(held, 2);
  await first;
  await client.until('/1');
});

test('a client that leaves while it waits is not asked for', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime());
  const waiting = waitingAt(scene);
  const first = scene.ask('/tool/0');
  await until(() => held.length === 1);
  const client = await scene.client();
  client.write(requestText('/tool/left'));
  await waiting(1);
  client.destroy();
  await lineWith(scene, 499);
  await waiting(0);
  const last = scene.ask('/tool/2');
  await waiting(1);
  await answer(held, 2);
  await Promise.all([first, last]);
  expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/0', '/2']);
});

test.each([
  ['a byte more than is written to a tool at once', 128 * 1024 + 1],
  ['as much as is written to a tool at once', 128 * 1024],
  ['two megabytes', 2 * 1024 * 1024],
  ['two hundred thousand bytes in chunks', 200_000, true],
])(
  'a client whose upload of %s is there, and that leaves while it waits, is seen to',
  async (_, size: number, chunked = false) => {
    const { script, held } = holding();
    const scene = await scenes.with(script, oneAtATime());
    const waiting = waitingAt(scene);
    const first = scene.ask('/tool/0');
    await until(() => held.length === 1);
    const body = 'x'.repeat(size);
    const upload = chunked
      ? { fields: ['Transfer-Encoding: chunked'], body: `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n` }
      : { fields: [`Content-Length: ${size}`], body };
    for (const tls of [false, true]) {
      const client = await scene.client(tls);
      client.write(requestText('/tool/left', { method: 'POST', ...upload }));
      await until(() => client.socket.writableLength === 0);
      await waiting(1);
      client.destroy();
      await waiting(0);
    }
    const client = await scene.client(false);
    client.write(requestText('/tool/stays', { method: 'POST', ...upload }));
    await waiting(1);
    await answer(held, 2);
    await client.until('/stays');
    await first;
    expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/0', '/stays']);
  },
);

test('a place is given back however a request ends', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(
    (socket, request) => {
      if (request.path === '/broken') socket.destroy();
      else if (request.path === '/half') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      else if (request.path === '/refused') socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
      else script(socket, request);
    },
    oneAtATime({ queueTimeout: '5s' }),
  );

  expect((await scene.ask('/tool/broken')).status).toBe(502);
  expect((await scene.ask('/tool/half')).complete).toBe(false);
  expect((await (await openWebsocket(scene, { target: '/tool/refused' })).refused()).status).toBe(403);
  const client = await scene.client();
  client.write(requestText('/tool/left'));
  await until(() => held.length === 1);
  held.length = 0;
  client.destroy();
  await lineWith(scene, 499);
  const last = scene.ask('/tool/last');
  await answer(held, 1);
  expect((await last).body).toBe('/last');
});

test('a websocket has a place as long as it lasts', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime());
  const waiting = waitingAt(scene);
  const { client, open } = await openWebsocket(scene);
  await open();
  const next = scene.ask('/tool/next');
  await waiting(1);
  expect(scene.tool.requests).toHaveLength(1);
  client.destroy();
  await answer(held, 1);
  expect((await next).body).toBe('/next');
});

test('a reload that raises the limit lets in those who wait, and one that lowers it lets nobody in too many', async () => {
  const { script, held } = holding();
  const scene = await scenes.with(script, oneAtATime());
  const reload = (connections: number) =>
    scene.gateway.gateway.reload(
      testConfig({ mounts: [{ name: 'Tool', path: '/tool', target: scene.tool.url, limits: { connections } }] }),
    );
  const waiting = waitingAt(scene);
  const answers = [scene.ask('/tool/0')];
  await until(() => held.length === 1);
  for (let i = 1; i <= 3; i++) {
    answers.push(scene.ask(`/tool/${i}`));
    await waiting(i);
  }
  await reload(3);
  await until(() => held.length === 3);
  await waiting(1);
  await reload(1);
  await answer(held, 2);
  await Promise.all(answers.slice(0, 2));
  expect([scene.tool.requests.length, held.length]).toEqual([3, 1]);
  await answer(held, 2);
  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['/0', '/1', '/2', '/3']);
  answers.push(scene.ask('/tool/4'));
  await answer(held, 1);
  await Promise.all(answers);
});
