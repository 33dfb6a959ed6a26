import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { httpUpstream } from '../support/upstreams';
import { selfSigned, type Pair } from './support/certificates';
import { expectFailure, lineOf, until, useScenes } from './support/scene';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();
let pair: Pair;
let other: Pair;
beforeAll(async () => ([pair, other] = await Promise.all([selfSigned('localhost'), selfSigned('elsewhere.example')])));

/** A tool on TLS that answers `secure`, and accepts websockets; returns its target. */
async function secureTool(options: ServerOptions, name = 'localhost') {
  const server = createServer(options, (_req, res) => res.end('secure'));
  const open = new Set<unknown>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_req, socket) => socket.on('error', () => undefined).end(`${accepted}secure`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scenes.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { target: `https://${name}:${(server.address() as AddressInfo).port}`, open };
}

describe('a tool whose certificate cannot be trusted is a 502, to a request as to a websocket', () => {
  test.each([
    ['from an unknown authority', () => ({ pair, mount: {} })],
    ['from another authority than the one named', () => ({ pair, mount: { tls: { ca: other.files.cert } } })],
    ['for another name', () => ({ pair: other, mount: { tls: { ca: other.files.cert } } })],
  ])('%s', async (_, given) => {
    const { pair: used, mount } = given();
    const { target, open } = await secureTool(used);
    const scene = await scenes.before(target, { mount });
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_TLS');
    await until(() => open.size === 0);
  });

  test('out of date', async () => {
    const expired = await selfSigned('localhost', -1);
    const { target } = await secureTool(expired);
    const scene = await scenes.before(target, { mount: { tls: { ca: expired.files.cert } } });
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
  });
});

describe('a tool over TLS is reached', () => {
  test.each([
    ['by its private authority', () => ({ pair, tls: { ca: pair.files.cert } })],
    ['without verification, by any name', () => ({ pair: other, tls: { verify: false } })],
  ])('%s', async (_, given) => {
    const { pair: used, tls } = given();
    const { target } = await secureTool(used);
    const scene = await scenes.before(target, { mount: { tls } });
    expect((await scene.ask()).body).toBe('secure');
    const { client, open } = await openWebsocket(scene);
    await open();
    await client.until('secure');
  });
});

describe('a tool that asks for a client certificate', () => {
  const demanding = () => secureTool({ ...pair, requestCert: true, rejectUnauthorized: true, ca: other.cert });

  test('is a 502 without one', async () => {
    const { target } = await demanding();
    const scene = await scenes.before(target, { mount: { tls: { ca: pair.files.cert } } });
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_TLS');
  });

  test('is a 502 with one of another authority', async () => {
    const { target } = await demanding();
    const scene = await scenes.before(target, { mount: { tls: { ca: pair.files.cert, ...pair.files } } });
    const answer = await scene.ask();
    expect(answer.status).toBe(502);
    // In TLS 1.3 it is turned down after the handshake, where a reset may overtake the reason.
    expect(await lineOf(scene, answer)).toMatchObject({
      code: expect.stringMatching(/^UPSTREAM_(TLS|CLOSED)$/) as string,
    });
  });

  test('is reached with the right one', async () => {
    const { target } = await demanding();
    const scene = await scenes.before(target, { mount: { tls: { ca: pair.files.cert, ...other.files } } });
    expect((await scene.ask()).body).toBe('secure');
  });
});

describe('the wrong scheme', () => {
  test('https for a tool that speaks plain HTTP is a 502', async () => {
    const tool = await httpUpstream((_req, res) => res.end('plain'));
    scenes.after(() => tool.close());
    const scene = await scenes.before(`https://127.0.0.1:${tool.port}`);
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_TLS');
    await until(() => tool.sockets.size === 0);
  });

  test('http for a tool that speaks TLS is a 502', async () => {
    const { target } = await secureTool(pair);
    const scene = await scenes.before(target.replace('https:', 'http:'));
    const answer = await scene.ask();
    await expectFailure(scene, answer, 502, (JSON.parse(answer.body) as { code: string }).code);
    expect(answer.body).toMatch(/https/);
  });
});
