import { echoPath } from './support/tool';
import { expectFailure, requestText, until, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const impatient = { mount: { timeouts: { response: '150ms' } } };
const silence = () => undefined;

test('a tool that takes the request and says nothing is a 504, and its connection is given up', async () => {
  const scene = await scenes.with(silence, impatient);
  await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
  await until(() => scene.tool.sockets.size === 0);
});

test('so is one that begins a head and does not end it', async () => {
  const scene = await scenes.with((socket) => void socket.write('HTTP/1.1 200 OK\r\nX-Begun: yes\r\n'), impatient);
  await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
});

test('so is one that says nothing to a websocket', async () => {
  const scene = await scenes.with(silence, impatient);
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
  await until(() => scene.tool.sockets.size === 0);
});

test('so is one that read an upload and says nothing', async () => {
  const scene = await scenes.with(silence, impatient);
  const options = { method: 'POST', fields: ['Content-Length: 5'], body: 'hello' };
  await expectFailure(scene, await scene.ask('/tool/', options), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
});

test('an answer in good time is not cut by the time it took before', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.index === 0) return;
    echoPath(socket, request);
  }, impatient);
  const [late, good] = await Promise.all([
    scene.ask('/tool/late'),
    scene.tool.request(0).then(() => scene.ask('/tool/good')),
  ]);
  expect([late.status, good.body]).toEqual([504, '/good']);
});

test('a client that stops sending in the middle of its upload is a 408, not the tool’s fault', async () => {
  const scene = await scenes.with(silence, impatient);
  const client = await scene.client();
  client.write(requestText('/tool/', { method: 'POST', fields: ['Content-Length: 10'], body: 'half' }));
  await client.until('"code": "REQUEST_TIMEOUT"');
  await until(() => scene.tool.sockets.size === 0);
});
