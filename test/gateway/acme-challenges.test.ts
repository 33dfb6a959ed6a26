import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Duplex } from 'node:stream';
import { crypto as acmeCrypto } from 'acme-client';
import { acmeScene, domain, says, servedExpiry, shakeHands, startAcmeGateway, type AcmeScene } from '../support/acme';
import { refusingPort } from '../support/free-ports';
import { startGateway, type TestGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

/** No authority is there: what is pending lies in the storage, as another gateway would have put it. */
let tool: RecordingUpstream;
let scene: AcmeScene;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  tool = await recordingUpstream();
});
beforeEach(async () => {
  tool.requests.length = 0;
  scene = await acmeScene();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((stop) => stop()));
});
afterAll(() => tool.close());

async function gatewayWith(
  acme: Record<string, unknown>,
  http: Record<string, unknown> = {},
  mount = '/',
): Promise<TestGateway> {
  const directory = `https://127.0.0.1:${await refusingPort()}/dir`;
  const options = { directory, acme: { retry: '6h', ...acme }, http, target: tool.url, mount };
  const gateway = await startAcmeGateway(scene, options);
  open.push(() => gateway.stop());
  return gateway;
}

function pending(type: 'http-01' | 'tls-alpn-01', name: string, text: string): string {
  const folder = path.join(scene.storage, 'challenges', type);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
}

const ask = (target: string, method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\nHost: ${domain}\r\nConnection: close\r\n\r\n`;
const challengePath = (token: string) => `/.well-known/acme-challenge/${token}`;

describe('http-01', () => {
  const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
  const text = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;

  test.each(['redirect', 'serve'])(
    'a pending token is answered before anything else on the plain port: %s',
    async (mode) => {
      const { httpPort } = await gatewayWith({}, { mode });
      pending('http-01', token, text);
      const answer = await exchangeRaw(httpPort, ask(challengePath(token)), false);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toMatch(/\r\nContent-Type: application\/octet-stream\r\n/);
      expect(answer.endsWith(`\r\n\r\n${text}`)).toBe(true);
      expect(tool.requests).toEqual([]);
    },
  );

  test('it is answered on the TLS port too, where a proxy in front redirects the authority', async () => {
    const { httpsPort } = await gatewayWith({});
    pending('http-01', token, text);
    expect(await exchangeRaw(httpsPort, ask(challengePath(token)))).toMatch(new RegExp(`${text}$`));
  });

  test('an unknown token, another method and a stale token go the ordinary way, to a tool or to https', async () => {
    const { httpPort } = await gatewayWith({}, { mode: 'serve' });
    const stale = pending('http-01', token, text);
    const other = 'x'.repeat(43);
    expect(await exchangeRaw(httpPort, ask(challengePath(other)), false)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchangeRaw(httpPort, ask(challengePath(token), 'DELETE'), false)).not.toContain(text);
    const long = Date.now() / 1000 - 2 * 3600;
    utimesSync(stale, long, long);
    expect(await exchangeRaw(httpPort, ask(challengePath(token)), false)).not.toContain(text);
    expect(tool.requests.map(({ url }) => url)).toEqual([
      challengePath(other),
      challengePath(token),
      challengePath(token),
    ]);
  });

  test('a name that leads out of the folder is not a token', async () => {
    const { httpPort } = await gatewayWith({}, { mode: 'serve' });
    pending('http-01', token, text);
    writeFileSync(path.join(scene.storage, 'secret'), 'secret.key');
    for (const name of ['../../secret', '..%2f..%2fsecret', `./${token}`, `${token}/`, `${token}%00`, '', '.'])
      expect(await exchangeRaw(httpPort, ask(challengePath(name)), false)).not.toMatch(/secret\.key|9jg46WB3/);
  });

  test('without acme, every token is the tool’s', async () => {
    const gateway = await startGateway({
      mounts: [{ path: '/', target: tool.url }],
      listen: { http: { mode: 'serve' } },
    });
    open.push(() => gateway.stop());
    pending('http-01', token, text);
    await exchangeRaw(gateway.httpPort, ask(challengePath(token)), false);
    expect(tool.requests).toHaveLength(1);
  });
});

describe('tls-alpn-01', () => {
  const keyAuthorization = 'token.thumbprint';

  test('a handshake for acme-tls/1 gets the challenge, and nothing more; one for HTTP gets the certificate', async () => {
    const { httpsPort } = await gatewayWith({ challenge: 'tls-alpn-01' });
    pending('tls-alpn-01', domain, keyAuthorization);
    const socket = connect({
      port: httpsPort,
      host: '127.0.0.1',
      servername: domain,
      rejectUnauthorized: false,
      ALPNProtocols: ['acme-tls/1'],
    });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('acme-tls/1');
    const pem = `-----BEGIN CERTIFICATE-----\n${socket.getPeerCertificate().raw.toString('base64')}\n-----END CERTIFICATE-----`;
    expect(acmeCrypto.isAlpnCertificateAuthorizationValid(pem, keyAuthorization)).toBe(true);
    expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${domain}`);
    await once(socket.resume(), 'close');

    for (const ALPNProtocols of [['http/1.1'], undefined, ['acme-tls/1', 'http/1.1']]) {
      const { certificate, alpn } = await shakeHands(httpsPort, ALPNProtocols && { ALPNProtocols });
      expect(certificate.subjectaltname).toContain('IP Address:127.0.0.1');
      expect(alpn).toBe(ALPNProtocols ? 'http/1.1' : false);
    }
  });

  test.each([1, 7, 100])('a hello that comes %i bytes at a time is one all the same', async (size) => {
    const { httpsPort } = await gatewayWith({ challenge: 'tls-alpn-01' });
    pending('tls-alpn-01', domain, keyAuthorization);
    for (const [protocol, challenged] of [
      ['acme-tls/1', true],
      ['http/1.1', false],
    ] as const) {
      const socket = await slowly(httpsPort, size, protocol);
      expect(socket.alpnProtocol).toBe(protocol);
      expect(socket.getPeerCertificate().issuer.CN).toBe(domain);
      expect(socket.getPeerCertificate().subjectaltname === `DNS:${domain}`).toBe(challenged);
      socket.destroy();
    }
  });

  test('the certificate of a challenge is made once, however many ask for it', async () => {
    const { httpsPort } = await gatewayWith({ challenge: 'tls-alpn-01' });
    const prints = async () =>
      (
        await Promise.all(Array.from({ length: 5 }, () => shakeHands(httpsPort, { ALPNProtocols: ['acme-tls/1'] })))
      ).map(({ certificate }) => certificate.fingerprint256);
    pending('tls-alpn-01', domain, keyAuthorization);
    const [first] = await prints();
    expect(new Set(await prints())).toEqual(new Set([first]));
    pending('tls-alpn-01', domain, 'another.thumbprint');
    const [other] = await prints();
    expect(other).not.toBe(first);
  });

  test('a name without a pending challenge gets no handshake, also when it is the name of a path', async () => {
    const { httpsPort } = await gatewayWith({ challenge: 'tls-alpn-01' });
    pending('tls-alpn-01', domain, keyAuthorization);
    for (const servername of ['other.example.test', '../tls-alpn-01/tools.example.test', 'x'])
      await expect(shakeHands(httpsPort, { servername, ALPNProtocols: ['acme-tls/1'] })).rejects.toThrow();
    expect((await shakeHands(httpsPort)).alpn).toBe(false);
  });

  test('with http-01 nobody answers acme-tls/1', async () => {
    const { httpsPort } = await gatewayWith({ challenge: 'http-01' });
    pending('tls-alpn-01', domain, keyAuthorization);
    await expect(shakeHands(httpsPort, { ALPNProtocols: ['acme-tls/1'] })).rejects.toThrow();
  });
});

test('what cannot be had does not keep the gateway from serving, and is remembered in the storage', async () => {
  const gateway = await gatewayWith({});
  const failure = await gateway.line(says('No certificate for tools.example.test:'));
  expect(failure).toMatchObject({ level: 'error', failures: 1 });
  expect(await exchangeRaw(gateway.httpsPort, ask('/x'))).toMatch(/^HTTP\/1\.1 200 /);
  const left = (await servedExpiry(gateway)).getTime() - Date.now();
  expect(left).toBeGreaterThan(5 * 86_400_000);
  expect(left).toBeLessThan(14 * 86_400_000);
  expect(readdirSync(path.join(scene.storage, 'certificates'))).toEqual([expect.stringMatching(/\.failed\.json$/)]);
});

/** A TLS connection whose first flight is written in small pieces. */
async function slowly(port: number, size: number, protocol: string): Promise<TLSSocket> {
  const tcp = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  await once(tcp, 'connect');
  let first = true;
  const pieces = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      if (!first) {
        tcp.write(chunk, done);
        return;
      }
      first = false;
      const next = (at: number): void => {
        if (at >= chunk.length) done();
        else tcp.write(chunk.subarray(at, at + size), () => setImmediate(next, at + size));
      };
      next(0);
    },
    final: (done) => void tcp.end(done),
  });
  tcp.on('data', (bytes: Buffer) => pieces.push(bytes));
  tcp.on('close', () => pieces.push(null));
  tcp.on('error', () => undefined);
  const socket = connect({ socket: pieces, servername: domain, rejectUnauthorized: false, ALPNProtocols: [protocol] });
  socket.once('close', () => tcp.destroy());
  await once(socket, 'secureConnect');
  return socket;
}
