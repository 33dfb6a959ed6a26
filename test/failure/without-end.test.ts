import type { Socket } from 'node:net';
import type { RawClient } from '../support/raw-client';
import { readAnswer } from './support/answer';
import { expectFailure, lineWith, requestText, until, useScenes, type Scene } from './support/scene';
import { brokenOnce, echoPath, type Tool } from './support/tool';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();

/** Says the same for as long as there is somebody to say it to. */
function goOn(socket: Socket, bytes: string): void {
  if (!socket.destroyed) socket.write(bytes, () => setImmediate(goOn, socket, bytes));
}

async function expectOthersGoOn(scene: Scene): Promise<void> {
  expect((await scene.ask('/tool/next')).body).toBe('/next');
}

const byChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';

const filler = 'x'.repeat(1_000);

/** Where in a body by chunks, how that begins, and what goes on. */
const chunksWithoutEnd: [string, string, string][] = [
  ['in the size of a chunk', '0', '0'.repeat(1_000)],
  ['in the extension of a chunk', '4;', filler],
  ['with trailers', '0\r\n', `X-Filler: ${filler}\r\n`],
  ['in a trailer', '0\r\nX-Filler: ', filler],
];

describe('a tool that goes on without end', () => {
  test.each([
    ['in its status line', 'HTTP/1.1 200 ', filler],
    ['in a field’s name', 'HTTP/1.1 200 OK\r\n', filler],
    ['in a field’s value', 'HTTP/1.1 200 OK\r\nX-Filler: ', filler],
    ['with fields', 'HTTP/1.1 200 OK\r\n', `X-Filler: ${filler}\r\n`],
    ['with the shortest of fields', 'HTTP/1.1 200 OK\r\n', 'a:\r\n'.repeat(250)],
    ['with fields of an interim answer', 'HTTP/1.1 103 Early Hints\r\n', `X-Filler: ${filler}\r\n`],
  ])('%s is a 502', async (_, begin, more) => {
    const scene = await scenes.with(brokenOnce(begin, (socket) => goOn(socket, more)));
    const answer = await scene.ask();
    await expectFailure(scene, answer, 502, 'UPSTREAM_HEAD_TOO_LARGE');
    await until(() => scene.tool.sockets.size === 0);
    await expectOthersGoOn(scene);
  });

  test.each(chunksWithoutEnd)('%s gives its client an answer that breaks off', async (_, begin, more) => {
    const script = brokenOnce(byChunks + begin, (socket) => goOn(socket, more));
    // Zeros without end are no end for Node's parser: no data comes.
    const scene = await scenes.with(script, { mount: { timeouts: { idle: '300ms' } } });
    const client = await scene.client();
    const answer = readAnswer(await client.write(requestText('/tool/')).end());
    expect(answer).toMatchObject({ status: 200, complete: false });
    expect('half').toContain(answer.body);
    await until(() => scene.tool.sockets.size === 0);
    await expectOthersGoOn(scene);
  });
});

describe('a client that goes on without end', () => {
  const begun = 'POST /tool/first HTTP/1.1\r\nHost: tools.example\r\n';
  const limits = { limits: { bodyTimeout: '300ms' } };
  const upload = `${begun}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`;

  /** Resolves with all that it got, once it has been ended. */
  async function flood(scene: Scene & { readonly tool: Tool }, begin: string, more: string): Promise<RawClient> {
    const client = await scene.client(false);
    client.write(begin);
    goOn(client.socket, more);
    await client.end();
    await until(() => scene.tool.sockets.size === 0);
    return client;
  }

  test.each([
    ['in its method', '', filler],
    ['in its address', 'GET /tool/', filler],
    ['in a field’s name', begun, filler],
    ['in a field’s value', `${begun}X-Filler: `, filler],
    ['with fields', begun, `X-Filler: ${filler}\r\n`],
    ['with the shortest of fields', begun, 'a:\r\n'.repeat(250)],
  ])('%s is ended, and no tool hears of it', async (_, begin, more) => {
    const scene = await scenes.with(echoPath);
    const client = await flood(scene, begin, more);
    if (client.text !== '') expect(readAnswer(client.text).status).toBeGreaterThanOrEqual(400);
    expect(scene.tool.requests).toEqual([]);
    await expectOthersGoOn(scene);
  });

  test.each(chunksWithoutEnd)('%s is ended, and its tool gets no end of the upload', async (_, begin, more) => {
    let received = '';
    const scene = await scenes.with((socket, request) => {
      if (request.index > 0) echoPath(socket, request);
      else socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
    }, limits);
    await flood(scene, upload + begin, more);
    expect(received).not.toContain('0\r\n\r\n');
    await expectOthersGoOn(scene);
  });
});

describe('a byte at a time', () => {
  /** Each is a packet of its own. */
  function trickle(socket: Socket, text: string, then = (): void => undefined): void {
    socket.setNoDelay(true);
    let at = 0;
    const more = () => {
      if (socket.destroyed) return;
      if (at === text.length) then();
      else socket.write(Buffer.from(text.charAt(at++), 'latin1'), () => setImmediate(more));
    };
    more();
  }

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ncomplete'],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4;a=b\r\ncomp\r\n4\r\nlete\r\n0\r\nX-Sum: 1\r\n\r\n',
    ],
    [
      'behind an interim one',
      'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ncomplete',
    ],
  ])('an answer %s is whole, and so is the next one on its connection', async (_, bytes) => {
    const scene = await scenes.with((socket, request) => {
      if (request.index > 0) echoPath(socket, request);
      else trickle(socket, bytes);
    });
    expect(await scene.ask()).toMatchObject({ status: 200, body: 'complete', complete: true });
    await expectOthersGoOn(scene);
    expect(scene.tool.connections).toBe(1);
  });

  test('a head takes no longer than an answer may', async () => {
    const scene = await scenes.with((socket) => trickle(socket, `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(50_000)}`), {
      mount: { timeouts: { response: '150ms' } },
    });
    await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_RESPONSE_TIMEOUT');
    await until(() => scene.tool.sockets.size === 0);
  });

  test('a websocket opens, and its frames arrive', async () => {
    const scene = await scenes.with((socket) => trickle(socket, `${accepted}\x81\x05hello`, () => socket.end()));
    const { client } = await openWebsocket(scene);
    const text = await client.end();
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('\x81\x05hello');
    await lineWith(scene, 101);
  });
});
