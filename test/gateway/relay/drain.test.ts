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
