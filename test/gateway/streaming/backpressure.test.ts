import { once } from 'node:events';
import type { Socket } from 'node:net';
import { startGateway, type TestGateway } from '../../support/gateway';
import { exchangeRaw, RawClient } from '../../support/raw-client';
import { rawUpstream, readUntil, type Upstream } from '../../support/upstreams';

const size = 128 * 1024 ** 2;
/** What the kernel's and Node's buffers on the way may hold; a gateway without backpressure would take it all. */
const held = 32 * 1024 ** 2;
const block = Buffer.alloc(256 * 1024, 'x');

let tool: Upstream;
let gateway: TestGateway;
/** Called with the tool's connection for `/large`. */
let arrived: (socket: Socket) => void;

beforeAll(async () => {
  tool = await rawUpstream((socket) => {
    void readUntil(socket).then((head) => {
      socket.pause();
      if (head.includes(' /large ')) arrived(socket);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
  });
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

/** Writes it all, waiting whenever the other side does not take more. Its end is not to be waited for. */
async function pour(socket: Socket): Promise<void> {
  for (let left = size; left > 0 && !socket.destroyed; left -= block.length) {
    if (!socket.write(block)) await once(socket, 'drain');
  }
}

/** Bytes that have left this process. */
const sent = (socket: Socket) => socket.bytesWritten - socket.writableLength;

/** Other exchanges through the same gateway: time enough to move the whole body, were nothing to stop it. */
async function meanwhile(): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await exchangeRaw(gateway.httpsPort, 'GET /tool/x HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n');
  }
}

test('a client that stops reading stops the tool, and gets the rest when it reads on', async () => {
  const { socket } = await RawClient.connect(gateway.httpsPort);
  socket.removeAllListeners('data');
  socket.pause();
  const large = new Promise<Socket>((resolve) => (arrived = resolve));
  socket.write('GET /tool/large HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n');
  const upstream = await large;
  upstream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`);
  void pour(upstream);
  await meanwhile();
  expect(sent(upstream)).toBeGreaterThan(0);
  expect(sent(upstream)).toBeLessThan(held);

  let received = 0;
  socket.on('data', (bytes: Buffer) => (received += bytes.length));
  socket.resume();
  await once(socket, 'close');
  expect(received).toBeGreaterThan(size);
});

test('a tool that stops reading stops the client, and gets the rest when it reads on', async () => {
  const client = await RawClient.connect(gateway.httpsPort);
  const { socket } = client;
  const large = new Promise<Socket>((resolve) => (arrived = resolve));
  socket.write(`POST /tool/large HTTP/1.1\r\nHost: tools.example\r\nContent-Length: ${size}\r\n\r\n`);
  const upstream = await large;
  void pour(socket);
  await meanwhile();
  expect(sent(client.tcp)).toBeGreaterThan(0);
  expect(sent(client.tcp)).toBeLessThan(held);

  upstream.on('data', () => {
    if (upstream.bytesRead > size) upstream.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  upstream.resume();
  await client.until('HTTP/1.1 200 OK');
  client.destroy();
  expect(upstream.bytesRead).toBeGreaterThan(size);
});
