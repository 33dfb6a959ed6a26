import type { ServerResponse } from 'node:http';
import { startGateway, type TestGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import { httpUpstream, type Upstream } from '../../support/upstreams';

let tool: Upstream;
let gateway: TestGateway;
let client: RawClient;
/** Called with the tool's answer to a request that has arrived. */
let arrived: (res: ServerResponse) => void;

beforeAll(async () => {
  tool = await httpUpstream((_req, res) => arrived(res));
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
beforeEach(async () => (client = await RawClient.connect(gateway.httpsPort)));
afterEach(() => client.destroy());
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

/** Sends a request; resolves with the tool's answer to it, of which nothing has been sent. */
const send = (request: string) => {
  const answer = new Promise<ServerResponse>((resolve) => (arrived = resolve));
  client.write(request);
  return answer;
};
const ask = () => send('GET /tool/events HTTP/1.1\r\nHost: tools.example\r\nAccept: text/event-stream\r\n\r\n');

test('server-sent events arrive one by one: each is seen before the next is sent', async () => {
  const res = await ask();
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (let i = 1; i <= 20; i++) {
    res.write(`id: ${i}\ndata: event ${i}\n\n`);
    const seen = await client.until(`data: event ${i}\n\n`);
    expect(seen).not.toContain(`event ${i + 1}\n`);
  }
});

test('a head whose body is yet to come arrives at once', async () => {
  const res = await ask();
  res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
});

test('a head with a length, whose body is yet to come, arrives at once', async () => {
  const res = await ask();
  res.writeHead(200, { 'Content-Length': '4' }).flushHeaders();
  expect(await client.until('\r\n\r\n')).toMatch(/\r\nContent-Length: 4\r\n[^]*\r\n\r\n$/);
  res.end('late');
  await client.until(/\r\n\r\nlate$/);
});

test('a chunked answer arrives chunk by chunk, as it was sent', async () => {
  const res = await ask();
  res.write('first');
  await client.until('\r\n\r\n5\r\nfirst\r\n');
  res.write('the second');
  await client.until('5\r\nfirst\r\na\r\nthe second\r\n');
  res.end();
  expect(await client.until('\r\n0\r\n\r\n')).toMatch(/\r\nTransfer-Encoding: chunked\r\n/i);
});

test('an upload arrives as it is sent, and the answer may begin before its end', async () => {
  const res = await send('POST /tool/ HTTP/1.1\r\nHost: tools.example\r\nTransfer-Encoding: chunked\r\n\r\n');
  const { req } = res;
  for (const part of ['one', 'two', 'six']) {
    client.write(`3\r\n${part}\r\n`);
    const bytes = await new Promise<Buffer>((resolve) => req.once('data', resolve));
    res.write(`got ${bytes.toString()};`);
    await client.until(`got ${part};`);
  }
  client.write('0\r\n\r\n');
  req.once('end', () => res.end());
  await client.until('\r\n0\r\n\r\n');
});

test('an event stream that the client leaves is ended at the tool at once', async () => {
  const res = await ask();
  const closed = new Promise<void>((resolve) => res.once('close', () => resolve()));
  res.write('data: 1\n\n');
  await client.until('data: 1');
  client.destroy();
  await closed;
  expect(res.writableFinished).toBe(false);
});

test('an upload that the client breaks off is broken off at the tool at once', async () => {
  const { req } = await send('POST /tool/ HTTP/1.1\r\nHost: tools.example\r\nContent-Length: 100\r\n\r\npart');
  const aborted = new Promise<Error>((resolve) => req.once('error', resolve));
  await new Promise((resolve) => req.once('data', resolve));
  client.destroy();
  await aborted;
  expect(req.complete).toBe(false);
});
