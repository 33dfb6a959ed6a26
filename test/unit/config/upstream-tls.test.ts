import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { pairProblems, upstreamTlsProblems } from '../../../src/config/upstream-tls';

let folder: string;
const file = (name: string) => path.join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  const [one, other] = await Promise.all([generate(), generate(undefined, { passphrase: 'secret' })]);
  writeFileSync(file('one.crt'), one.cert);
  writeFileSync(file('one.key'), one.private);
  writeFileSync(file('other.crt'), other.cert);
  writeFileSync(file('locked.key'), other.private);
  writeFileSync(file('text.crt'), 'hello');
  chmodSync(file('one.key'), 0o600);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, Record<string, string>, string[]]>([
  ['nothing', {}, []],
  ['a pair and an authority', { ca: 'other.crt', cert: 'one.crt', key: 'one.key' }, []],
  ['a certificate alone', { cert: 'one.crt' }, ['mounts.0.tls.key is missing; it goes with cert']],
  ['a key alone', { key: 'one.key' }, ['mounts.0.tls.cert is missing; it goes with key']],
  ['no such file', { ca: 'none' }, ['mounts.0.tls.ca /none does not exist; check the name']],
  ['a folder', { ca: '.' }, ['mounts.0.tls.ca  is a folder; name the file in it']],
  [
    'no PEM',
    { ca: 'text.crt' },
    ['mounts.0.tls.ca /text.crt is not a certificate in PEM form; convert it with openssl'],
  ],
  [
    'a locked key',
    { cert: 'other.crt', key: 'locked.key' },
    ['mounts.0.tls.key /locked.key is not a private key without a password in PEM form; convert it with openssl'],
  ],
  [
    'two strangers',
    { cert: 'other.crt', key: 'one.key' },
    ['mounts.0.tls.key /one.key does not belong to the certificate; name the key that it was made with'],
  ],
])('%s', (_, tls, problems) => {
  const at = ['mounts', 0, 'tls'];
  const locate = (name: string) => path.join(folder, name).replace(/\/$/, '');
  const found = [...pairProblems(tls, at), ...upstreamTlsProblems(tls, at, locate)];
  expect(found.map((each) => `${each.path.join('.')} ${each.message.replace(folder, '')}`)).toEqual(problems);
});
