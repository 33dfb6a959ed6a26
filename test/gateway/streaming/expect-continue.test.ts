import type { Socket } from 'node:net';
import { startGateway, type TestGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import { rawUpstream, readUntil, type Upstream } from '../../support/upstreams';

let tool: Upstream;
let gateway: TestGateway;
let client: RawClient;
let connected: (socket: Socket) => void;

beforeAll(async () => {
  tool = await rawUpstream((socket) => connected(socket));
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
beforeEach(async () => (client = await RawClient.connect(gateway.httpsPort)));
afterEach(() => client.destroy());
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

const post = (version: string, ...fields: string[]) =>
  `${['POST /tool/x HTTP/' + version, 'Host: tools.example', 'Content-Length: 5', ...fields].join('\r\n')}\r\n\r\n`;
const expecting = 'Expect: 100-continue';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
const wait = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Sends a head; resolves with the tool's connection and what it got, up to the end of a head unless told. */
async function send(head: string, end?: string): Promise<{ socket: Socket; head: string }> {
  const arrives = new Promise<Socket>((resolve) => (connected = resolve));
  client.write(head);
  const socket = await arrives;
  return { socket, head: await readUntil(socket, end) };
}

test('the 100 is the tool’s: it comes when the tool says it, and the body goes after it', async () => {
  const { socket, head } = await send(post('1.1', expecting));
  expect(head).toContain(`\r\n${expecting}\r\n`);
  expect(client.text).toBe('');
  socket.write(wait);
  await client.until(wait);
  const body = readUntil(socket, 'hello');
  client.write('hello');
  expect(await body).toBe('hello');
  socket.write(ok);
  expect(await client.until(/\r\n\r\nok$/)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test.each([
  [417, 'Expectation Failed'],
  [413, 'Content Too Large'],
  [401, 'Unauthorized'],
])('a refusal, %i, arrives without the body being asked for', async (status, reason) => {
  const { socket } = await send(post('1.1', expecting));
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno`);
  const answer = await client.until(/\r\n\r\nno$/);
  expect(answer.startsWith(`HTTP/1.1 ${status} ${reason}\r\n`)).toBe(true);
  expect(answer).not.toContain('100 Continue');
});

test('a tool that never says 100 gets the body after a second of patience', async () => {
  const { socket } = await send(post('1.1', expecting));
  const start = performance.now();
  await client.until(wait);
  expect(performance.now() - start).toBeGreaterThan(800);
  const body = readUntil(socket, 'hello');
  client.write('hello');
  await body;
  socket.write(ok);
  await client.until(/\r\n\r\nok$/);
});

test('a client that does not wait is not told to, and its body arrives once', async () => {
  const { socket, head } = await send(post('1.1', expecting) + 'hello', 'hello');
  expect(head).toMatch(/\r\n\r\nhello$/);
  socket.write(wait + ok);
  expect((await client.until(/\r\n\r\nok$/)).match(/ 200 OK/g)).toHaveLength(1);
});

test('an HTTP/1.0 client never sees a 100, and the tool is not asked for one', async () => {
  const { socket, head } = await send(post('1.0', expecting) + 'hello');
  expect(head).not.toMatch(/^expect:/im);
  socket.write(wait + ok);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
});

test('a client that did not ask for a 100 does not get one', async () => {
  const { socket } = await send(post('1.1') + 'hello');
  socket.write(wait + ok);
  expect(await client.until(/\r\n\r\nok$/)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test('another expectation is not passed on as one', async () => {
  const { socket, head } = await send(post('1.1', 'Expect: the-impossible') + 'hello');
  expect(head).not.toMatch(/^expect:/im);
  socket.write(ok);
  await client.until(/\r\n\r\nok$/);
});
