import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { selfSigned } from '../../../src/listener/certificate';
import { makeAuthority } from '../../support/authority';
import { check } from '../../../src/commands/check';
import { nodeWarnings } from '../../../src/node-releases';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  file = path.join(folder, 'gateway.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(yaml: string): { code: number; lines: string[] } {
  writeFileSync(file, yaml);
  const lines: string[] = [];
  return { code: check(file, (line) => lines.push(line.replaceAll(folder, '')), []), lines };
}
const listen = () => `listen: { https: { cert: ${folder}/tls.crt, key: ${folder}/tls.key } }\n`;
const kpow = 'mounts:\n  - { name: kPow, path: /kpow, target: "http://localhost:3000", health: /healthy }\n';

test('a good configuration is summed up, and nothing is generated', () => {
  const sibling = '  - { name: Prometheus, path: /prometheus, target: "https://p:9090", tls: { verify: false } }\n';
  expect(run(listen() + kpow + sibling)).toEqual({
    code: 0,
    lines: [
      '/gateway.yaml: ready to serve',
      '  https  0.0.0.0:8443  (a self-signed certificate will be generated at /tls.crt)',
      '  http   0.0.0.0:8080  (redirects to https)',
      '  /kpow        kPow → http://localhost:3000',
      '  /prometheus  Prometheus → https://p:9090',
      '  warning: mounts[1].tls.verify: any certificate is accepted from p:9090; name its authority in tls.ca',
    ],
  });
  expect(existsSync(path.join(folder, 'tls.key'))).toBe(false);
});

test('every problem is a line, and the exit code is 2', () => {
  expect(run('mounts:\n  - { path: kpow, target: "localhost:3000" }\n')).toEqual({
    code: 2,
    lines: [
      '/gateway.yaml: 2 problems',
      '  mounts[0].path: "kpow" does not begin with a slash; write /kpow',
      '  mounts[0].target: "localhost:3000" has no scheme; write http://localhost:3000',
    ],
  });
});

test('a certificate and key that do not belong together are a problem', async () => {
  const [one, other] = await Promise.all([generate(), generate()]);
  writeFileSync(path.join(folder, 'tls.crt'), one.cert);
  writeFileSync(path.join(folder, 'tls.key'), other.private);
  expect(run(listen() + kpow)).toEqual({
    code: 2,
    lines: [
      '/gateway.yaml: a problem',
      '  listen.https.key: /tls.key does not belong to the certificate in /tls.crt; use the key that it was made with',
    ],
  });
});

test('a good certificate is told with its last day, an old one warned of', async () => {
  const day = 86_400_000;
  const pair = await generate(undefined, {
    notBeforeDate: new Date(Date.now() - 9 * day),
    notAfterDate: new Date(Date.now() - day),
  });
  writeFileSync(path.join(folder, 'tls.crt'), pair.cert);
  writeFileSync(path.join(folder, 'tls.key'), pair.private);
  const { code, lines } = run(listen() + kpow);
  expect(code).toBe(0);
  expect(lines[1]).toMatch(/^ {2}https {2}0\.0\.0\.0:8443 {2}\(\/tls\.crt, valid until \d{4}-\d\d-\d\d\)$/);
  expect(lines.at(-1)).toMatch(/^ {2}warning: listen\.https\.cert: \/tls\.crt expired on /);
});

test.each([
  ['365d', true],
  ['1s', true],
  ['0s', false],
  ['off', false],
])('hsts: %s warns of what browsers do to the other ports: %s', (hsts, warned) => {
  const { code, lines } = run(listen().replace(' } }', `, hsts: ${hsts} } }`) + kpow);
  expect(code).toBe(0);
  expect(lines.some((line) => line.startsWith('  warning: listen.https.hsts: '))).toBe(warned);
});

test('names in hosts that no certificate has, and a certificate without its intermediate, are warned of', async () => {
  const authority = await makeAuthority('R12');
  const pairs = await Promise.all([
    authority.server('tools.example', '*.apps.example'),
    authority.server('kpow.example'),
  ]);
  const [own, other] = pairs.map(({ files }) => `cert: ${files.cert}, key: ${files.key}`);
  const text = (hosts: string, more = '') =>
    `listen: { https: { ${own}, certificates: [{ ${other} }] } }\nhosts: ${hosts}\n${more}${kpow}`;
  const warnings = (yaml: string) => run(yaml).lines.filter((line) => line.startsWith('  warning: hosts: '));
  const all = '[tools.example, a.apps.example, "*.apps.example", kpow.example]';
  expect(warnings(text(all))).toEqual([]);
  expect(run(text(all)).lines.filter((line) => line.includes('without that of its issuer, R12'))).toHaveLength(2);
  expect(warnings(text('[tools.example, apps.example, a.b.apps.example, "*.other.example", 10.0.0.1]'))).toEqual([
    '  warning: hosts: no certificate of listen.https is for apps.example, a.b.apps.example, *.other.example, 10.0.0.1, so browsers refuse to go there; it is for tools.example, *.apps.example, kpow.example. Get one that names all of them',
  ]);
  expect(warnings(text('[x.example]', 'trustedProxies: [10.0.0.1]\n'))).toEqual([
    expect.stringContaining('refuse to go there, unless the proxies in front have one that does; '),
  ]);

  // As the gateway makes it, for localhost and 127.0.0.1.
  const { cert, private: key } = await selfSigned(['localhost'], 86_400_000 * 90);
  writeFileSync(path.join(folder, 'tls.crt'), cert);
  writeFileSync(path.join(folder, 'tls.key'), key);
  expect(warnings(`${listen()}hosts: [localhost, 127.0.0.1, "[::1]"]\n${kpow}`)).toEqual([]);
  expect(warnings(`${listen()}hosts: [tools.example]\n${kpow}`)).toHaveLength(1);
});

test('a Node that is out of support is warned of', () => {
  const lines: string[] = [];
  writeFileSync(file, listen() + kpow);
  check(file, (line) => lines.push(line), nodeWarnings('20.20.2', new Date('2026-12-01')));
  expect(lines.at(-1)).toMatch(/^ {2}warning: Node 20\.20\.2 is of a release line that has been out of support/);
});

test('plain HTTP alone', () => {
  const { code, lines } = run(`listen: { https: off, http: { host: "::1" } }\n${kpow}`);
  expect(code).toBe(0);
  expect(lines[1]).toBe('  http   [::1]:8080  (serves the mounts)');
});
