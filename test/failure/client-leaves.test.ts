import type { RawClient } from '../support/raw-client';
import { accessLines, lineWith, requestText, until, useScenes } from './support/scene';
import { echoPath, type Script } from './support/tool';

const scenes = useScenes();

const leavings: readonly (readonly [string, boolean, (client: RawClient) => void])[] = [
  ['closes its TLS connection', true, ({ socket }) => socket.destroy()],
  ['ends its TLS connection in order', true, ({ socket }) => socket.end()],
  ['closes its plain connection', false, ({ socket }) => socket.destroy()],
  ['half-closes its plain connection', false, ({ socket }) => socket.end()],
  ['resets its plain connection', false, ({ socket }) => socket.resetAndDestroy()],
];

describe.each(leavings)('when a client %s', (_, tls, leave) => {
  const arrange = async (script: Script, text: string) => {
    const scene = await scenes.with(script);
    const client = await scene.client(tls);
    client.write(text);
    const { socket } = await scene.tool.request(0);
    return {
      scene,
      client,
      tool: socket,
      toolClosed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
    };
  };

  test('before the answer, the tool’s request is aborted at once', async () => {
    const { scene, client, toolClosed } = await arrange(() => undefined, requestText('/tool/'));
    leave(client);
    await toolClosed;
    await client.end();
    expect(await lineWith(scene, 499)).toMatchObject({
      code: 'CLIENT_CLOSED',
      mount: '/tool',
      bytes: 0,
      upstreamMs: null,
    });
    expect(scene.tool.sockets.size).toBe(0);
  });

  test('in the middle of the answer, the tool’s answer is aborted at once', async () => {
    const { scene, client, toolClosed } = await arrange(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
      requestText('/tool/'),
    );
    await client.until('half');
    leave(client);
    await toolClosed;
    expect(await lineWith(scene, 499)).toMatchObject({ code: 'CLIENT_CLOSED', bytes: 4 });
  });

  test('in the middle of a stream, the tool’s stream is aborted at once', async () => {
    const { scene, client, toolClosed } = await arrange((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
      const timer = setInterval(() => socket.write('data: x\n\n'), 5);
      socket.once('close', () => clearInterval(timer));
    }, requestText('/tool/'));
    await client.until('data: x');
    leave(client);
    await toolClosed;
    expect(await lineWith(scene, 499)).toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  test.each([
    ['with a length', ['Content-Length: 10'], 'half'],
    ['chunked', ['Transfer-Encoding: chunked'], '4\r\nhalf\r\n'],
  ])('in the middle of its upload %s, the tool sees that it broke off', async (_framing, fields, body) => {
    let received = '';
    const { scene, client, toolClosed } = await arrange(
      (socket, request) => {
        received = request.rest;
        socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
      },
      requestText('/tool/', { method: 'POST', fields, body }),
    );
    await until(() => received.includes('half'));
    leave(client);
    await toolClosed;
    expect(received).not.toContain('0\r\n\r\n');
    await until(() => accessLines(scene.gateway.lines).length === 1);
    expect(accessLines(scene.gateway.lines)).toMatchObject([{ status: 499, mount: '/tool' }]);
  });

  test('in the middle of its head, no tool hears of it', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client(tls);
    client.write('GET /tool/ HTTP/1.1\r\nHost: tools.exa');
    leave(client);
    await client.end();
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect(scene.tool.requests).toHaveLength(1);
  });

  test('with a connection that it kept, nothing is left of it', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client(tls);
    await client.write(requestText('/tool/x')).until('/x');
    leave(client);
    await client.end();
    expect(accessLines(scene.gateway.lines)).toMatchObject([{ status: 200 }]);
  });
});

test('many clients that leave leave no connection behind', async () => {
  const scene = await scenes.with(() => undefined);
  const clients = await Promise.all(Array.from({ length: 100 }, (_, i) => scene.client(i % 2 === 0)));
  for (const client of clients) client.write(requestText('/tool/'));
  await scene.tool.request(clients.length - 1);
  for (const client of clients) client.destroy();
  await until(() => scene.tool.sockets.size === 0);
  await until(() => accessLines(scene.gateway.lines).length === clients.length);
  expect(new Set(accessLines(scene.gateway.lines).map(({ status }) => status))).toEqual(new Set([499]));
});

test('a client that leaves while the tool is still being connected to leaves nothing behind', async () => {
  const scene = await scenes.with(() => undefined);
  for (let i = 0; i < 20; i++) {
    const client = await scene.client(false);
    client.write(requestText('/tool/')).socket.write('', () => client.destroy());
    await client.end();
  }
  await until(() => scene.tool.sockets.size === 0);
});
