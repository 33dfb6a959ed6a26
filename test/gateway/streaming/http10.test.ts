import { startGateway, type TestGateway } from '../../support/gateway';
import { exchangeRaw, RawClient } from '../../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';

let tool: RecordingUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  tool = await recordingUpstream((req, res) => {
    if (req.url === '/chunked') {
      res.write('one,');
      res.write('two,');
      res.end('three');
    } else {
      res.writeHead(200, { 'Content-Length': '5' }).end('whole');
    }
  });
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
beforeEach(() => (tool.requests.length = 0));
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

const ask = (request: string) => exchangeRaw(gateway.httpsPort, request);

test('a chunked answer goes to an HTTP/1.0 client without chunks, ended by the end of the connection', async () => {
  const answer = await ask('GET /tool/chunked HTTP/1.0\r\nHost: tools.example\r\n\r\n');
  expect(answer).toMatch(/\r\n\r\none,two,three$/);
  expect(answer).not.toMatch(/transfer-encoding/i);
});

test('so it does when the client would keep the connection', async () => {
  const answer = await ask('GET /tool/chunked HTTP/1.0\r\nHost: tools.example\r\nConnection: keep-alive\r\n\r\n');
  expect(answer).toMatch(/\r\n\r\none,two,three$/);
  expect(answer).not.toMatch(/transfer-encoding|connection: keep-alive/i);
});

test('the connection is closed after an answer with a length', async () => {
  expect(await ask('GET /tool/x HTTP/1.0\r\nHost: tools.example\r\n\r\n')).toMatch(
    /\r\nContent-Length: 5\r\n[^]*\r\n\r\nwhole$/,
  );
});

test('it is kept for a client that asks for that, and the client is told', async () => {
  const client = await RawClient.connect(gateway.httpsPort);
  const request = 'GET /tool/x HTTP/1.0\r\nHost: tools.example\r\nConnection: keep-alive\r\n\r\n';
  expect(await client.write(request).until(/\r\n\r\nwhole$/)).toMatch(/\r\nConnection: keep-alive\r\n/i);
  expect((await client.write(request).until(/whole[^]*\r\n\r\nwhole$/)).match(/200 OK/g)).toHaveLength(2);
  client.destroy();
});

test('a client need not say whom it asks: the tool is told the address that it reached', async () => {
  expect(await ask('GET /tool/x HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*whole$/);
  expect(tool.requests[0]?.headers.host).toBe(`127.0.0.1:${gateway.httpsPort}`);
});

test('the tool is spoken to in HTTP/1.1, and a body arrives with its length', async () => {
  await ask('POST /tool/x HTTP/1.0\r\nHost: tools.example\r\nContent-Length: 5\r\n\r\nhello');
  expect(
    tool.requests.map(({ body, headers }) => [body.toString(), headers['content-length'], headers.connection]),
  ).toEqual([['hello', '5', 'keep-alive']]);
});

test('Transfer-Encoding, which HTTP/1.0 does not have, is refused', async () => {
  const request =
    'POST /tool/x HTTP/1.0\r\nHost: tools.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  expect(await ask(request)).toMatch(/^HTTP\/1\.1 400 /);
  expect(tool.requests).toEqual([]);
});
