import { createServer, type ServerOptions } from 'node:https';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder, testConfig } from '../support/gateway';
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

describe('the files of one tool', () => {
  /** A file of its own, that may be replaced. */
  const fileOf = (text: string) => {
    const file = path.join(temporaryFolder(), 'file.pem');
    writeFileSync(file, text);
    return file;
  };
  const mounts = (target: string, files: object) => [
    { path: '/tool', name: 'Tool', target, tls: { verify: false, ...files } },
    { path: '/other', target },
  ];

  test('that are replaced by something unusable are used as they were; a reload with them is refused', async () => {
    const { target } = await secureTool({ ...pair, requestCert: true, rejectUnauthorized: true, ca: other.cert });
    const key = fileOf(other.key);
    const tls = { verify: false, cert: other.files.cert, key };
    const scene = await scenes.before(target, { mount: { tls } });
    writeFileSync(key, pair.key);
    expect((await scene.ask()).body).toBe('secure');
    const again = () => scene.gateway.gateway.reload(testConfig({ mounts: mounts(target, tls) }));
    await expect(again()).rejects.toThrow(`mounts[0].tls.key: ${key} does not belong to the certificate`);
    rmSync(key);
    await expect(again()).rejects.toThrow(`mounts[0].tls.key: ${key} does not exist`);
    expect((await scene.ask()).body).toBe('secure');
    writeFileSync(key, other.key);
    await again();
    expect((await scene.ask()).body).toBe('secure');
  });

  test.each([
    ['a key of another certificate', () => ({ cert: other.files.cert, key: pair.files.key })],
    ['a certificate that is none', () => ({ cert: fileOf('nothing'), key: other.files.key })],
    ['a key that is missing', () => ({ cert: other.files.cert, key: '/nowhere/tls.key' })],
    ['an authority that cannot be read', () => ({ ca: path.dirname(other.files.cert) })],
  ])('%s, at the start: that tool is a 502, and not counted as a connection, until it is mended', async (_, given) => {
    const { target } = await secureTool(pair);
    const files = given();
    const scene = await scenes.before(target, { mount: { tls: files, circuit: { failures: 2, retry: '100ms' } } });
    const count = {
      level: 'error',
      text: /mounts\[0\]\.tls\.(ca|cert|key): .*until then the gateway serves without it/,
    };
    expect(
      scene.gateway.lines.filter(({ level, msg }) => level === count.level && count.text.test(String(msg))),
    ).toHaveLength(1);
    for (let i = 0; i < 3; i++) await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_TLS');
    const { body } = await scene.ask('/-/metrics');
    expect(body).toContain('kpow_gateway_upstream_connections{mount="/tool",state="active"} 0\n');
    expect(body).toContain('kpow_gateway_upstream_in_use{mount="/tool"} 0\n');
    // What else a reload brings is not refused for it, and what mends it is taken.
    await scene.gateway.gateway.reload(testConfig({ mounts: [...mounts(target, files), { path: '/new', target }] }));
    expect((await scene.ask('/new/')).status).toBe(502);
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_TLS');
    await scene.gateway.gateway.reload(testConfig({ mounts: mounts(target, {}) }));
    expect((await scene.ask()).body).toBe('secure');
    // What was said of the files is no failure of the gateway's own.
    scene.gateway.lines.splice(
      0,
      scene.gateway.lines.length,
      ...scene.gateway.lines.filter(({ msg }) => !/\.tls\.|TLS files/.test(String(msg))),
    );
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
