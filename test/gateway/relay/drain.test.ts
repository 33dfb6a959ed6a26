import { once } from 'node:events';
import { startGateway, type TestGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import { httpUpstream, type Upstream } from '../../support/upstreams';

let gateway: TestGateway;
let tool: Upstream;
afterEach(async () => {
  await gateway.stop();
  await tool.close();
});

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: tools.example\r\n\r\n`;

async function startWith(answer: Parameters<typeof httpUpstream>[0]): Promise<RawClient> {
  tool = await httpUpstream(answer);
  gateway = await startGateway({
    drain: { timeout: '20s' },
    listen: { keepAlive: '60s', http: { mode: 'serve' } },
    mounts: [{ path: '/tool', target: tool.url }],
  });
  return RawClient.connect(gateway.httpPort, false);
}

const cutOff = () => gateway.lines.filter(({ msg }) => /Cut off/.test(String(msg)));

test('an idle connection is closed at once', async () => {
  const client = await startWith((_, res) => res.end('ok'));
  await client.write(get('/tool/')).until('\r\n\r\nok');
  await gateway.stop();
  await client.end();
  expect(cutOff()).toEqual([]);
});

test('a request whose answer has not begun gets it, as the last one', async () => {
  let answer = (): void => undefined;
  const client = await startWith((_, res) => {
    answer = () => res.end('ok');
  });
  const asked = once((tool as Upstream & { server: NodeJS.EventEmitter }).server, 'request');
  client.write(get('/tool/'));
  await asked;
  const stopped = gateway.stop();
  answer();
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*ok$/);
  await stopped;
  expect(cutOff()).toEqual([]);
});

test('a request whose answer has begun gets all of it, and its connection is closed then', async () => {
  let finish = (): void => undefined;
  const client = await startWith((_, res) => {
    res.writeHead(200, { 'Content-Length': 8 });
    res.write('half');
    finish = () => res.end('rest');
  });
  await client.write(get('/tool/')).until('half');
  const stopped = gateway.stop();
  finish();
  expect(await client.end()).toMatch(/halfrest$/);
  await stopped;
  expect(cutOff()).toEqual([]);
});

test('answers that have not been read yet are not lost', async () => {
  const size = 4_000;
  let asked = 0;
  const client = await startWith((_, res) => {
    asked++;
    res.end(Buffer.alloc(size, 'x'));
  });
  client.destroy();
  const askWithoutReading = async (count: number) => {
    const reader = await RawClient.connect(gateway.httpPort, false);
    reader.socket.pause();
    reader.write(get('/tool/').repeat(count));
    for (let before = -1; before !== asked; await new Promise((resolve) => setTimeout(resolve, 300))) before = asked;
    return reader;
  };
  // As many as go in before the gateway waits for the client; then a few less.
  const stuck = await askWithoutReading(5_000);
  expect(asked).toBeLessThan(5_000);
  stuck.destroy();
  const most = asked - 2;
  asked = 0;
  const reader = await askWithoutReading(most);
  expect(asked).toBe(most);
  const stopped = gateway.stop();
  reader.socket.resume();
  const text = await reader.end();
  await stopped;
  expect(text.split('HTTP/1.1 200 OK').length - 1).toBe(most);
  expect(text.endsWith('x'.repeat(size))).toBe(true);
});
