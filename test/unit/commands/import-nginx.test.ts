import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { importNginx } from '../../../src/commands/import-nginx';
import { ConfigError } from '../../../src/config/config-error';
import { loadConfig } from '../../../src/config/load';
import { temporaryFolder } from '../../support/gateway';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const server = 'server { listen 80; location / { proxy_pass http://t:1; } }';
function write(name: string, text: string | Buffer) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
async function run(file: string, output: string | null = null) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await importNginx(
    { file, output, server: null },
    { out: (text) => Promise.resolve(void out.push(text)), error: (line) => error.push(line) },
  );
  return { code, out: out.join(''), error };
}
async function problemsOf(file: string) {
  try {
    await run(file);
  } catch (error) {
    if (error instanceof ConfigError) return [path.basename(error.file), ...error.problems];
    throw error;
  }
  return [];
}

test('what is written is a configuration that the gateway loads', async () => {
  const output = path.join(folder, 'gateway.yaml');
  expect(await run(write('nginx.conf', server), output)).toEqual({
    code: 0,
    out: '',
    error: [`Wrote ${output}: 1 mount; everything is carried over`],
  });
  expect(loadConfig(output).mounts[0]).toMatchObject({ path: '/', host: 'target' });
});

test('a file that is there stays, and exit 1', async () => {
  const output = write('gateway.yaml', 'mine');
  expect((await run(write('nginx.conf', server), output)).code).toBe(1);
  expect(readFileSync(output, 'utf8')).toBe('mine');
});

test('includes are read where they stand: by name, by pattern, from the folder of the main file', async () => {
  write('sites/b.conf', 'server { listen 80; server_name b; include parts/proxy; }');
  write('sites/.hidden.conf', 'nonsense');
  write('parts/proxy', '\nlocation /b/ { proxy_pass http://t:1/; gzip on; }');
  const { out } = await run(
    write('nginx.conf', 'http { include mime.types; include sites/*.conf; include none/*.conf; }'),
  );
  expect(out).toContain('path: /b');
  expect(out).toContain(`# ${path.join(folder, 'parts/proxy')}:2: gzip on: `);
});

test.each<[string, string, RegExp]>([
  ['an unclosed brace', 'http {\n server {', /^line 2: the \{ of "server" is never closed; add its \}$/],
  [
    'a missing include',
    'a;\ninclude x.conf;',
    /^line 2: "include x\.conf" names a file that does not exist; copy it to .*x\.conf/,
  ],
  ['an include of itself', 'include nginx.conf;', /^line 1: "include nginx\.conf" leads back to itself; take it out$/],
  ['an include of a device', 'include /dev/zero;', /^is not a file; check the name$/],
  ['a NUL', 'a \0;', /^is not a text file/],
  ['nothing', '', /^has no server/],
  [
    'a mount that is the gateway itself',
    'server { listen 80; location / { proxy_pass http://127.0.0.1; } }',
    /the gateway itself/,
  ],
])('%s: one clear sentence', async (_, text, sentence) => {
  const [, ...problems] = await problemsOf(write('nginx.conf', text));
  expect(problems).toEqual([expect.stringMatching(sentence)]);
});

describe('files of the way to a tool that are not there', () => {
  const at = (inside: string) =>
    `server { listen 80; location /a/ { proxy_pass https://t/; ${inside} } location /b/ { proxy_pass http://u:1; } }`;

  test.each([
    ['proxy_ssl_verify on; proxy_ssl_trusted_certificate none.pem;', undefined, 'proxy_ssl_trusted_certificate'],
    ['proxy_ssl_trusted_certificate none.pem;', { verify: false }, null],
    ['proxy_ssl_certificate none.crt; proxy_ssl_certificate_key none.key;', { verify: false }, 'proxy_ssl_certificate'],
    ['proxy_ssl_verify on; proxy_ssl_certificate none.crt;', undefined, 'proxy_ssl_certificate'],
  ])('concern its mount alone, which is verified no less: %s', async (inside, tls, told) => {
    const { code, out } = await run(write('nginx.conf', at(inside)));
    const { mounts } = parse(out) as { mounts: { path: string; tls?: object }[] };
    expect([code, mounts.map((mount) => [mount.path, mount.tls])]).toEqual([
      0,
      [
        ['/a', tls],
        ['/b', undefined],
      ],
    ]);
    if (told === null) expect(out).not.toContain('until ');
    else expect(out).toMatch(new RegExp(`: ${told} \\S+: [^\\n]*until `));
  });
});

test('a mount that the gateway would not take is left out, as long as others are there', async () => {
  const text = `server { listen 8080; location / { proxy_pass http://127.0.0.1:8080; } location /b/ { proxy_pass http://u:1; } }`;
  const { code, out } = await run(write('nginx.conf', text));
  expect(code).toBe(0);
  expect((parse(out) as { mounts: object[] }).mounts).toMatchObject([{ path: '/b' }]);
  expect(out).toMatch(/location \/: is left out, since the gateway would not take it: .*the gateway itself/);
});

test('what is not in force: exit 3, and the last line counts it', async () => {
  const text = `server { listen 80; location / { proxy_pass http://t:1; auth_basic x; } }`;
  const { code, error } = await run(write('nginx.conf', text));
  expect([code, error]).toEqual([
    3,
    [expect.stringMatching(/^1 mount; 1 line is/), expect.stringMatching(/^1 protection of nginx is NOT IN FORCE/)],
  ]);
});

test('a loop of two files', async () => {
  write('a.conf', 'include b.conf;');
  write('b.conf', '\ninclude a.conf;');
  expect(await problemsOf(path.join(folder, 'a.conf'))).toEqual([
    'b.conf',
    'line 2: "include a.conf" leads back to itself; take it out',
  ]);
});

test('includes that double each time end', async () => {
  for (let i = 0; i < 40; i++) write(`${i}.conf`, `include ${i + 1}.conf; include ${i + 1}.conf;`);
  write('40.conf', '');
  expect(await problemsOf(path.join(folder, '0.conf'))).toEqual([
    '40.conf',
    expect.stringMatching(/^makes it more than 1000 files/),
  ]);
});

test('50 MB, and bytes that are no text', async () => {
  const large = write('nginx.conf', '');
  truncateSync(large, 50 * 1024 * 1024);
  expect(await problemsOf(large)).toEqual(['nginx.conf', expect.stringMatching(/^makes it more than 10 MB/)]);
  expect(await problemsOf(write('binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe])))).toEqual([
    'binary',
    'is not a text file in UTF-8; save it as one',
  ]);
  expect(await problemsOf(path.join(folder, 'none'))).toEqual(['none', 'does not exist; check the name']);
});
