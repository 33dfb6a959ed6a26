import { requestText, until, useScenes } from './support/scene';
import type { Script } from './support/tool';

const scenes = useScenes();
const size = 100_000_000;
const piece = Buffer.alloc(64 * 1024, 'x');

/** Sends an endless-looking answer as fast as it is taken; `sent` counts what was. */
function firehose(): { script: Script; readonly sent: number } {
  let sent = 0;
  return {
    script: (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const more = () => {
        if (socket.destroyed || sent >= size) return;
        const next = sent + piece.length > size ? piece.subarray(0, size - sent) : piece;
        sent += next.length;
        socket.write(next, more);
      };
      more();
    },
    get sent() {
      return sent;
    },
  };
}

/** Resolves with the count once it has stopped growing. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return count();
}

test.each([
  ['over TLS', true],
  ['in plain HTTP', false],
])('a client that stops reading %s stops the tool, and costs no memory', async (_, tls) => {
  const hose = firehose();
  const scene = await scenes.with(hose.script);
  const client = await scene.client(tls);
  let received = 0;
  client.socket.removeAllListeners('data');
  client.socket.pause();
  client.write(requestText('/tool/'));
  await scene.tool.request(0);
  const held = await settled(() => hose.sent);
  // What the two kernels' socket buffers take, and no more: far from all of it.
  expect(held).toBeLessThan(size / 4);

  client.socket.on('data', (bytes: Buffer) => (received += bytes.length));
  client.socket.resume();
  await until(() => received > size);
  expect(hose.sent).toBe(size);
});

test('one that stops reading and leaves lets the tool go', async () => {
  const hose = firehose();
  const scene = await scenes.with(hose.script);
  const client = await scene.client(false);
  client.socket.pause();
  client.write(requestText('/tool/'));
  await settled(() => hose.sent);
  client.socket.resetAndDestroy();
  await until(() => scene.tool.sockets.size === 0);
});

test('an idle limit counts the tool’s silence, not that of a client that does not read', async () => {
  const hose = firehose();
  const scene = await scenes.with(hose.script, { mount: { timeouts: { idle: '100ms' } } });
  const client = await scene.client(false);
  client.socket.removeAllListeners('data');
  client.socket.pause();
  client.write(requestText('/tool/'));
  await settled(() => hose.sent);
  let received = 0;
  client.socket.on('data', (bytes: Buffer) => (received += bytes.length));
  client.socket.resume();
  await until(() => received > size || client.closed);
  expect(received).toBeGreaterThan(size);
});

test('a tool that stops reading stops the client’s upload', async () => {
  const scene = await scenes.with((socket) => void socket.pause());
  const client = await scene.client(false);
  client.write(requestText('/tool/', { method: 'POST', fields: [`Content-Length: ${size}`] }));
  const { socket: tool } = await scene.tool.request(0);
  let sent = 0;
  const more = () => {
    if (client.closed || sent >= size) return;
    const next = sent + piece.length > size ? piece.subarray(0, size - sent) : piece;
    sent += next.length;
    client.socket.write(next, more);
  };
  more();
  expect(await settled(() => sent)).toBeLessThan(size / 4);

  let read = 0;
  tool.on('data', (bytes: Buffer) => {
    read += bytes.length;
    if (read === size) tool.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall');
  });
  tool.resume();
  await client.until('all');
});
