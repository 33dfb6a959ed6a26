import { connect } from 'node:net';
import { testConfig } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { readAnswer } from './support/answer';
import { expectFailure, lineOf, lineWith, requestText, until, useScenes, type Scene } from './support/scene';
import { echoPath, type Script } from './support/tool';
import { accepted, handshakeText } from './support/websocket';

const scenes = useScenes();

/** Reads nothing of what a client sends but the head, and answers nothing. */
const mute: Script = () => undefined;

describe('a head', () => {
  const limits = { headTimeout: '500ms' };

  test.each([
    ['that stops in the middle', 'GET /tool/ HTTP/1.1\r\nHost: tools.ex'],
    ['that stops in its first line', 'GET /to'],
    ['that the relay does not take', 'POST /tool/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n'],
    ['that stops behind an empty line', '\r\nGET /tool/'],
  ])('%s is a 408 in time', async (_, bytes) => {
    const scene = await scenes.with(echoPath, { limits });
    for (const tls of [true, false]) {
      const client = await scene.client(tls);
      if (bytes !== '') client.write(bytes);
      expect(readAnswer(await client.end())).toMatchObject({ status: 408 });
    }
  });

  // Browsers open connections that they may never use; nginx closes them without a word as well.
  test('that never begins ends its connection without a word, whether or not it brought another before', async () => {
    const scene = await scenes.with(echoPath, { limits, listen: { http: { mode: 'serve' }, keepAlive: '1s' } });
    for (const tls of [true, false]) {
      expect(await (await scene.client(tls)).end()).toBe('');
      for (const before of [requestText('/tool/x'), requestText('/-/up')]) {
        const client = await scene.client(tls);
        expect(await client.write(before).end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n[^\r]*$/);
      }
    }
    expect(scene.gateway.lines.filter((line) => line['way'] === undefined)).toEqual([]);
  });

  test('has its time from its first byte on, also where the connection changes hands in the middle', async () => {
    const scene = await scenes.with(echoPath, { limits: { headTimeout: '2s' } });
    const client = await scene.client();
    const began = performance.now();
    // In so many pieces that another parser goes on with it.
    client.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\n');
    const trickle = setInterval(() => client.write('X-A: b\r\n'), 80);
    scenes.after(() => clearInterval(trickle));
    expect(readAnswer(await client.end())).toMatchObject({ status: 408 });
    expect(performance.now() - began).toBeLessThan(3_500);
  });

  test('that trickles is a 408 in time, whatever it brings', async () => {
    const scene = await scenes.with(echoPath, { limits });
    const client = await scene.client();
    client.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\n');
    const trickle = setInterval(() => client.write('X-A: b\r\n'), 50);
    scenes.after(() => clearInterval(trickle));
    expect(readAnswer(await client.end())).toMatchObject({ status: 408 });
    expect(scene.tool.requests).toEqual([]);
  });

  test('with more fields than may be is a 431, and one with as many is not', async () => {
    const scene = await scenes.with(echoPath, { limits: { fields: 20 } });
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: y`);
    // Host and Connection are fields too.
    expect((await scene.ask('/tool/', { fields: fields(18) })).status).toBe(200);
    await expectFailure(scene, await scene.ask('/tool/', { fields: fields(19) }), 431, 'HEAD_TOO_LARGE');
  });
});

describe('a body', () => {
  test('that stops is a 408, and the tool is let go', async () => {
    const scene = await scenes.with(mute, { limits: { bodyTimeout: '500ms' }, timeouts: { response: 'off' } });
    const client = await scene.client();
    client.write(requestText('/tool/', { method: 'POST', fields: ['Content-Length: 10'], body: 'half' }));
    const { socket } = await scene.tool.request(0);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await expectFailure(scene, readAnswer(await client.end()), 408, 'REQUEST_TIMEOUT');
    await closed;
  });

  test('that stops behind an answer that has begun breaks the answer off', async () => {
    const scene = await scenes.with(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
      { limits: { bodyTimeout: '500ms' } },
    );
    const client = await scene.client();
    client.write(requestText('/tool/', { method: 'POST', fields: ['Content-Length: 10'], body: 'half' }));
    const answer = readAnswer(await client.end());
    expect(answer).toMatchObject({ status: 200, complete: false });
    expect(await lineOf(scene, answer)).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  test('that comes slowly is taken, however long it takes', async () => {
    const scene = await scenes.with(echoBody, { limits: { bodyTimeout: '500ms' } });
    const client = await scene.client();
    client.write(requestText('/tool/', { method: 'POST', fields: ['Content-Length: 8', 'Connection: close'] }));
    for (let sent = 0; sent < 8; sent++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      client.write('x');
    }
    expect(readAnswer(await client.end())).toMatchObject({ status: 200, body: 'xxxxxxxx' });
  });

  describe('that is too large', () => {
    const mount = { limits: { body: '1kb' } };

    test('is a 413 by its length alone, that the tool knows nothing of', async () => {
      const scene = await scenes.with(echoBody, { mount });
      const ask = (size: number, fields: string[] = []) =>
        scene.ask('/tool/', { method: 'POST', fields: [`Content-Length: ${size}`, ...fields], body: 'x'.repeat(size) });
      expect((await ask(1024)).status).toBe(200);
      await expectFailure(scene, await ask(1025), 413, 'BODY_TOO_LARGE');
      await expectFailure(scene, await ask(1_000_000), 413, 'BODY_TOO_LARGE');
      expect(scene.tool.requests.length).toBe(1);
    });

    test('is a 413 instead of the 100 that it waits for', async () => {
      const scene = await scenes.with(echoBody, { mount });
      const client = await scene.client();
      client.write(requestText('/tool/', { method: 'POST', fields: ['Content-Length: 2000', 'Expect: 100-continue'] }));
      await expectFailure(scene, readAnswer(await client.end()), 413, 'BODY_TOO_LARGE');
    });

    test('is a 413 once its chunks are more, and the tool gets no end of it', async () => {
      const scene = await scenes.with(mute, { mount });
      const client = await scene.client();
      client.write(requestText('/tool/', { method: 'POST', fields: ['Transfer-Encoding: chunked'] }));
      const { socket } = await scene.tool.request(0);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      for (let i = 0; i < 3; i++) client.write(`190\r\n${'x'.repeat(0x190)}\r\n`);
      await expectFailure(scene, readAnswer(await client.end()), 413, 'BODY_TOO_LARGE');
      await closed;
    });
  });
});

describe('a client that takes nothing of what waits for it is cut off', () => {
  const limits = { sendTimeout: '500ms' };
  const stall = (client: RawClient) => {
    client.socket.removeAllListeners('data');
    client.socket.pause();
  };
  const cutOff = ({ gateway }: Scene) => gateway.line(({ msg }) => /sendTimeout/.test(String(msg)));

  test.each([
    ['over TLS', true],
    ['in plain HTTP', false],
  ])('an answer %s', async (_, tls) => {
    const scene = await scenes.with(firehose, { limits });
    const client = await scene.client(tls);
    stall(client);
    client.write(requestText('/tool/'));
    const { socket } = await scene.tool.request(0);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await cutOff(scene);
    await closed;
    expect(await lineWith(scene, 499)).toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  test('a websocket', async () => {
    const scene = await scenes.with(
      (socket) => {
        socket.write(accepted);
        pour(socket);
      },
      { limits },
    );
    const client = await scene.client();
    stall(client);
    client.write(handshakeText());
    const { socket } = await scene.tool.request(0);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await cutOff(scene);
    await closed;
  });

  test('one that takes a little every now and then is not', async () => {
    const scene = await scenes.with(firehose, { limits });
    const client = await scene.client(false);
    client.socket.removeAllListeners('data');
    let received = 0;
    let reads = 0;
    client.socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      client.socket.pause();
      reads++;
      setTimeout(() => client.socket.resume(), 5);
    });
    client.write(requestText('/tool/'));
    // Far longer than the limit, and far less than all of it.
    const began = performance.now();
    await until(() => performance.now() - began > 1_500);
    expect(client.closed).toBe(false);
    expect(reads).toBeGreaterThan(10);
    expect(received).toBeLessThan(total);
  });
});

describe('connections', () => {
  test('of one client have a limit, and those of trusted proxies have not', async () => {
    const limits = { connectionsPerClient: 10 };
    const scene = await scenes.with(echoPath, { limits });
    await openConnections(scene, 10);
    await expectReset(scene);
    const line = await scene.gateway.line(({ msg }) => /connectionsPerClient/.test(String(msg)));
    expect(line).toMatchObject({ level: 'warn', client: '127.0.0.1', limit: 10 });

    const behindProxy = await scenes.with(echoPath, { limits, trustedProxies: ['loopback'] });
    await openConnections(behindProxy, 12);
    expect((await behindProxy.ask()).status).toBe(200);
  });

  test('make room: one that has gone lets another come', async () => {
    const scene = await scenes.with(echoPath, { limits: { connectionsPerClient: 10 } });
    const [first] = await openConnections(scene, 10);
    await expectReset(scene);
    first?.destroy();
    await until(() => scene.gateway.lines.length > 0);
    for (let status = 0; status !== 200;) status = (await scene.ask().catch(() => ({ status: 0 }))).status;
  });

  test('in all have a limit; where there is an idle one, that makes room', async () => {
    const scene = await scenes.with(mute, { limits: { connections: 10 } });
    const clients = await openConnections(scene, 10);
    for (const client of clients.slice(1)) client.write(requestText('/tool/'));
    await scene.tool.request(8);
    // The first has brought no request yet.
    const next = await scene.client(false);
    next.write(requestText('/tool/'));
    await scene.tool.request(9);
    expect(await clients[0]?.end()).toBe('');
    await expectReset(scene);
    await scene.gateway.line(({ msg }) => /limits\.connections`/.test(String(msg)));
    for (const client of [...clients, next]) client.destroy();
  });

  test('bring so many requests and no more, whichever way each goes', async () => {
    const scene = await scenes.with(echoPath, { limits: { requestsPerConnection: 4 } });
    const client = await scene.client();
    const upload = `${requestText('/tool/3', { method: 'POST', fields: ['Transfer-Encoding: chunked'] })}0\r\n\r\n`;
    const asked = [
      requestText('/tool/1'),
      requestText('/tool/2'),
      requestText('/-/up'),
      upload,
      requestText('/tool/5'),
    ];
    const text = await client.write(asked.join('')).end();
    expect(text.match(/^connection: .*$/gim)).toEqual([
      ...asked.slice(2).map(() => 'Connection: keep-alive'),
      'Connection: close',
    ]);
    expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
  });

  test('bring so many requests and no more', async () => {
    const scene = await scenes.with(echoPath, { limits: { requestsPerConnection: 3 } });
    const client = await scene.client();
    for (let i = 1; i <= 3; i++) {
      client.write(requestText(`/tool/${i}`));
      await client.until(`/${i}`);
    }
    const answers = (await client.end()).split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => /^connection: (.*)$/im.exec(answer)?.[1]?.trim())).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
    ]);
  });

  test('are counted by the limit that is in force, also one that a reload brings', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client();
    client.write(requestText('/tool/1'));
    await client.until('/1');
    const mounts = [{ name: 'Tool', path: '/tool', target: scene.tool.url }];
    await scene.gateway.gateway.reload(testConfig({ mounts, limits: { requestsPerConnection: 2 } }));
    client.write(requestText('/tool/2'));
    expect((await client.end()).split(/(?=HTTP\/1\.1 )/)[1]).toMatch(/^connection: close\r$/im);
  });
});

/** Connections in plain HTTP that the gateway has, and that bring nothing yet. */
async function openConnections(scene: Scene, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await scene.client(false));
  return clients;
}

/** Expects that the next connection is refused. */
async function expectReset({ gateway }: Scene): Promise<void> {
  const code = await new Promise((resolve) => {
    const socket = connect(gateway.httpPort, '127.0.0.1');
    socket.on('error', ({ code: found }: NodeJS.ErrnoException) => resolve(found));
    socket.on('end', () => resolve('end'));
    socket.resume();
  });
  expect(code).toBe('ECONNRESET');
}

const echoBody: Script = (socket, { head, rest }) => {
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  let body = rest;
  const answer = () => {
    if (body.length < length) return;
    socket.off('data', more);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`);
  };
  const more = (bytes: Buffer) => {
    body += bytes.toString('latin1');
    answer();
  };
  socket.on('data', more);
  answer();
};

const total = 200_000_000;
const piece = Buffer.alloc(64 * 1024, 'x');

/** Sends a large answer as fast as it is taken. */
const firehose: Script = (socket) => {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
  pour(socket);
};

function pour(socket: Parameters<Script>[0], left = total): void {
  if (socket.destroyed || left <= 0) return;
  socket.write(piece, () => pour(socket, left - piece.length));
}
