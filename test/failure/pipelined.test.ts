import { once } from 'node:events';
import { recordingUpstream } from '../support/upstreams';
import { accessLines, lineWith, publicHost, requestText, until, useScenes, type SceneOptions } from './support/scene';
import { echoPath } from './support/tool';
import { accepted, handshakeText } from './support/websocket';

const scenes = useScenes();
const get = (target: string) => requestText(target);
const chunked = 'Transfer-Encoding: chunked';

/** A tool that answers nothing until it is told to. */
async function silentScene(options: SceneOptions = {}) {
  const scene = await scenes.with(() => undefined, options);
  return {
    ...scene,
    answer: (index: number) =>
      scene.tool.request(index).then(({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  };
}

test('requests that wait behind another do not reach the tool when the client leaves, and are not kept', async () => {
  const scene = await silentScene();
  const client = await scene.client();
  client.write(get('/tool/1').repeat(50));
  const { socket } = await scene.tool.request(0);
  const left = once(socket, 'close');
  client.destroy();
  await left;
  await lineWith(scene, 499);
  expect(scene.tool.connections).toBe(1);
});

test('200 uploads in chunks and requests in turns, in one piece, are all answered, with a line each', async () => {
  const tool = await recordingUpstream((req, res) => {
    res.end(`${req.method}${req.url}`);
  });
  scenes.after(() => tool.close());
  const scene = await scenes.before(tool.url);
  const client = await scene.client();
  const turns = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? `POST/${i}.` : `GET/${i}.`));
  const bytes = turns.map((turn, i) => {
    const target = `/tool/${i}.`;
    if (turn.startsWith('GET')) return get(target);
    return `${requestText(target, { method: 'POST', fields: [chunked] })}4\r\nbody\r\n0\r\n\r\n`;
  });
  await client.write(bytes.join('')).until('GET/199.');
  expect(client.text.match(/(?:GET|POST)\/\d+\./g)).toEqual(turns);
  await until(() => accessLines(scene.gateway.lines).length >= 200);
  expect(accessLines(scene.gateway.lines).map(({ status }) => status)).toEqual(turns.map(() => 200));
});

test.each([true, false])('65 kB of requests in one piece are as many lines as answers (TLS: %s)', async (tls) => {
  const scene = await scenes.with(echoPath);
  const client = await scene.client(tls);
  const one = get('/-/up');
  const count = Math.floor(65_536 / one.length);
  const answers = () => client.text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0;
  client.write(one.repeat(count - 1) + requestText('/-/up', { fields: ['Connection: close'] }));
  await client.end();
  await until(() => accessLines(scene.gateway.lines).length >= answers());
  expect([answers(), scene.gateway.lines.length]).toEqual([count, count]);
});

test('what stands behind the last request that a connection may bring is thrown away, however much it is', async () => {
  const scene = await silentScene({ limits: { requestsPerConnection: 1 } });
  const client = await scene.client();
  client.write(get('/tool/1').repeat(100_000));
  await scene.answer(0);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
  expect(scene.tool.requests).toHaveLength(1);
});

test('garbage behind a request is answered after it, not in its place', async () => {
  const scene = await silentScene();
  const client = await scene.client();
  client.write(`${get('/tool/1')}GARBAGE\r\n\r\n`);
  await scene.answer(0);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nokHTTP\/1\.1 400 Bad Request\r\n/);
});

const malformedUpload = `${requestText('/tool/2', { method: 'POST', fields: ['Transfer-Encoding: chunked'] })}zz\r\n`;

test('an upload that is malformed, behind a request, is answered after it, and does not reach the tool', async () => {
  const scene = await silentScene();
  const client = await scene.client();
  client.write(get('/tool/1') + malformedUpload);
  await scene.answer(0);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nokHTTP\/1\.1 400 Bad Request\r\n/);
  expect(scene.tool.requests).toHaveLength(1);
});

test('an upload that turns out malformed when it has been answered gets no second answer', async () => {
  const scene = await scenes.with((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const client = await scene.client();
  client.write(requestText('/tool/1', { method: 'POST', fields: ['Transfer-Encoding: chunked'] }));
  await client.until('\r\n\r\nok');
  client.write('zz\r\n');
  expect(await client.end()).toMatch(/\r\n\r\nok$/);
});

test.each([
  ['CONNECT', `CONNECT x:1 HTTP/1.1\r\nHost: ${publicHost}\r\n\r\n`, 405],
  ['an upgrade to h2c', requestText('/tool/2', { fields: ['Connection: Upgrade', 'Upgrade: h2c'] }), 200],
  ['a websocket', handshakeText('/tool/2'), 101],
])('%s behind a request waits for its turn', async (_, second, status) => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) return;
    if (status === 101) socket.write(accepted);
    else echoPath(socket, request);
  });
  const client = await scene.client();
  client.write(get('/tool/1') + second);
  const { socket } = await scene.tool.request(0);
  expect([client.text, scene.tool.requests.length]).toEqual(['', 1]);
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  await client.until(new RegExp(`^HTTP/1\\.1 200 OK\r\n[^]*\r\n\r\nokHTTP/1\\.1 ${status} `));
});

test('an upgrade to h2c is ignored, many times over on one connection', async () => {
  const scene = await scenes.with((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const client = await scene.client();
  const tries = 15;
  for (let i = 1; i <= tries; i++) {
    client.write(
      requestText(`/tool/${i}`, {
        fields: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: x'],
      }),
    );
    await client.until(new RegExp(`(\\r\\n\\r\\nok[^]*){${i}}`));
  }
});

test('what stands behind an answer that was announced as the last does not reach the tool', async () => {
  const scene = await scenes.with(echoPath);
  const client = await scene.client();
  client.write(requestText('/tool/', { method: 'TRACE' }) + get('/tool/next'));
  expect(await client.end()).toMatch(/^HTTP\/1\.1 405 [^]*\r\nConnection: close\r\n/);
  expect(scene.tool.requests).toEqual([]);
});
