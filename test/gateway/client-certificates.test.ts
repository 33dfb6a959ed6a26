import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { makeAuthority, type Authority, type IssuedPair } from '../support/authority';
import { startGateway, temporaryFolder, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { connectTls, only, versions } from '../support/tls-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let authority: Authority;
let stranger: Authority;
let ann: IssuedPair;
const open: TestGateway[] = [];

const rawConfig = (https: object, more: object = {}): RawConfig => ({
  mounts: [{ path: '/kpow', target: tool.url }],
  listen: { https, http: { mode: 'redirect' } },
  ...more,
});
const start = async (https: object, more: object = {}) => {
  const gateway = await startGateway(rawConfig({ clientCa: authority.file, ...https }, more));
  open.push(gateway);
  return gateway;
};

beforeAll(async () => {
  tool = await recordingUpstream();
  [authority, stranger] = await Promise.all([makeAuthority('Clients'), makeAuthority('Strangers')]);
  ann = await authority.client('ann');
});
afterEach(async () => {
  tool.requests.length = 0;
  await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
});
afterAll(() => tool.close());

/** The same request by the relay, and by the app: it has the fold of white space that the relay does not take. */
const ways = [
  ['relay', ''],
  ['app', 'X-Odd:  a \r\nTransfer-Encoding: chunked\r\n'],
] as const;

const ask = async (port: number, target = '/kpow/', options: ConnectionOptions = {}, more = '') => {
  const client = await connectTls(port, options);
  const body = more.includes('chunked') ? '0\r\n\r\n' : '';
  const answered = client.ask(target, more);
  client.socket.write(body);
  return answered;
};
const told = () => {
  const { rawHeaders } = tool.requests.at(-1)!;
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (/client|ssl/i.test(rawHeaders[i]!)) fields.push(`${rawHeaders[i]!}: ${rawHeaders[i + 1]!}`);
  return fields;
};
const fingerprint = ({ cert }: { cert: string }) =>
  new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
const asAnn = () => [
  'X-SSL-Client-Verify: SUCCESS',
  'X-SSL-Client-DN: CN=ann',
  `X-SSL-Client-Fingerprint: ${fingerprint(ann)}`,
];

describe.each(versions)('where a certificate is required, with %s', (version) => {
  test.each(ways)(
    'one that the authority signed lets in, and the tool is told whose it is, by the %s',
    async (_, odd) => {
      const { httpsPort } = await start({});
      expect(await ask(httpsPort, '/kpow/', { ...ann, ...only(version) }, odd)).toMatch(/^HTTP\/1\.1 200 /);
      expect(told()).toEqual(asAnn());
    },
  );

  test.each(ways)('without one, everybody gets a 403 that says so, by the %s', async (_, odd) => {
    const { httpsPort } = await start({});
    const page = await ask(httpsPort, '/kpow/', only(version), `${odd}Accept: text/html\r\n`);
    expect(page).toMatch(/^HTTP\/1\.1 403 /);
    expect(page).toContain('<h1>A client certificate is needed</h1>');
    expect(page).toContain('\r\nConnection: close\r\n');
    const problem = await ask(httpsPort, '/kpow/', only(version), odd);
    expect(problem).toContain('"code": "CLIENT_CERT_MISSING"');
    expect(tool.requests).toEqual([]);
  });

  test('with one of another authority, or one that has expired, as well; the log has the reason', async () => {
    const gateway = await start({});
    for (const [pair, code] of [
      [await stranger.client('ann'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      [await authority.client('ann', -1), 'CERT_HAS_EXPIRED'],
      [await authority.server('ann.example'), 'INVALID_PURPOSE'],
    ] as const) {
      const problem = await ask(gateway.httpsPort, '/kpow/', { ...pair, ...only(version) });
      expect(problem).toMatch(/^HTTP\/1\.1 403 /);
      expect(problem).toContain('"code": "CLIENT_CERT_REFUSED"');
      await gateway.line(
        ({ code: said, err }) => said === 'CLIENT_CERT_REFUSED' && (err as Error | undefined)?.message === code,
      );
    }
    expect(tool.requests).toEqual([]);
  });

  test('a resumed session keeps the identity, with each certificate of the gateway', async () => {
    const [own, other] = await Promise.all([authority.server('own.example'), authority.server('other.example')]);
    const { httpsPort } = await start({ ...own.files, certificates: [other.files] });
    for (const servername of ['own.example', 'other.example']) {
      const first = await connectTls(httpsPort, { ...ann, ...only(version), servername });
      const session = await first.session;
      first.socket.destroy();
      // The certificate is not sent again: none is given here.
      const resumed = await connectTls(httpsPort, { ...only(version), servername, session });
      expect(resumed.socket.isSessionReused()).toBe(true);
      expect(await resumed.ask('/kpow/')).toMatch(/^HTTP\/1\.1 200 /);
      expect(told()).toEqual(asAnn());
      tool.requests.length = 0;
    }
  });

  test('a resumed session that had no certificate, or a bad one, is let in no more than before', async () => {
    const { httpsPort } = await start({});
    for (const [pair, code] of [
      [{}, 'CLIENT_CERT_MISSING'],
      [await stranger.client('ann'), 'CLIENT_CERT_REFUSED'],
    ] as const) {
      const first = await connectTls(httpsPort, { ...pair, ...only(version) });
      const session = await first.session;
      first.socket.destroy();
      const resumed = await connectTls(httpsPort, { ...only(version), session });
      expect(await resumed.ask('/kpow/')).toContain(`"code": "${code}"`);
    }
    expect(tool.requests).toEqual([]);
  });

  test('a session is worth nothing once another authority is trusted', async () => {
    const { httpsPort, gateway } = await start({});
    const first = await connectTls(httpsPort, { ...ann, ...only(version) });
    const session = await first.session;
    first.socket.destroy();
    await gateway.reload(testConfig(rawConfig({ clientCa: stranger.file })));
    const again = await connectTls(httpsPort, { ...ann, ...only(version), session });
    expect(again.socket.isSessionReused()).toBe(false);
    expect(await again.ask('/kpow/')).toContain('"code": "CLIENT_CERT_REFUSED"');
  });

  test('a certificate of the gateway that is chosen by name trusts no more authorities than the first', async () => {
    const [own, other] = await Promise.all([authority.server('own.example'), authority.server('other.example')]);
    const { httpsPort } = await start({ ...own.files, certificates: [other.files] });
    const servername = { servername: 'other.example' };
    expect(await ask(httpsPort, '/kpow/', { ...ann, ...only(version), ...servername })).toMatch(/^HTTP\/1\.1 200 /);
    const bad = { ...(await stranger.client('ann')), ...only(version), ...servername };
    expect(await ask(httpsPort, '/kpow/', bad)).toContain('"code": "CLIENT_CERT_REFUSED"');
  });
});

test('probes, and the styles of the page that refuses, need no certificate; nothing else of the gateway’s own is shown', async () => {
  const { httpsPort } = await start({});
  for (const target of ['/-/up', '/-/healthy']) expect(await ask(httpsPort, target)).toMatch(/^HTTP\/1\.1 200 /);
  const page = await ask(httpsPort, '/', {}, 'Accept: text/html\r\n');
  const [, style = ''] = /href="(\/-\/assets\/[^"]+\.css)"/.exec(page) ?? [];
  expect(await ask(httpsPort, style)).toMatch(/^HTTP\/1\.1 200 /);
  for (const target of [
    '/',
    '/-/metrics',
    '/-/live',
    '/-/assets/../../kpow/',
    '/-/assets/%2e%2e/%2e%2e/kpow/',
    '/nope',
    '/kpow',
  ])
    expect(await ask(httpsPort, target)).toMatch(/^HTTP\/1\.1 40[34] /);
  expect(await ask(httpsPort, '/')).toMatch(/^HTTP\/1\.1 403 /);
  expect(tool.requests).toEqual([]);
});

test('a websocket needs a certificate like any request', async () => {
  const { httpsPort } = await start({});
  const { socket } = await connectTls(httpsPort);
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    'GET /kpow/chsk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n',
  );
  await closed;
  expect(text).toMatch(/^HTTP\/1\.1 403 /);
  expect(tool.requests).toEqual([]);
});

describe('where a certificate is optional', () => {
  test.each(ways)('those without one come in, and the tool is told that, by the %s', async (_, odd) => {
    const { httpsPort } = await start({ clientAuth: 'optional' });
    expect(await ask(httpsPort, '/kpow/', {}, odd)).toMatch(/^HTTP\/1\.1 200 /);
    expect(told()).toEqual(['X-SSL-Client-Verify: NONE']);
    expect(await ask(httpsPort, '/kpow/', ann, odd)).toMatch(/^HTTP\/1\.1 200 /);
    expect(told()).toEqual(asAnn());
  });

  test('a resumed session of TLS 1.3 without one is not taken for one that was verified', async () => {
    const { httpsPort } = await start({ clientAuth: 'optional' });
    const first = await connectTls(httpsPort, only('TLSv1.3'));
    const session = await first.session;
    first.socket.destroy();
    const resumed = await connectTls(httpsPort, { ...only('TLSv1.3'), session });
    expect(resumed.socket.isSessionReused()).toBe(true);
    expect(await resumed.ask('/kpow/')).toMatch(/^HTTP\/1\.1 200 /);
    expect(told()).toEqual(['X-SSL-Client-Verify: NONE']);
  });

  test('one that is not trusted does not', async () => {
    const { httpsPort } = await start({ clientAuth: 'optional' });
    expect(await ask(httpsPort, '/kpow/', await stranger.client('ann'))).toContain('"code": "CLIENT_CERT_REFUSED"');
  });
});

const faked = [
  'X-SSL-Client-Verify: SUCCESS',
  'x-ssl-client-dn: CN=admin',
  'X_SSL_Client_DN: CN=admin',
  'X-SSL_CLIENT-Fingerprint: 00',
  'X-SSL-Client-Cert: x',
  'X-SSL-Client-S-DN: CN=admin',
  'SSL_CLIENT_VERIFY: SUCCESS',
  'Ssl-Client-Subject-Dn: CN=admin',
  'Client-Cert: :AAAA:',
  'Client_Cert: :AAAA:',
  'CLIENT-CERT-CHAIN: :AAAA:',
  'X-Client-Cert: x',
  'X-Client-Cert-Subject: CN=admin',
  'X-Forwarded-Client-Cert: By=x;Subject="CN=admin"',
  'X-Forwarded-Tls-Client-Cert: x',
  'X-Amzn-Mtls-Clientcert-Subject: CN=admin',
].map((line) => `${line}\r\n`);

test.each(ways)('what clients say of it never arrives, also from a trusted proxy, by the %s', async (_, odd) => {
  const more = { trustedProxies: ['loopback'] };
  const { httpsPort } = await start({ clientAuth: 'optional' }, more);
  await ask(httpsPort, '/kpow/', {}, faked.join('') + odd);
  expect(told()).toEqual(['X-SSL-Client-Verify: NONE']);
  await ask(httpsPort, '/kpow/', ann, faked.join('') + odd);
  expect(told()).toEqual(asAnn());

  const without = await startGateway(rawConfig({}, more));
  open.push(without);
  await ask(without.httpsPort, '/kpow/', {}, faked.join('') + odd);
  expect(told()).toEqual([]);
});

test('what clients say of it in trailers does not arrive either', async () => {
  const { httpsPort } = await start({ clientAuth: 'optional' });
  const client = await connectTls(httpsPort);
  const answer = client.ask('/kpow/', 'Transfer-Encoding: chunked\r\nTrailer: X-SSL-Client-DN\r\n');
  client.socket.write('1\r\na\r\n0\r\nX-SSL-Client-DN: CN=admin\r\nX-Other: 1\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(tool.requests[0]?.rawTrailers).toEqual(['X-Other', '1']);
});

test('a subject cannot break out of its field, whatever the authority has signed', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  writeFileSync(at('ca.key'), authority.key);
  openssl(
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8', '-keyout', at('key')],
    ...['-out', at('csr'), '-subj', '/O=Z\u00fcrich "x"\r\nX-Evil: 1/CN=a,CN=admin;\\\\ \\+ #<>+OU=two'],
  );
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      authority.file,
      '-CAkey',
      at('ca.key'),
      '-days',
      '5',
      '-out',
      at('crt'),
    ],
    ...['-set_serial', '5'],
  );
  const pair = { cert: readFileSync(at('crt'), 'utf8'), key: readFileSync(at('key'), 'utf8') };
  const { httpsPort } = await start({ forwardClientCert: true });
  expect(await ask(httpsPort, '/kpow/', pair)).toMatch(/^HTTP\/1\.1 200 /);
  const { headers } = tool.requests[0]!;
  expect(headers['x-ssl-client-dn']).toBe(
    'OU=two+CN=a\\,CN=admin\\;\\\\ \\+ #\\<\\>,O=Z\\C3\\BCrich \\"x\\"\\0D\\0AX-Evil: 1',
  );
  expect(headers['x-evil']).toBeUndefined();
  expect(headers['client-cert']).toBe(`:${new X509Certificate(pair.cert).raw.toString('base64')}:`);
});

test('a reload turns it on for who is connected as well, and off again', async () => {
  const gateway = await startGateway(rawConfig({}));
  open.push(gateway);
  const first = await connectTls(gateway.httpsPort);
  const request = 'GET /kpow/ HTTP/1.1\r\nHost: x\r\n\r\n';
  const next = () =>
    new Promise<string>((resolve) => first.socket.once('data', (bytes: Buffer) => resolve(String(bytes))));
  let answer = next();
  first.socket.write(request);
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  await gateway.gateway.reload(testConfig(rawConfig({ clientCa: authority.file })));
  answer = next();
  first.socket.write(request);
  expect(await answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(await ask(gateway.httpsPort, '/kpow/', ann)).toMatch(/^HTTP\/1\.1 200 /);
  await gateway.gateway.reload(testConfig(rawConfig({})));
  expect(await ask(gateway.httpsPort)).toMatch(/^HTTP\/1\.1 200 /);
  expect(told()).toEqual([]);
});

test('the plain port’s redirect needs none', async () => {
  const { httpPort } = await start({});
  const answer = await exchangeRaw(httpPort, 'GET /kpow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', false);
  expect(answer).toMatch(/^HTTP\/1\.1 308 /);
});
