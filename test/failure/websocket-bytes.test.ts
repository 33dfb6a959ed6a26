import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { lineWith, until, useScenes } from './support/scene';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();
const size = 32_000_000;
const piece = Buffer.from(Array.from({ length: 64_000 }, (_, i) => i % 251));

/** Writes `size` bytes as fast as they are taken; resolves when the last was. */
async function pour(socket: Socket): Promise<void> {
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!socket.write(piece)) await once(socket, 'drain');
  }
}

/** Resolves with the digest of the next `size` bytes. */
function drink(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  return new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      hash.update(bytes);
      received += bytes.length;
      if (received === size) resolve(hash.digest('hex'));
    });
  });
}

const digest = () => {
  const hash = createHash('sha256');
  for (let i = 0; i < size; i += piece.length) hash.update(piece);
  return hash.digest('hex');
};

describe.each([
  ['over TLS', true],
  ['in plain HTTP', false],
])('%s', (_, tls) => {
  test('what a client sends right behind its handshake arrives once the tool has accepted', async () => {
    let received = '';
    const scene = await scenes.with((socket, { rest }) => {
      received = rest;
      socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
    });
    const { client, open } = await openWebsocket(scene, { tls, early: 'early ' });
    const { socket } = await scene.tool.request(0);
    client.write('and later');
    expect(received).toBe('');
    socket.write(accepted);
    await open();
    await until(() => received === 'early and later');
  });

  test('what a tool sends right behind its 101 arrives', async () => {
    const scene = await scenes.with((socket) => void socket.write(`${accepted}welcome`));
    const { client } = await openWebsocket(scene, { tls });
    const text = await client.until('welcome');
    expect(text).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nwelcome$/);
  });

  test('much data passes both ways at once, whole', async () => {
    const scene = await scenes.with((socket) => void socket.write(accepted));
    const { client, open } = await openWebsocket(scene, { tls });
    await open();
    const { socket } = await scene.tool.request(0);
    client.socket.removeAllListeners('data');
    socket.removeAllListeners('data');
    const arrived = Promise.all([drink(client.socket), drink(socket)]);
    await Promise.all([pour(client.socket), pour(socket)]);
    expect(await arrived).toEqual([digest(), digest()]);
    client.destroy();
    expect((await lineWith(scene, 101))['bytes']).toBe(size);
  });
});

test.each(['client', 'tool'] as const)('a %s that stops reading holds the other side back', async (who) => {
  const scene = await scenes.with((socket) => void socket.write(accepted));
  const { client, open } = await openWebsocket(scene, { tls: false });
  await open();
  const tool = (await scene.tool.request(0)).socket;
  const [reader, writer] = who === 'client' ? [client.socket, tool] : [tool, client.socket];
  reader.removeAllListeners('data');
  reader.pause();
  const poured = pour(writer);
  const taken = () => writer.bytesWritten - writer.writableLength;
  for (let before = -1; before !== taken();) {
    before = taken();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  expect(taken()).toBeLessThan(size / 2);
  const arrived = drink(reader);
  reader.resume();
  await poured;
  expect(await arrived).toBe(digest());
});

test('a client that floods a tool that has not decided is cut off (RFC 6455 §4.1: it has to wait)', async () => {
  const scene = await scenes.with(() => undefined);
  const { client } = await openWebsocket(scene, { tls: false });
  const tool = (await scene.tool.request(0)).socket;
  const closed = once(tool, 'close');
  client.write(Buffer.alloc(200_000));
  await client.end();
  await closed;
  expect(await lineWith(scene, 499)).toMatchObject({ mount: '/tool' });
});
