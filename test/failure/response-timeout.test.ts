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

const uploads: readonly (readonly [string, string, readonly string[]])[] = [
  ['with a length', 'Content-Length: 10', ['half.', 'whole']],
  ['in chunks', 'Transfer-Encoding: chunked', ['5\r\nhalf.\r\n', '5\r\nwhole\r\n0\r\n\r\n']],
];
const wholeUpload = /half\.(?:\r\n5\r\n)?whole/;

describe.each(uploads)('an upload %s', (_, field, [half = '', rest = '']) => {
  const head = requestText('/tool/', { method: 'POST', fields: [field] });

  // nginx counts proxy_read_timeout from the end of the request as well.
  test('may pause for longer than the tool has for its answer', async () => {
    const scene = await scenes.with((socket, { rest: first }) => {
      let body = first;
      const look = () => {
        if (wholeUpload.test(body)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      };
      socket.on('data', (bytes: Buffer) => {
        body += bytes.toString('latin1');
        look();
      });
    }, impatient);
    const client = await scene.client();
    client.write(head + half);
    await scene.tool.request(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(client.text).toBe('');
    client.write(rest);
    await client.until(/^HTTP\/1\.1 200 OK\r\n[^]*ok$/);
  });

  test('that is whole leaves the tool so much time and no more', async () => {
    const scene = await scenes.with(silence, impatient);
    const client = await scene.client();
    client.write(head + half);
    await scene.tool.request(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.write(rest);
    await client.until('"code": "UPSTREAM_RESPONSE_TIMEOUT"');
  });

  test('that stops is a 408 by the limit for that, not the tool’s fault', async () => {
    const scene = await scenes.with(silence, { ...impatient, limits: { bodyTimeout: '600ms' } });
    const client = await scene.client();
    client.write(head + half);
    await client.until('"code": "REQUEST_TIMEOUT"');
    await until(() => scene.tool.sockets.size === 0);
  });

  test('that the tool does not take is a 504', async () => {
    const scene = await scenes.with((socket) => void socket.pause(), impatient);
    const client = await scene.client();
    const chunk = 'x'.repeat(1_000_000);
    client.write(head.replace('Length: 10', 'Length: 99000000'));
    for (let i = 0; i < 20; i++) client.write(field.startsWith('Content') ? chunk : `f4240\r\n${chunk}\r\n`);
    await client.until('"code": "UPSTREAM_RESPONSE_TIMEOUT"');
  });
});
