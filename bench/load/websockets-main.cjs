/**
 * Both ends of websockets, in one process, so that one turn of its loop serves many messages: the tool, which echoes
 * what comes, and the clients, each of which sends a message and waits for its echo before it sends the next.
 */
const { createHash, randomBytes } = require('node:crypto');
const net = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');
const { answer } = require('./client-process.cjs');
const { connect, requestHead } = require('./connect.cjs');

const payload = Buffer.from('0123456789abcdef'.repeat(4));

/** RFC 6455 §5.2: a final text frame of less than 126 bytes; a client's is masked, a server's is not. */
const opening = 0x81;
const mask = randomBytes(4);
const fromClient = Buffer.concat([
  Buffer.from([opening, 0x80 | payload.length]),
  mask,
  payload.map((byte, i) => byte ^ mask[i % 4]),
]);
const fromServer = Buffer.concat([Buffer.from([opening, payload.length]), payload]);

const clients = [];
let echoes = 0;
let sending = false;
let broken = null;

answer({
  /** @returns the tool's port */
  listen: () =>
    new Promise((resolve) => {
      const server = net.createServer({ noDelay: true }, echo);
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => resolve(server.address().port));
    }),

  /** Opens so many websockets, a few at a time. */
  async open({ port, secure, path, count }) {
    let left = count;
    const opener = async () => {
      while (left-- > 0) clients.push(await openOne(port, secure, path));
    };
    await Promise.all(Array.from({ length: 16 }, opener));
  },

  /** @returns how many echoes came, and in how many seconds */
  async run({ seconds }) {
    const begun = process.hrtime.bigint();
    const before = echoes;
    sending = true;
    for (const client of clients) client.write(fromClient);
    await pause(seconds * 1_000);
    const count = echoes - before;
    const took = Number(process.hrtime.bigint() - begun) / 1e9;
    sending = false;
    if (broken) throw broken;
    return { count, seconds: took };
  },

  /** Closes all, and starts anew. @throws what went wrong with one of them */
  async close() {
    const gone = clients.splice(0).map((client) => new Promise((resolve) => client.once('close', resolve).destroy()));
    const error = broken;
    broken = null;
    await Promise.all(gone);
    if (error) throw error;
  },
});

function echo(socket) {
  socket.on('error', () => {});
  socket.once('data', (head) => {
    const key = /^sec-websocket-key: (\S+)/im.exec(head.toString('latin1'))?.[1] ?? '';
    // RFC 6455 §4.2.2.
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    socket.write(['HTTP/1.1 101 Switching Protocols', ...fields, '', ''].join('\r\n'));
    let rest = null;
    socket.on('data', (bytes) => {
      rest = answerFrames(socket, rest === null ? bytes : Buffer.concat([rest, bytes]));
    });
  });
}

/** Writes all whole frames of `bytes` back, unmasked in their place. @returns what is left, or null */
function answerFrames(socket, bytes) {
  let at = 0;
  const frames = [];
  while (bytes.length - at >= 2) {
    const length = bytes[at + 1] & 0x7f;
    if (bytes.length - at < 6 + length) break;
    const key = [bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5]];
    const frame = bytes.subarray(at + 4, at + 6 + length);
    frame[0] = bytes[at];
    frame[1] = length;
    for (let i = 0; i < length; i++) frame[2 + i] ^= key[i & 3];
    frames.push(frame);
    at += 6 + length;
  }
  if (frames.length > 0) socket.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
  return at === bytes.length ? null : bytes.subarray(at);
}

async function openOne(port, secure, path) {
  const client = await connect({ port, secure });
  const fields = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  client.write(requestHead(path, port, { ...fields, 'Sec-WebSocket-Key': randomBytes(16).toString('base64') }));
  const failed = (error) => (broken ??= error);
  client.on('error', failed);
  await new Promise((resolve, reject) => {
    client.once('close', () => reject(new Error('a websocket was refused')));
    client.once('data', (head) => {
      if (head.toString('latin1', 0, 12) === 'HTTP/1.1 101') resolve();
      else reject(new Error(`a websocket was refused: ${head}`));
    });
  });
  client.removeAllListeners('close');
  let received = 0;
  let checked = false;
  client.on('data', (bytes) => {
    if (!checked) {
      checked = true;
      if (!fromServer.subarray(0, bytes.length).equals(bytes)) failed(new Error('an echo is not what was sent'));
    }
    received += bytes.length;
    if (received < fromServer.length) return;
    received -= fromServer.length;
    echoes++;
    if (sending) client.write(fromClient);
  });
  return client;
}
