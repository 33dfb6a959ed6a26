import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import { builtProgram } from '../../support/built-program';
import { temporaryFolder } from '../../support/gateway';

const project = path.join(__dirname, '../../..');
const units = path.join(project, 'deploy/systemd');
const { version } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as { version: string };

/** The indented blocks of the README, to be run word for word. */
const readme = readFileSync(path.join(units, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/(?:^ {4}.*\n)+/gm)].map(([text]) => text.replaceAll(/^ {4}/gm, ''));
const blockWith = (words: string) => blocks.find((block) => block.includes(words)) ?? `there is no block with ${words}`;

/** Where the programs below put what the blocks install: the machine's own folders are left alone. */
const root = temporaryFolder();
const bin = path.join(root, 'bin');
const etc = path.join(root, 'etc');
const said = path.join(root, 'systemctl.log');

const programs: Readonly<Record<string, string>> = {
  npm: `case "$1 $2" in
    'install --global') test -f "$3" && mkdir -p '${root}/global' && ln -sfn '${project}' '${root}/global/kpow-gateway' ;;
    'root --global') echo '${root}/global' ;;
    *) exit 64 ;;
  esac`,
  install: `exec /usr/bin/install "\${@:1:$#-1}" "${root}\${@: -1}"`,
  systemctl: `echo "$*" >>'${said}'`,
  'kpow-gateway': `export CREDENTIALS_DIRECTORY="\${CREDENTIALS_DIRECTORY:+${root}$CREDENTIALS_DIRECTORY}"
    [ "$1 $2 $3" = 'check --config /etc/kpow-gateway/gateway.yaml' ] || exit 64
    exec '${process.execPath}' '${builtProgram()}' check --config '${etc}/kpow-gateway/gateway.yaml'`,
};

function runWordForWord(block: string, folder: string): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  return spawnSync('sh', ['-euc', block], { cwd: folder, env, encoding: 'utf8' });
}

beforeAll(() => {
  mkdirSync(bin);
  // It is there wherever systemd is.
  mkdirSync(path.join(etc, 'systemd/system'), { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
});

test('the install block works word for word in a folder that holds the package and nothing else', () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, `kpow-gateway-${version}.tgz`), '');
  const { status, stdout, stderr } = runWordForWord(blockWith('npm install --global'), folder);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toContain('ready to serve');

  const calls = readFileSync(said, 'utf8').trim().split('\n');
  expect(calls[0]).toBe('daemon-reload');
  const [, enabled = ''] = /^enable --now (.*)$/.exec(calls[1] ?? '') ?? [];
  for (const unit of enabled.split(' '))
    expect(readFileSync(path.join(etc, 'systemd/system', unit), 'utf8')).toBe(
      readFileSync(path.join(units, unit), 'utf8'),
    );
});

test('so does the one for a certificate of yours, and check looks at that certificate', async () => {
  const folder = temporaryFolder();
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'tools.example.com' }], {
    keyType: 'ec',
  });
  writeFileSync(path.join(folder, 'your.crt'), cert);
  writeFileSync(path.join(folder, 'your.key'), key);
  const { status, stdout, stderr } = runWordForWord(blockWith('your.crt'), folder);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toContain(`${etc}/kpow-gateway/tls.crt, valid until`);
  expect(statSync(path.join(etc, 'kpow-gateway/tls.key')).mode & 0o777).toBe(0o600);
  expect(existsSync(path.join(etc, 'systemd/system/kpow-gateway.service.d/certificate.conf'))).toBe(true);
});
