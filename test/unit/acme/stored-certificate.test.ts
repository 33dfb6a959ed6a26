import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { standInFor } from '../../../src/acme/stand-in';
import { storagePlaces, storageProblem } from '../../../src/acme/storage';
import { formatStored, readStored } from '../../../src/acme/stored-certificate';
import type { AcmeConfig } from '../../../src/config/config';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const day = 86_400_000;
async function issue(names: readonly string[], days = 90) {
  const made = await generate([{ name: 'commonName', value: 'x' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 100 * day),
    notAfterDate: new Date(Date.now() + days * day),
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
  return { cert: made.cert, key: made.private };
}
const secondLine = (pem: string) => pem.trim().split(/\r?\n/)[1] ?? '';
const acme = (more: Partial<AcmeConfig>) =>
  ({ storage: folder, domains: ['a.example.com'], directory: 'https://ca.example/dir', ...more }) as AcmeConfig;

describe('a stored certificate', () => {
  test('is read back as it was written', async () => {
    const { cert, key } = await issue(['a.example.com', 'b.example.com']);
    const stored = readStored(formatStored(key, cert), ['a.example.com', 'b.example.com']);
    expect(stored).toMatchObject({ issuer: 'CN=x' });
    expect(stored).toHaveProperty('cert', expect.stringContaining(secondLine(cert)));
  });

  test('is refused when key, names or text do not fit', async () => {
    const [one, other] = await Promise.all([issue(['a.example.com']), issue(['a.example.com'])]);
    expect(readStored(formatStored(other.key, one.cert), [])).toBe('has a key that does not belong to its certificate');
    expect(readStored(formatStored(one.key, one.cert), ['b.example.com'])).toBe(
      'has a certificate that is not for b.example.com',
    );
    expect(readStored('', [])).toBe('has no whole certificate in it');
    expect(readStored(one.key, [])).toBe('has no whole certificate in it');
    const whole = formatStored(one.key, one.cert);
    expect(typeof readStored(whole.slice(0, -60), [])).toBe('string');
  });
});

describe('before there is a certificate', () => {
  test('the stored one that is for most of the names stands in', async () => {
    const put = (name: string, { key, cert }: { key: string; cert: string }) =>
      writeFileSync(path.join(folder, name), formatStored(key, cert));
    put('a.pem', await issue(['a.example.com']));
    const both = await issue(['a.example.com', 'b.example.com']);
    put('ab.pem', both);
    put('old.pem', await issue(['a.example.com', 'b.example.com', 'c.example.com'], -1));
    writeFileSync(path.join(folder, 'damaged.pem'), 'x');
    mkdirSync(path.join(folder, 'folder.pem'));
    const standIn = await standInFor(['a.example.com', 'b.example.com', 'c.example.com'], folder);
    expect(standIn.called).toBe('an earlier one, for a.example.com, b.example.com');
    expect(secondLine(standIn.cert)).toBe(secondLine(both.cert));
  });

  test('otherwise a self-signed one, for a week', async () => {
    const standIn = await standInFor(['a.example.com'], path.join(folder, 'none'));
    const stored = readStored(formatStored(standIn.key, standIn.cert), ['a.example.com']);
    expect(typeof stored === 'string' ? 0 : Math.round((stored.validTo.getTime() - Date.now()) / day)).toBe(6);
    expect(standIn.called).toMatch(/SELF-SIGNED/);
  });
});

describe('the storage', () => {
  test('other names and other authorities have files of their own; the order of names does not matter', () => {
    const places = (more: Partial<AcmeConfig>) => storagePlaces(acme(more));
    const base = places({});
    expect(base.certificate).toMatch(/\/certificates\/a\.example\.com-[0-9a-f]{8}\.pem$/);
    expect(places({ domains: ['a.example.com', 'b.example.com'] }).certificate).not.toBe(base.certificate);
    expect(places({ directory: 'https://ca.example/other' }).certificate).not.toBe(base.certificate);
    expect(places({ directory: 'https://ca.example/other' }).account).not.toBe(base.account);
    const hash = (file: string) => file.slice(-12);
    expect(hash(places({ domains: ['a.b', 'c.d'] }).certificate)).toBe(
      hash(places({ domains: ['c.d', 'a.b'] }).certificate),
    );
  });

  test('a name is never too long for a file', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4) + 'com';
    expect(path.basename(storagePlaces(acme({ domains: [long] })).failure).length).toBeLessThanOrEqual(255);
  });

  test('a folder that is not there yet will do; a file or a folder in a file will not', () => {
    expect(storageProblem(acme({ storage: path.join(folder, 'a/b/c') }))).toBeNull();
    writeFileSync(path.join(folder, 'file'), '');
    for (const name of ['file', 'file/below'])
      expect(storageProblem(acme({ storage: path.join(folder, name) }))).toBe(
        `listen.https.acme.storage: ${path.join(folder, 'file')} is a file; name a folder`,
      );
  });
});
