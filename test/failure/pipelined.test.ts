import { once } from 'node:events';
import { publicHost, lineWith, requestText, useScenes } from './support/scene';
import { echoPath } from './support/tool';

const scenes = useScenes();
// The relay serves what waits in its turn, whatever it is; Node's parser cannot hold an upgrade back.
const appScenes = useScenes('app');
const get = (target: string) => requestText(target);

/** A tool that answers nothing until it is told to. */
async function silentScene(by = scenes) {
  const scene = await by.with(() => undefined);
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

test('by the app, more than a hundred that wait end the connection', async () => {
  const scene = await silentScene(appScenes);
  const client = await scene.client();
  client.write(get('/tool/1').repeat(150));
  await client.end();
  expect(scene.tool.connections).toBeLessThanOrEqual(1);
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
  const scene = await silentScene(appScenes);
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
  ['CONNECT', `CONNECT x:1 HTTP/1.1\r\nHost: ${publicHost}\r\n\r\n`],
  ['an upgrade to h2c', requestText('/tool/2', { fields: ['Connection: Upgrade', 'Upgrade: h2c'] })],
  ['a websocket', requestText('/tool/2', { fields: ['Connection: Upgrade', 'Upgrade: websocket'] })],
])('by the app, %s behind a request ends the connection: nothing is answered in another’s place', async (_, second) => {
  const scene = await silentScene(appScenes);
  const client = await scene.client();
  client.write(get('/tool/1'));
  await scene.tool.request(0);
  client.write(second);
  expect(await client.end()).toBe('');
  expect(scene.tool.connections).toBe(1);
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
