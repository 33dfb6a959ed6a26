import type { RawClient } from '../support/raw-client';
import { lineWith, useScenes } from './support/scene';

const scenes = useScenes();
const request = 'GET /tool/ HTTP/1.0\r\n\r\n';

/** Resolves with how the connection ended: `end` is the tool's own, orderly end. */
function ending({ socket }: RawClient): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
    socket.once('end', () => resolve('end'));
  });
}

describe.each([
  ['over TLS', true],
  ['in plain HTTP', false],
])('HTTP/1.0 %s, where the end of the connection is the end of the body', (_, tls) => {
  test('an answer that is whole ends with the connection', async () => {
    const scene = await scenes.with((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n');
    });
    const client = await scene.client(tls);
    const ended = ending(client);
    const text = await client.write(request).end();
    expect([await ended, text.endsWith('\r\n\r\nall')]).toEqual(['end', true]);
  });

  test('one that breaks off ends with a reset', async () => {
    const scene = await scenes.with((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    });
    const client = await scene.client(tls);
    const ended = ending(client);
    await client.write(request).until('half');
    (await scene.tool.request(0)).socket.destroy();
    expect(await ended).toBe('ECONNRESET');
    expect(await lineWith(scene, 200)).toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });
});
