import { accepted, handshakeText } from '../../failure/support/websocket';
import { requestText, useScenes } from '../../failure/support/scene';
import { echoPath, type Script } from '../../failure/support/tool';

const scenes = useScenes('relay');

const answers: Script = (socket, request) => {
  if (/^upgrade:/im.test(request.head)) {
    socket.write(accepted);
    socket.on('data', (bytes: Buffer) => socket.write(bytes));
  } else echoPath(socket, request);
};

const count = 150;
const targets = Array.from({ length: count }, (_, index) => `/page${index}.`);

test.each([true, false])('150 requests in one piece are answered in order (TLS: %s)', async (tls) => {
  const scene = await scenes.with(answers);
  const client = await scene.client(tls);
  const bodies = ['', 'b', 'body'];
  client.write(
    targets
      .map((target, index) => {
        const body = bodies[index % bodies.length] ?? '';
        const fields = [`Content-Length: ${body.length}`];
        return requestText(`/tool${target}`, { method: body ? 'POST' : 'GET', fields: body ? fields : [], body });
      })
      .join(''),
  );
  await client.until(targets.at(-1) ?? '');
  expect(client.text.match(/\/page\d+\./g)).toEqual(targets);
  expect(scene.tool.requests.map(({ path }) => path)).toEqual(targets);
  expect(scene.tool.connections).toBe(1);
});

test('a websocket behind them opens after their answers, with what was sent early', async () => {
  const scene = await scenes.with(answers);
  const client = await scene.client();
  client.write(`${targets.map((target) => requestText(`/tool${target}`)).join('')}${handshakeText()}early`);
  await client.until(/HTTP\/1\.1 101 [^]*\r\n\r\nearly$/);
  const [before = ''] = client.text.split('HTTP/1.1 101 ');
  expect(before.match(/\/page\d+\./g)).toEqual(targets);
  client.write(' and late');
  await client.until('early and late');
  await scene.gateway.line(({ path }) => path === `/tool${targets.at(-1)}`);
});

test('a connection goes on after a failure page', async () => {
  const scene = await scenes.with((socket, request) => {
    if (request.path === '/fails') socket.destroy();
    else echoPath(socket, request);
  });
  const client = await scene.client();
  client.write(requestText('/tool/one.') + requestText('/tool/fails') + requestText('/tool/two.'));
  await client.until('/two.');
  expect(client.text.match(/HTTP\/1\.1 \d+|\/(?:one|two)\./g)).toEqual([
    'HTTP/1.1 200',
    '/one.',
    'HTTP/1.1 502',
    'HTTP/1.1 200',
    '/two.',
  ]);
});
