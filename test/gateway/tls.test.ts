import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';
import { makeAuthority, type Authority, type IssuedPair } from '../support/authority';
import { startGateway, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { connectTls, only, versions } from '../support/tls-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let authority: Authority;
let rsaless: IssuedPair;
const open: TestGateway[] = [];

const rawConfig = (https: object): RawConfig => ({
  mounts: [{ path: '/kpow', target: tool.url }],
  listen: { https },
});
const start = async (https: object = {}) => {
  const gateway = await startGateway(rawConfig(https));
  open.push(gateway);
  return gateway;
};

beforeAll(async () => {
  tool = await recordingUpstream();
  authority = await makeAuthority('Test authority');
  rsaless = await authority.server('tools.example');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
});
afterAll(() => tool.close());

describe('the handshake', () => {
  const cipherOf = async (port: number, options: ConnectionOptions) => {
    const { socket } = await connectTls(port, options);
    const { standardName } = socket.getCipher();
    socket.destroy();
    return standardName;
  };

  test.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
    ['ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
  ])('TLS 1.2 has %s', async (ciphers, name) => {
    const { httpsPort } = await start();
    expect(await cipherOf(httpsPort, { ...only('TLSv1.2'), ciphers })).toBe(name);
  });

  test.each(['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-CCM', 'AES128-GCM-SHA256'])(
    'TLS 1.2 has no %s',
    async (ciphers) => {
      const { httpsPort } = await start();
      await expect(cipherOf(httpsPort, { ...only('TLSv1.2'), ciphers })).rejects.toThrow(/handshake failure/);
    },
  );

  test.each([
    ['ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256', 'CHACHA20_POLY1305'],
    ['ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256', 'AES_128_GCM'],
  ])('of %s, what the client says first wins for ChaCha20 alone: %s', async (ciphers, chosen) => {
    const { httpsPort } = await start();
    expect(await cipherOf(httpsPort, { ...only('TLSv1.2'), ciphers })).toContain(chosen);
  });

  test.each(['X25519', 'prime256v1', 'secp384r1'])('the group %s is there', async (ecdhCurve) => {
    const { httpsPort } = await start();
    const { socket } = await connectTls(httpsPort, { ...only('TLSv1.3'), ecdhCurve });
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ type: 'ECDH', name: ecdhCurve });
    socket.destroy();
  });

  test.each(['secp521r1', 'X448'])('the group %s is not', async (ecdhCurve) => {
    const { httpsPort } = await start();
    for (const version of versions)
      await expect(connectTls(httpsPort, { ...only(version), ecdhCurve })).rejects.toThrow();
  });

  test('a client that wants to renegotiate is refused', async () => {
    const { httpsPort } = await start();
    const { socket } = await connectTls(httpsPort, only('TLSv1.2'));
    const refused = new Promise<Error | null>((resolve) => {
      socket.once('error', resolve);
      socket.renegotiate({ rejectUnauthorized: false }, resolve);
    });
    expect(await refused).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
    socket.destroy();
  });

  test('openssl s_client is refused to renegotiate as well', async () => {
    const { httpsPort } = await start();
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${httpsPort}`, '-tls1_2'], { stdio: 'pipe' });
    let said = '';
    client.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const asked = new Promise<void>((resolve) =>
      client.stderr.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes('RENEGOTIATING')) resolve();
      }),
    );
    while (!said.includes('Verify return code')) await once(client.stdout, 'data');
    client.stdin.write('R\n');
    await asked;
    await once(client, 'close');
    expect(said).toMatch(/no renegotiation/);
  });
});

describe.each(versions)('a session of %s', (version) => {
  const begin = async (port: number, options: ConnectionOptions = {}) => {
    const { socket, session } = await connectTls(port, { ...only(version), ...options });
    const ticket = await session;
    socket.destroy();
    return ticket;
  };
  const resumes = async (port: number, session: Buffer, options: ConnectionOptions = {}) => {
    const { socket, ask } = await connectTls(port, { ...only(version), ...options, session });
    const reused = socket.isSessionReused();
    expect(await ask('/kpow/')).toMatch(/^HTTP\/1\.1 200 /);
    return reused;
  };

  test('is resumed on another connection', async () => {
    const { httpsPort } = await start();
    expect(await resumes(httpsPort, await begin(httpsPort))).toBe(true);
  });

  test('is resumed after a reload, with another certificate too', async () => {
    const { httpsPort, gateway } = await start();
    const session = await begin(httpsPort);
    await gateway.reload(testConfig(rawConfig(rsaless.files)));
    expect((await connectTls(httpsPort)).served).toBe('tools.example');
    expect(await resumes(httpsPort, session)).toBe(true);
  });

  test('is resumed with a certificate that was chosen by name', async () => {
    const other = await authority.server('other.example');
    const { httpsPort, gateway } = await start({ ...rsaless.files, certificates: [other.files] });
    const name = { servername: 'other.example' };
    const session = await begin(httpsPort, name);
    expect(await resumes(httpsPort, session, name)).toBe(true);
    await gateway.reload(testConfig(rawConfig({ ...rsaless.files, certificates: [other.files] })));
    expect(await resumes(httpsPort, session, name)).toBe(true);
  });

  test('is not resumed at another gateway, whose key it does not have', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(await resumes(other.httpsPort, await begin(one.httpsPort))).toBe(false);
  });
});

describe('the certificate for a name', () => {
  const servedFor = async (port: number, servername: string) => {
    const { socket, served } = await connectTls(port, { servername });
    socket.destroy();
    return served;
  };

  test('is the one that has it; an exact name goes before a wildcard, and the first is for all others', async () => {
    const [exact, wild] = await Promise.all([
      authority.server('kpow.tools.example', 'KPOW.example'),
      authority.server('*.tools.example'),
    ]);
    const { httpsPort } = await start({ ...rsaless.files, certificates: [wild.files, exact.files] });
    expect(await servedFor(httpsPort, 'kpow.tools.example')).toBe('kpow.tools.example');
    expect(await servedFor(httpsPort, 'kpow.EXAMPLE')).toBe('kpow.tools.example');
    expect(await servedFor(httpsPort, 'grafana.tools.example')).toBe('*.tools.example');
    expect(await servedFor(httpsPort, 'a.b.tools.example')).toBe('tools.example');
    expect(await servedFor(httpsPort, 'tools.example')).toBe('tools.example');
    expect(await servedFor(httpsPort, 'stranger.example')).toBe('tools.example');
    // By address, a browser says no name (RFC 6066 §3).
    const nameless = connect({ port: httpsPort, host: '127.0.0.1', servername: '', rejectUnauthorized: false });
    await once(nameless, 'secureConnect');
    expect(nameless.getPeerCertificate().subject.CN).toBe('tools.example');
    nameless.destroy();
  });

  test('may come and go with a reload', async () => {
    const other = await authority.server('other.example');
    const { httpsPort, gateway } = await start(rsaless.files);
    expect(await servedFor(httpsPort, 'other.example')).toBe('tools.example');
    await gateway.reload(testConfig(rawConfig({ ...rsaless.files, certificates: [other.files] })));
    expect(await servedFor(httpsPort, 'other.example')).toBe('other.example');
    await gateway.reload(testConfig(rawConfig(rsaless.files)));
    expect(await servedFor(httpsPort, 'other.example')).toBe('tools.example');
  });

  test('keeps the versions and ciphers of the first', async () => {
    const other = await authority.server('other.example');
    const { httpsPort } = await start({ ...rsaless.files, certificates: [other.files] });
    const named = { servername: 'other.example', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(connectTls(httpsPort, { ...named, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
    const weak = { ...named, ...only('TLSv1.2'), ciphers: 'ECDHE-ECDSA-AES128-SHA' };
    await expect(connectTls(httpsPort, weak)).rejects.toThrow(/handshake failure/);
  });
});
