import { accepted, openWebsocket } from './support/websocket';
import { lineOf, lineWith, until, useScenes } from './support/scene';

const scenes = useScenes();
const impatient = { mount: { timeouts: { idle: '150ms' } } };

test.each([
  ['with a length', 'Content-Length: 10\r\n\r\nhalf'],
  ['chunked', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('an answer %s that goes silent is cut, and cannot be taken for whole', async (_, rest) => {
  const scene = await scenes.with((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${rest}`), impatient);
  const answer = await scene.ask();
  expect([answer.status, answer.body, answer.complete]).toEqual([200, 'half', false]);
  expect(await lineOf(scene, answer)).toMatchObject({ status: 200, code: 'UPSTREAM_IDLE_TIMEOUT', bytes: 4 });
  await until(() => scene.tool.sockets.size === 0);
});

test('an answer that keeps coming is not cut', async () => {
  const scene = await scenes.with((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
    let sent = 0;
    const timer = setInterval(() => {
      socket.write('x');
      if (++sent === 6) clearInterval(timer);
    }, 50);
  }, impatient);
  expect(await scene.ask()).toMatchObject({ body: 'xxxxxx', complete: true });
});

test('a websocket that is silent both ways is closed both ways', async () => {
  const scene = await scenes.with((socket) => void socket.write(accepted), impatient);
  const { client, open } = await openWebsocket(scene);
  await open();
  await client.end();
  await until(() => scene.tool.sockets.size === 0);
  await lineWith(scene, 101);
});

test('without a limit, a silent websocket stays', async () => {
  const scene = await scenes.with((socket) => void socket.write(accepted), {
    mount: { timeouts: { response: '100ms', connect: '100ms' } },
  });
  const { client, open } = await openWebsocket(scene);
  await open();
  const { socket } = await scene.tool.request(0);
  // Longer than every other limit of the mount: none of them is left to cut it.
  await new Promise((resolve) => setTimeout(resolve, 250));
  socket.write('still here');
  await client.until('still here');
});
