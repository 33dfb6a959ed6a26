import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check } from '../../../src/commands/check';
import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';
import { makeAuthority, type Authority, type IssuedPair } from '../../support/authority';

const mounts = [{ path: '/x', target: 'http://x:1' }];
const configOf = (https: object, http: unknown = {}) => resolveConfig({ mounts, listen: { https, http } });

function problemsOf(https: object): readonly string[] {
  try {
    configOf(https);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each<[object, string]>([
  [
    { clientAuth: 'optional' },
    'listen.https.clientAuth: is of no use without clientCa; name the authority of the client certificates there',
  ],
  [
    { forwardClientCert: true },
    'listen.https.forwardClientCert: is of no use without clientCa; name the authority of the client certificates there',
  ],
  [
    { clientCa: 'ca.crt', clientAuth: 'require' },
    'listen.https.clientAuth: "require" is not one of required, optional; did you mean required?',
  ],
  [
    { certificates: [{ cert: 'a.crt' }] },
    'listen.https.certificates[0].key: is missing; write one such as certs/ca.crt',
  ],
  [
    { certificates: { cert: 'a.crt', key: 'a.key' } },
    'listen.https.certificates: a mapping is not a list; begin each certificate with a dash: - { cert: certs/other.crt, key: certs/other.key }',
  ],
])('%j is a problem', (https, problem) => {
  expect(problemsOf(https)).toEqual([problem]);
});

test('a certificate is required unless it is said to be optional, and not forwarded as a whole', () => {
  expect(configOf({ clientCa: '/ca.crt' }).listen.https).toMatchObject({
    clientCa: '/ca.crt',
    clientAuth: 'required',
    forwardClientCert: false,
  });
});

test('a plain port that serves beside it is warned of', () => {
  const warning =
    'listen.http.mode: whoever reaches port 8080 needs no client certificate; write redirect, or let nobody but your own proxy reach it';
  expect(configWarnings(configOf({ clientCa: '/ca.crt' }, { mode: 'serve' }))).toContain(warning);
  expect(configWarnings(configOf({ clientCa: '/ca.crt' }))).not.toContain(warning);
  expect(configWarnings(configOf({ clientCa: '/ca.crt', clientAuth: 'optional' }, { mode: 'serve' }))).not.toContain(
    warning,
  );
});

describe('check', () => {
  let folder: string;
  let authority: Authority;
  let own: IssuedPair;
  let other: IssuedPair;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
    authority = await makeAuthority('Test authority');
    [own, other] = await Promise.all([
      authority.server('tools.example', '*.tools.example'),
      authority.server('other.example', 'tools.example'),
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(https: object): { code: number; lines: string[] } {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(file, JSON.stringify({ mounts, listen: { https: { ...own.files, ...https } } }));
    const lines: string[] = [];
    return { code: check(file, (line) => lines.push(line), []), lines };
  }
  const problems = (https: object) => {
    const { code, lines } = run(https);
    expect(code).toBe(2);
    return lines.slice(1).map((line) => line.trim());
  };

  test('tells of every certificate, and of client certificates', () => {
    const { code, lines } = run({ certificates: [other.files], clientCa: authority.file, clientAuth: 'optional' });
    expect(code).toBe(0);
    expect(lines[2]).toMatch(/^ {2}https {2}other\.example, tools\.example {2}\(.*\.crt, valid until \S+\)$/);
    expect(lines[3]).toBe(`  https  client certificates are optional  (from ${authority.file})`);
  });

  test('warns of a name that two certificates have', () => {
    expect(run({ certificates: [other.files] }).lines.at(-1)).toBe(
      `  warning: listen.https.certificates[0].cert: ${other.files.cert} is not served for tools.example, which ${own.files.cert} has too; name each in one certificate`,
    );
  });

  test('names all that is wrong with the files at once', async () => {
    const nameless = await authority.server();
    const missing = { cert: path.join(folder, 'no.crt'), key: path.join(folder, 'no.key') };
    const mixed = { cert: own.files.cert, key: other.files.key };
    const leaf = await authority.client('ann');
    expect(
      problems({ key: other.files.key, certificates: [missing, mixed, nameless.files], clientCa: leaf.files.cert }),
    ).toEqual([
      `listen.https.key: ${other.files.key} does not belong to the certificate in ${own.files.cert}; use the key that it was made with`,
      `listen.https.certificates[0].cert: ${missing.cert} does not exist, nor does its key; put both there, or take them out`,
      `listen.https.certificates[1].key: ${other.files.key} does not belong to the certificate in ${own.files.cert}; use the key that it was made with`,
      `listen.https.certificates[2].cert: ${nameless.files.cert} has no DNS name in it (subjectAltName), so nobody would ever be served it; use one that has, or take it out`,
      `listen.https.clientCa: ${leaf.files.cert} holds no certificate of an authority; put the one there that signed the client certificates, not one of these`,
    ]);
  });

  test.each([
    ['no.crt', null, 'does not exist; check the name'],
    ['key.pem', () => own.key, 'holds a private key; cert and key look swapped'],
    ['empty.pem', () => '', 'is empty; put a PEM certificate there'],
  ])('a clientCa that is no certificate (%s) is a problem', (name, content, problem) => {
    const file = path.join(folder, name);
    if (content) writeFileSync(file, content());
    expect(problems({ clientCa: file })).toEqual([`listen.https.clientCa: ${file} ${problem}`]);
  });
});
