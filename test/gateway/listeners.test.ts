import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { startGateway, temporaryFolder, testConfig, type RawConfig } from '../support/gateway';
import { createGateway } from '../../src/gateway';
import { createLog } from '../../src/observe/log';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
const open: (() => Promise<void>)[] = [];

const start = async (raw: Partial<RawConfig> & Record<string, unknown> = {}) => {
  const gateway = await startGateway({ mounts: [{ name: 'kPow', path: '/kpow', target: tool.url }], ...raw });
  open.push(() => gateway.stop());
  return gateway;
};
const ask = (target: string, host = 'tools.example', more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`;

beforeAll(async () => {
  tool = await recordingUpstream();
});
afterEach(async () => {
  tool.requests.length = 0;
  await Promise.all(open.splice(0).map((stop) => stop()));
});
afterAll(() => tool.close());

describe('the plain port', () => {
  test.each([
    ['/kpow/x%2Fy?z=1&z=2', 'tools.example', 'https://tools.example:8443/kpow/x%2Fy?z=1&z=2'],
    ['/', 'tools.example:8080', 'https://tools.example:8443/'],
    ['/x?', '[::1]:8080', 'https://[::1]:8443/x?'],
    ['//evil.example/x', 'tools.example', 'https://tools.example:8443//evil.example/x'],
  ])('redirects %s at %s to %s', async (target, host, location) => {
    const { httpPort } = await start({ listen: { https: { publicPort: 8443 } } });
    const answer = await exchangeRaw(httpPort, ask(target, host), false);
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
    expect(answer).toContain(`\r\nLocation: ${location}\r\n`);
    expect(tool.requests).toEqual([]);
  });

  test('leaves the public port out when it is 443', async () => {
    const { httpPort } = await start({ listen: { https: { publicPort: 443 } } });
    expect(await exchangeRaw(httpPort, ask('/x'), false)).toContain('\r\nLocation: https://tools.example/x\r\n');
  });

  test('does not redirect what a trusted proxy took over TLS, which would go round for ever', async () => {
    const { httpPort } = await start({ trustedProxies: ['loopback'] });
    const answer = await exchangeRaw(httpPort, ask('/kpow/', 'tools.example', 'X-Forwarded-Proto: https\r\n'), false);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(tool.requests[0]?.headers['x-forwarded-proto']).toBe('https');
  });

  test('redirects all the same when a stranger says https', async () => {
    const { httpPort } = await start();
    const answer = await exchangeRaw(httpPort, ask('/kpow/', 'tools.example', 'X-Forwarded-Proto: https\r\n'), false);
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
  });

  test('answers probes itself, since they take no redirect', async () => {
    const { httpPort } = await start();
    expect(await exchangeRaw(httpPort, ask('/-/up'), false)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchangeRaw(httpPort, ask('/-/healthy'), false)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('redirects a websocket handshake like any request', async () => {
    const { httpPort } = await start();
    const answer = await exchangeRaw(
      httpPort,
      'GET /kpow/chsk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n',
      false,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
  });

  test('serves in mode serve, without HSTS, and says http', async () => {
    const { httpPort } = await start({ listen: { http: { mode: 'serve' } } });
    const answer = await exchangeRaw(httpPort, ask('/kpow/'), false);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(/strict-transport-security/i);
    expect(tool.requests[0]?.headers['x-forwarded-proto']).toBe('http');
    expect(tool.requests[0]?.headers['x-forwarded-port']).toBe('80');
  });

  test('is off in mode off, and TLS may be off instead', async () => {
    expect((await start({ listen: { http: 'off' } })).http).toBeNull();
    const plain = await start({ listen: { https: 'off' } });
    expect(plain.https).toBeNull();
    expect(await exchangeRaw(plain.httpPort, ask('/kpow/'), false)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('a request that cannot be read is told its id, which is in the log: as a page for a browser', async () => {
  const gateway = await start();
  const large = `X-Large: ${'x'.repeat(70_000)}\r\n`;
  for (const [fields, type] of [
    ['', 'application/problem+json'],
    ['Accept: text/html\r\n', 'text/html; charset=utf-8'],
  ] as const) {
    const answer = await exchangeRaw(gateway.httpsPort, ask('/kpow/', 'tools.example', large + fields));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain(`\r\nContent-Type: ${type}\r\n`);
    expect(answer).toContain('limits.head');
    const id = /\r\nX-Request-Id: (\S+)\r\n/.exec(answer)?.[1] ?? 'none';
    expect(answer.split(id).length).toBeGreaterThan(2);
    expect(await gateway.line((line) => line['id'] === id)).toMatchObject({ status: 431, code: 'HEAD_TOO_LARGE' });
  }
});

test('a reload that changes the port says that it needs a restart, as long as it does; until then nothing leads there', async () => {
  const { gateway, httpPort, httpsPort } = await start();
  const mounts = [{ path: '/kpow', target: tool.url }];
  const changed = testConfig({ mounts, listen: { https: { port: 1 } } });
  expect(await gateway.reload(changed)).toEqual(['listen.https.port']);
  expect(await gateway.reload(changed)).toEqual(['listen.https.port']);
  const answer = await exchangeRaw(httpPort, ask('/x'), false);
  expect(answer).toContain(`\r\nLocation: https://tools.example:${httpsPort}/x\r\n`);
  expect(await gateway.reload(testConfig({ mounts }))).toEqual([]);
});

describe('TLS', () => {
  const handshake = (port: number, options: object) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options },
        () => resolve(socket),
      );
      socket.once('error', reject);
    });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken, with http/1.1 agreed by ALPN', async (version) => {
    const { httpsPort } = await start();
    const socket = await handshake(httpsPort, {
      minVersion: version,
      maxVersion: version,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, 'http/1.1']);
    socket.destroy();
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is not', async (version) => {
    const { httpsPort } = await start();
    await expect(
      handshake(httpsPort, { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }),
    ).rejects.toThrow();
  });

  // nginx and Caddy send it only where they are told to: it holds for every port of the host (RFC 6797 §8.3).
  test.each([
    ['none, unless it is asked for', {}, undefined],
    ['as long as is configured', { hsts: '1h' }, 'max-age=3600'],
    ['as none at all, so that browsers forget it', { hsts: '0s' }, 'max-age=0'],
  ])('HSTS is the listener’s, on its own pages and on a tool’s both ways: %s', async (_, https, field) => {
    const { httpsPort } = await start({ listen: { https } });
    for (const target of ['/', '/kpow/', '/kpow', '/nope'])
      // Without the space it is no head for the relay.
      for (const host of ['Host: ', 'Host:']) {
        const answer = await exchangeRaw(httpsPort, ask(target).replace('Host: ', host));
        expect(/\r\nstrict-transport-security: (.*)\r\n/i.exec(answer)?.[1]).toBe(field);
      }
  });

  test('an own certificate is used', async () => {
    const folder = temporaryFolder();
    const pair = await generate([{ name: 'commonName', value: 'own.example' }], { keyType: 'ec' });
    const files = { cert: path.join(folder, 'a.pem'), key: path.join(folder, 'a.key') };
    writeFileSync(files.cert, pair.cert);
    writeFileSync(files.key, pair.private);
    const { httpsPort } = await start({ listen: { https: files } });
    const socket = await handshake(httpsPort, {});
    expect(socket.getPeerCertificate().subject.CN).toBe('own.example');
    socket.destroy();
  });

  test('a reload takes a renewed certificate, without dropping who is connected', async () => {
    const folder = temporaryFolder();
    const files = { cert: path.join(folder, 'a.pem'), key: path.join(folder, 'a.key') };
    const write = async (name: string) => {
      const pair = await generate([{ name: 'commonName', value: name }], { keyType: 'ec' });
      writeFileSync(files.cert, pair.cert);
      writeFileSync(files.key, pair.private);
    };
    await write('before.example');
    const raw = { mounts: [{ path: '/kpow', target: tool.url }], listen: { https: files } };
    const { httpsPort, gateway } = await start(raw);
    const before = await handshake(httpsPort, {});
    await write('after.example');
    await gateway.reload(testConfig(raw));
    const after = await handshake(httpsPort, {});
    expect(after.getPeerCertificate().subject.CN).toBe('after.example');
    const answered = new Promise((resolve) => before.once('data', resolve));
    before.write(ask('/kpow/'));
    expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /);
    before.destroy();
    after.destroy();
  });

  test.each([
    [
      'GET /kpow/x?y HTTP/1.1\r\nHost: localhost:8443\r\n\r\n',
      /^HTTP\/1\.1 308 .*\r\nLocation: https:\/\/localhost:8443\/kpow\/x\?y\r\n/s,
    ],
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['SSH-2.0-OpenSSH_9\r\n', /^HTTP\/1\.1 400 /],
  ])('plain HTTP on the TLS port is sent to https: %j', async (head, answer) => {
    const { httpsPort } = await start();
    expect(await exchangeRaw(httpsPort, head, false)).toMatch(answer);
  });

  test('rubbish instead of a handshake ends its own connection only', async () => {
    const { httpsPort } = await start();
    await exchangeRaw(httpsPort, Buffer.from([22, 3, 1, 0, 4, 1, 2, 3, 4, 5]).toString('latin1'), false);
    expect(await exchangeRaw(httpsPort, ask('/kpow/'))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('a port in use is an error, and what was already listening is given back', async () => {
  const first = await start();
  const config = testConfig({
    mounts: [{ path: '/kpow', target: tool.url }],
    listen: { http: { port: first.httpPort } },
  });
  const second = createGateway(config, createLog({ ...config.log, level: 'silent' }));
  await expect(second.start()).rejects.toMatchObject({
    listener: 'http',
    cause: { code: 'EADDRINUSE', port: first.httpPort },
  });
});
