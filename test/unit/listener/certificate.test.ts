import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import type { HttpsListen } from '../../../src/config/config';
import { makeAuthority } from '../../support/authority';
import { inspectCertificate, loadCertificate } from '../../../src/listener/certificate';

let folder: string;
let https: Pick<HttpsListen, 'cert' | 'key'>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  https = { cert: path.join(folder, 'certs/tls.crt'), key: path.join(folder, 'certs/tls.key') };
});
afterEach(() => rmSync(folder, { recursive: true }));

const day = 86_400_000;
let one: { cert: string; private: string };
let other: { cert: string; private: string };
let locked: { private: string };
beforeAll(async () => {
  const ec = { keyType: 'ec', algorithm: 'sha256' } as const;
  [one, other, locked] = await Promise.all([
    generate(undefined, ec),
    generate(undefined, ec),
    generate(undefined, { ...ec, passphrase: 'x' }),
  ]);
});

function write(cert: string | Buffer | null, key: string | Buffer | null) {
  mkdirSync(path.dirname(https.cert), { recursive: true });
  if (cert !== null) writeFileSync(https.cert, cert);
  if (key !== null) writeFileSync(https.key, key);
}

describe('when neither file is there', () => {
  test('a pair for this machine is generated, written for its user alone, and said so', async () => {
    const told: string[] = [];
    const { cert, key, generated } = await loadCertificate(https, (message) => told.push(message));
    expect(generated).toBe(true);
    expect(readFileSync(https.cert, 'utf8')).toBe(cert);
    expect(readFileSync(https.key, 'utf8')).toBe(key);
    expect(statSync(https.key).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(https.cert)).sort()).toEqual(['tls.crt', 'tls.key']);
    expect(told).toEqual([expect.stringContaining(`generated a SELF-SIGNED one for localhost`)]);

    const parsed = new X509Certificate(cert);
    for (const name of ['localhost', hostname().toLowerCase()]) expect(parsed.checkHost(name)).toBeDefined();
    for (const address of ['127.0.0.1', '::1']) expect(parsed.checkIP(address)).toBeDefined();
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const validFor = new Date(parsed.validTo).getTime() - new Date(parsed.validFrom).getTime();
    expect(validFor).toBeLessThanOrEqual(397 * day);
    expect(new Date(parsed.validTo).getTime()).toBeGreaterThan(Date.now() + 365 * day);
  });

  test('it serves TLS that a client who trusts it verifies', async () => {
    const { cert, key } = await loadCertificate(https, () => undefined);
    const server = createServer({ cert, key }, (socket) => socket.end('hello'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
    });
    await once(client, 'secureConnect');
    expect(client.authorized).toBe(true);
    client.destroy();
    server.close();
    await once(server, 'close');
  });

  test('the next start uses the same pair and says nothing', async () => {
    const first = await loadCertificate(https, () => undefined);
    const told: string[] = [];
    const second = await loadCertificate(https, (message) => told.push(message));
    expect(second).toEqual({ ...first, generated: false });
    expect(told).toEqual([]);
  });

  test('inspecting writes nothing', () => {
    expect(inspectCertificate(https)).toEqual({ pair: null, problems: [], warnings: [] });
    expect(existsSync(path.dirname(https.cert))).toBe(false);
  });

  test('a folder that cannot be made is one clear sentence', async () => {
    writeFileSync(path.dirname(https.cert), 'a file in the way');
    await expect(loadCertificate(https, () => undefined)).rejects.toThrow(
      /^TLS certificate: listen\.https\.cert: .*tls\.crt does not exist, and a self-signed certificate cannot be written there \(E[A-Z]+\); put a certificate and its key there, or make the folder writable$/,
    );
  });
});

describe('what is wrong with the files', () => {
  const der = () => new X509Certificate(one.cert).raw;
  test.each<[string, () => [string | Buffer | null, string | Buffer | null], string[]]>([
    [
      'no key',
      () => [one.cert, null],
      ['listen.https.key: KEY does not exist, but CERT does; put it there, or take the other away too'],
    ],
    [
      'no certificate',
      () => [null, one.private],
      ['listen.https.cert: CERT does not exist, but KEY does; put it there, or take the other away too'],
    ],
    [
      'strangers',
      () => [one.cert, other.private],
      ['listen.https.key: KEY does not belong to the certificate in CERT; use the key that it was made with'],
    ],
    [
      'swapped',
      () => [one.private, one.cert],
      [
        'listen.https.cert: CERT holds a private key; cert and key look swapped',
        'listen.https.key: KEY holds a certificate; cert and key look swapped',
      ],
    ],
    [
      'a chain in the wrong order',
      () => [`${other.cert}\n${one.cert}`, one.private],
      [
        "listen.https.cert: CERT begins with another certificate than the server's; put the server's first, then the intermediate ones",
      ],
    ],
    [
      'a locked key',
      () => [one.cert, locked.private],
      ['listen.https.key: KEY is encrypted with a password; decrypt it with: openssl pkey -in FILE -out tls.key'],
    ],
    [
      'DER',
      () => [der(), one.private],
      [
        'listen.https.cert: CERT is not a PEM certificate; convert it with: openssl x509 -inform der -in FILE -out tls.crt',
      ],
    ],
    [
      'a DER key',
      () => [one.cert, Buffer.from([0x30, 0x81, 0xff])],
      [
        'listen.https.key: KEY is not a PEM private key; convert it with: openssl pkey -inform der -in FILE -out tls.key',
      ],
    ],
    [
      'a text',
      () => ['hello', 'hello'],
      [
        'listen.https.cert: CERT is not a PEM certificate; convert it with: openssl x509 -inform der -in FILE -out tls.crt',
        'listen.https.key: KEY is not a PEM private key; convert it with: openssl pkey -inform der -in FILE -out tls.key',
      ],
    ],
    [
      'empty files',
      () => ['', '\n'],
      [
        'listen.https.cert: CERT is empty; put a PEM certificate there',
        'listen.https.key: KEY is empty; put a PEM private key there',
      ],
    ],
    [
      'two certificates glued together',
      () => [one.cert.trim() + other.cert, one.private],
      ['listen.https.cert: CERT has a PEM block that begins in the middle of a line; begin each on a line of its own'],
    ],
    [
      'a request',
      () => ['-----BEGIN CERTIFICATE REQUEST-----\n', one.private],
      ['listen.https.cert: CERT holds a signing request; put the certificate there that the authority made of it'],
    ],
    [
      'a damaged certificate',
      () => [one.cert.replace(/MII/, 'AAA'), one.private],
      ['listen.https.cert: CERT holds a damaged certificate; copy it there again'],
    ],
    [
      'a damaged key',
      () => [one.cert, one.private.replace(/MI/, 'AA')],
      ['listen.https.key: KEY holds a damaged private key; copy it there again'],
    ],
  ])('%s', async (_, files, problems) => {
    write(...files());
    const expected = problems.map((problem) =>
      problem.replaceAll(/\b(CERT|KEY)\b/g, (name) => (name === 'CERT' ? https.cert : https.key)),
    );
    expect(inspectCertificate(https)).toEqual({ pair: null, problems: expected, warnings: [] });
    await expect(loadCertificate(https, () => undefined)).rejects.toMatchObject({
      name: 'ConfigError',
      problems: expected,
    });
  });

  test('a folder in place of a file', () => {
    write(null, one.private);
    mkdirSync(https.cert);
    expect(inspectCertificate(https).problems).toEqual([
      `listen.https.cert: ${https.cert} is a folder; name the file in it`,
    ]);
  });

  test('a key too weak for TLS', async () => {
    const weak = await generate(undefined, { keySize: 512, algorithm: 'sha256' });
    write(weak.cert, weak.private);
    expect(inspectCertificate(https).problems).toEqual([
      expect.stringMatching(/^listen\.https\.cert: .* cannot be served \(.*\); make a new one$/),
    ]);
  });
});

describe('a pair that can be served', () => {
  test('with its chain', async () => {
    write(`${one.cert}\n${other.cert}`, one.private);
    const loaded = await loadCertificate(https, () => undefined);
    expect(loaded).toEqual({ cert: `${one.cert}\n${other.cert}`, key: one.private, generated: false });
  });

  test('is told to be without its intermediate certificate where that is not in the file', async () => {
    const root = await makeAuthority('Root');
    const [issuer, namesake] = await Promise.all([root.intermediate('R12'), root.intermediate('R12')]);
    const { cert, key } = await issuer.server('tools.example');
    const alone = [expect.stringMatching(/^listen\.https\.cert: .* without that of its issuer, R12, .*fullchain/)];
    const warningsOf = (...texts: string[]) => {
      write(texts.join('\n'), key);
      return inspectCertificate(https).warnings;
    };
    expect(warningsOf(cert)).toEqual(alone);
    // As after a renewal by another intermediate, whose certificate was kept.
    expect(warningsOf(cert, namesake.cert, root.cert)).toEqual(alone);
    // What is in the file besides may stand in any order, and the root need not be there.
    expect(warningsOf(cert, issuer.cert)).toEqual([]);
    expect(warningsOf(cert, root.cert, issuer.cert)).toEqual([]);
    // A self-signed one has no issuer but itself.
    write(one.cert, one.private);
    expect(inspectCertificate(https).warnings).toEqual([]);
  });

  test.each<[string, number, number, RegExp]>([
    ['expired', -10, -1, /expired on \d{4}-\d\d-\d\d, so browsers refuse it; renew it$/],
    ['not valid yet', 1, 100, /is not valid before \d{4}-\d\d-\d\d; check the clock, or wait$/],
    ['about to expire', -100, 5, /expires on \d{4}-\d\d-\d\d; renew it soon$/],
  ])('%s: served with a warning', async (_, from, to, warning) => {
    const pair = await generate(undefined, {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.now() + from * day),
      notAfterDate: new Date(Date.now() + to * day),
    });
    write(pair.cert, pair.private);
    const told: string[] = [];
    expect(await loadCertificate(https, (message) => told.push(message))).toMatchObject({ generated: false });
    expect(told).toEqual([expect.stringMatching(warning)]);
  });
});
