import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { ParsedConnection } from '../../../src/listener/parsed-connection';

let server: net.Server;
const parsers: http.Server[] = [];
let underWay = 0;
let mostUnderWay = 0;

/** Answers each request with its line and its body, some turns of the event loop later. */
function serve(socket: Socket): void {
  const parser = http.createServer();
  parsers.push(parser);
  const connection = new ParsedConnection(socket, {
    attach: () => void parser.emit('connection', socket),
    past: { begun: 0, headLeft: 10_000 },
    first: Buffer.alloc(0),
    maxHead: 16_384,
    headTimeout: 10_000,
    refused: () => socket.destroy(),
  });
  socket.on('error', () => undefined);
  parser.on('request', (req, res) => {
    expect(connection.begin(req, res)).toBe(true);
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    let body = '';
    req.on('data', (bytes: Buffer) => (body += bytes.toString('latin1')));
    req.on('end', () =>
      setImmediate(() => {
        underWay--;
        res.end(`[${req.method} ${req.url} ${body}]`);
      }),
    );
  });
}

beforeAll(async () => {
  server = net.createServer({ noDelay: true }, serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const parser of parsers) parser.close();
  server.close();
});

const messages: readonly (readonly [bytes: string, answer: string])[] = [
  ['GET /1 HTTP/1.1\r\nHost: a\r\n\r\n', '[GET /1 ]'],
  ['POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n', '[POST /2 \r\n\r\n]'],
  [
    '\r\n\r\nPUT /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n',
    '[PUT /3 abc]',
  ],
  ['DELETE /4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', '[DELETE /4 ]'],
  ['GET /5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '[GET /5 ]'],
];

test.each([1, 2, 3, 5, 17, 10_000])('requests are read one at a time, in pieces of %d bytes', async (step) => {
  mostUnderWay = 0;
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  let text = '';
  client.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  await once(client, 'connect');
  const bytes = messages.map(([each]) => each).join('');
  for (let at = 0; at < bytes.length; at += step) {
    client.write(bytes.slice(at, at + step), 'latin1');
    await new Promise((next) => setImmediate(next));
  }
  await once(client, 'close');
  expect(text.match(/\[[^\]]*\]/g)).toEqual(messages.map(([, answer]) => answer));
  expect(mostUnderWay).toBe(1);
});

test('many requests in one piece take no more than their share of time', async () => {
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const count = 5_000;
  let text = '';
  client.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  client.write(`${'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count)}${messages[4]?.[0]}`);
  await once(client, 'close');
  expect(text.match(/\[GET \/x \]/g)).toHaveLength(count);
});
