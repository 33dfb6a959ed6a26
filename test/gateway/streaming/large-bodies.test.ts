import { once } from 'node:events';
import type { Socket } from 'node:net';
import { startGatewayProcess, type GatewayProcess } from '../../support/gateway-process';
import { RawClient } from '../../support/raw-client';
import { rawUpstream, readUntil, type Upstream } from '../../support/upstreams';

const size = 1024 ** 3;
const limit = 200 * 1024 ** 2;
const block = Buffer.alloc(256 * 1024, 'x');

let tool: Upstream;
let gateway: GatewayProcess;
/** Bytes of the body that the tool has received. */
let uploaded = 0;

beforeAll(async () => {
  tool = await rawUpstream((socket) => void serve(socket));
  gateway = await startGatewayProcess({
    mounts: [{ name: 'Tool', path: '/tool', target: tool.url, limits: { body: 'off' } }],
  });
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

async function serve(socket: Socket): Promise<void> {
  const head = await readUntil(socket);
  if (head.startsWith('GET ')) {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`);
    await pour(socket);
    return;
  }
  uploaded = head.length - head.indexOf('\r\n\r\n') - 4;
  const answer = () => {
    if (uploaded === size) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  };
  socket.on('data', (bytes: Buffer) => {
    uploaded += bytes.length;
    answer();
  });
}

async function pour(socket: Socket): Promise<void> {
  for (let left = size; left > 0; left -= block.length) {
    if (!socket.write(block)) await once(socket, 'drain');
  }
}

test('a download of 1 GB passes with flat memory', async () => {
  const { socket } = await RawClient.connect(gateway.httpsPort);
  socket.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n');
  // The client that collects what it gets would collect 1 GB.
  socket.removeAllListeners('data');
  let received = 0;
  let head = '';
  socket.on('data', (bytes: Buffer) => {
    if (head === '') head = bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4).toString('latin1');
    received += bytes.length;
  });
  await once(socket, 'close');
  expect(head).toContain(`Content-Length: ${size}\r\n`);
  expect(received - head.length).toBe(size);
  expect((await gateway.resources()).peakMemory).toBeLessThan(limit);
}, 60_000);

test('an upload of 1 GB passes with flat memory', async () => {
  const client = await RawClient.connect(gateway.httpsPort);
  client.write(`POST /tool/ HTTP/1.1\r\nHost: tools.example\r\nContent-Length: ${size}\r\n\r\n`);
  await pour(client.socket);
  await client.until(/\r\n\r\nok$/);
  client.destroy();
  expect(uploaded).toBe(size);
  expect((await gateway.resources()).peakMemory).toBeLessThan(limit);
}, 60_000);
