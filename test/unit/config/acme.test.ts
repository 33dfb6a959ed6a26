import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check } from '../../../src/commands/check';
import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const mounts = [{ path: '/x', target: 'http://x:1' }];
const least = { domains: ['tools.example.com'], termsOfServiceAgreed: true };
const configOf = (acme: object, https: object = {}, http: unknown = {}) =>
  resolveConfig({ mounts, listen: { https: { acme: { ...least, ...acme }, ...https }, http } }, { folder });

function problemsOf(acme: object, https?: object, http?: unknown): readonly string[] {
  try {
    configOf(acme, https, http);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('the least that works has every default', () => {
  expect(configOf({}).listen.https?.acme).toEqual({
    domains: ['tools.example.com'],
    email: null,
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    challenge: 'http-01',
    storage: path.join(folder, 'certs/acme'),
    renewBefore: 30 * 86_400_000,
    retry: 60_000,
    ca: null,
    eab: null,
  });
  expect(resolveConfig({ mounts }).listen.https?.acme).toBeNull();
});

test('names may come as one text, are in lower case, and each stands once', () => {
  const { acme } = configOf({ domains: 'Tools.Example.com, b.example.com tools.example.com' }).listen.https!;
  expect(acme?.domains).toEqual(['tools.example.com', 'b.example.com']);
});

const at = 'listen.https.acme';
test.each<[string, object, string]>([
  [
    'no terms',
    { termsOfServiceAgreed: undefined },
    `${at}.termsOfServiceAgreed: is missing; write one such as true, which says that you agree to the authority's terms of service`,
  ],
  [
    'terms refused',
    { termsOfServiceAgreed: false },
    `${at}.termsOfServiceAgreed: false does not do: no authority issues certificates otherwise; read its terms of service and write true, or take acme out`,
  ],
  [
    'a wildcard',
    { domains: ['*.example.com'] },
    `${at}.domains[0]: "*.example.com" is a wildcard, which needs a DNS-01 challenge that the gateway does not have; write each name`,
  ],
  [
    'an IPv4 address',
    { domains: ['10.0.0.7'] },
    `${at}.domains[0]: "10.0.0.7" is an address; write the DNS name that browsers use`,
  ],
  [
    'an IPv6 address',
    { domains: ['[::1]'] },
    `${at}.domains[0]: "[::1]" is an address; write the DNS name that browsers use`,
  ],
  [
    'localhost',
    { domains: ['localhost'] },
    `${at}.domains[0]: "localhost" is this machine's own name for itself, for which no authority issues a certificate; take acme out to get a self-signed certificate`,
  ],
  [
    'a URL',
    { domains: ['https://tools.example.com/'] },
    `${at}.domains[0]: "https://tools.example.com/" is more than a name; write tools.example.com`,
  ],
  [
    'a port',
    { domains: ['tools.example.com:8443'] },
    `${at}.domains[0]: "tools.example.com:8443" is more than a name; write tools.example.com`,
  ],
  [
    'a dot at the end',
    { domains: ['tools.example.com.'] },
    `${at}.domains[0]: "tools.example.com." ends with a dot; write tools.example.com`,
  ],
  [
    'an international name',
    { domains: ['bücher.example'] },
    `${at}.domains[0]: "bücher.example" has characters outside ASCII; write xn--bcher-kva.example`,
  ],
  [
    'no dot',
    { domains: ['tools'] },
    `${at}.domains[0]: "tools" has no dot in it; write the whole name, such as tools.example.com`,
  ],
  [
    'a path',
    { domains: ['../x.example.com'] },
    `${at}.domains[0]: "../x.example.com" is not a DNS name; write one such as tools.example.com`,
  ],
  ['no names', { domains: [] }, `${at}.domains: is empty; write the names, such as [tools.example.com]`],
  [
    'one bad of several in a text',
    { domains: 'a.example.com, *.b.com' },
    `${at}.domains: "*.b.com" is a wildcard, which needs a DNS-01 challenge that the gateway does not have; write each name`,
  ],
  [
    'another word',
    { directory: 'letsencrypt-stagin' },
    `${at}.directory: "letsencrypt-stagin" is not an authority; did you mean letsencrypt-staging?`,
  ],
  [
    'plain http',
    { directory: 'http://ca.example.com/dir' },
    `${at}.directory: "http://ca.example.com/dir" is plain http; write https:// (RFC 8555 §6.1)`,
  ],
  [
    'a password in a URL',
    { directory: 'https://u:secret@ca.example.com/' },
    `${at}.directory: has a user or password in it; use eab for what the authority gave you`,
  ],
  [
    'mailto',
    { email: 'mailto:ops@example.com' },
    `${at}.email: "mailto:ops@example.com" begins with mailto:; write ops@example.com`,
  ],
  [
    'two addresses',
    { email: 'a@example.com,b@example.com' },
    `${at}.email: "a@example.com,b@example.com" is not an e-mail address; write one such as ops@example.com`,
  ],
  ['dns-01', { challenge: 'dns-01' }, `${at}.challenge: "dns-01" is not known here; write http-01 or tls-alpn-01`],
  ['too short a time', { renewBefore: '5m' }, `${at}.renewBefore: "5m" is too short; write at least 3600000ms`],
  [
    'a key that is none',
    { eab: { keyId: 'x', hmacKey: 'not a key!' } },
    `${at}.eab.hmacKey: is not a key in base64url; copy it as the authority shows it`,
  ],
  ['half a key', { eab: { keyId: 'x' } }, `${at}.eab.hmacKey: is missing; write one such as \${ACME_HMAC_KEY}`],
  ['a misspelt key', { domain: 'x' }, `${at}.domain: unknown key; did you mean domains?`],
])('%s', (_, acme, expected) => {
  expect(problemsOf(acme)).toEqual([expected]);
});

test('a certificate of one’s own beside it is of no use, and said so', () => {
  expect(problemsOf({}, { cert: 'a.crt', key: 'a.key' })).toEqual([
    'listen.https.cert: is of no use beside acme, which brings its own; take this line out, or acme',
    'listen.https.key: is of no use beside acme, which brings its own; take this line out, or acme',
  ]);
});

test.each(['off', { mode: 'off' }])('http-01 needs the plain port, tls-alpn-01 does not: %j', (http) => {
  expect(problemsOf({}, {}, http)).toEqual([
    `${at}.challenge: http-01 is answered by listen.http, which is off (the authority comes to port 80); turn listen.http on, or write tls-alpn-01`,
  ]);
  expect(problemsOf({ challenge: 'tls-alpn-01' }, {}, http)).toEqual([]);
});

test('a file that is no authority is refused', () => {
  writeFileSync(path.join(folder, 'ca.pem'), 'x');
  expect(problemsOf({ ca: 'ca.pem' })).toEqual([
    `${at}.ca: ${folder}/ca.pem is not a certificate in PEM form; convert it with openssl`,
  ]);
});

test('tls-alpn-01 at another port than 443 is warned of, unless that is where 443 leads', () => {
  const warnings = (https: object) => configWarnings(configOf({ challenge: 'tls-alpn-01' }, https));
  expect(warnings({})).toEqual([
    `${at}.challenge: for tls-alpn-01 the authority comes to port 443, and https is at 8443; if port 443 leads here, write publicPort: 443, otherwise use http-01`,
  ]);
  expect(warnings({ publicPort: 443 })).toEqual([]);
  expect(configWarnings(configOf({}))).toEqual([]);
});

describe('kpow-gateway check', () => {
  const run = (acme: string) => {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(
      file,
      `listen: { https: { acme: ${acme} } }\nmounts: [{ name: X, path: /x, target: "http://x:1" }]\n`,
    );
    const lines: string[] = [];
    return { code: check(file, (line) => lines.push(line.replaceAll(folder, '')), []), lines };
  };

  test('says what will be ordered, and what has to lead here, and asks nobody', () => {
    const acme = `{ domains: [a.example.com], termsOfServiceAgreed: true, storage: ${folder}/acme }`;
    expect(run(acme)).toEqual({
      code: 0,
      lines: [
        '/gateway.yaml: ready to serve',
        '  https  0.0.0.0:8443  (a certificate for a.example.com will be ordered from acme-v02.api.letsencrypt.org)',
        '  http   0.0.0.0:8080  (redirects to https)',
        '  acme   http-01: port 80 of a.example.com has to lead to listen.http, port 8080',
        '  /x  X → http://x:1',
      ],
    });
  });

  test('refuses a storage that cannot be one', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(run(`{ domains: [a.example.com], termsOfServiceAgreed: true, storage: ${folder}/file }`)).toEqual({
      code: 2,
      lines: ['/gateway.yaml: a problem', '  listen.https.acme.storage: /file is a file; name a folder'],
    });
  });
});
