import { readAnswer } from './support/answer';
import { requestText, until, useScenes } from './support/scene';
import { echoPath } from './support/tool';

const scenes = useScenes();
const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large';
const length = 50_000_000;
const upload = { method: 'POST', fields: [`Content-Length: ${length}`] };

test.each([
  ['closes', true],
  ['keeps the connection', false],
])('an answer before the upload is read, by a tool that then %s, reaches the client', async (_, closes) => {
  const scene = await scenes.with((socket, request) => {
    if (request.index > 0) {
      echoPath(socket, request);
      return;
    }
    socket.pause();
    socket.write(tooLarge, () => {
      if (closes) socket.end();
    });
  });
  const client = await scene.client();
  client.write(requestText('/tool/', upload));
  client.write(Buffer.alloc(1_000_000));
  await client.until('too large');
  const answer = readAnswer(client.text);
  expect(answer).toMatchObject({ status: 413, body: 'too large', complete: true });
  client.destroy();
  expect((await scene.ask('/tool/next')).body).toBe('/next');
});

test('a client that goes on sending all of its upload still finds the answer', async () => {
  const scene = await scenes.with((socket) => void socket.end(tooLarge));
  const client = await scene.client();
  client.write(requestText('/tool/', upload));
  const piece = Buffer.alloc(1_000_000);
  for (let sent = 0; sent < length && !client.closed; sent += piece.length) {
    await new Promise((resolve) => client.socket.write(piece, resolve));
  }
  await client.until('too large');
  await until(() => scene.tool.sockets.size === 0);
});

test('a tool that answers while the upload goes on, and reads it all, gets it all', async () => {
  const size = 3_000_000;
  let read = 0;
  const scene = await scenes.with((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n');
    socket.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read === size) socket.write('3\r\nall\r\n0\r\n\r\n');
    });
  });
  const client = await scene.client();
  client.write(requestText('/tool/', { method: 'POST', fields: [`Content-Length: ${size}`] }));
  await client.until('begun');
  client.write(Buffer.alloc(size));
  await client.until('0\r\n\r\n');
  expect(readAnswer(client.text)).toMatchObject({ status: 200, body: 'begunall', complete: true });
});
