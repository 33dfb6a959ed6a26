import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { makeAuthority } from '../support/authority';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let folder: string;
let port: number;
let program: Program | null = null;
const folders = temporaryFolder();

beforeAll(async () => {
  tool = await recordingUpstream();
});
afterAll(() => tool.close());
beforeEach(async () => {
  folder = mkdtempSync(path.join(folders, 'run-'));
  [port = 0] = await freePorts(1);
});
afterEach(() => program?.stop('SIGKILL'));

const at = (name: string) => path.join(folder, name);
const textOf = (mount: string, more = {}) =>
  JSON.stringify({
    listen: { https: 'off', http: { port, host: '127.0.0.1', mode: 'serve' } },
    mounts: [{ path: mount, target: tool.url }],
    ...more,
  });

async function serve(): Promise<Program> {
  program = await startProgram(process.execPath, [builtProgram(), 'serve', '--config', at('gateway.yaml')]);
  await program.until('Serving');
  return program;
}

async function statusOf(target: string): Promise<number> {
  const text = await exchangeRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, false);
  return Number(text.split(' ')[1]);
}

const times = ({ output }: Program, text: string) => output.split(text).length - 1;

const changes: [string, () => void][] = [
  ['written in place', () => writeFileSync(at('gateway.yaml'), textOf('/after'))],
  [
    'replaced by another, as editors do',
    () => {
      writeFileSync(at('gateway.yaml.swp'), textOf('/after'));
      renameSync(at('gateway.yaml.swp'), at('gateway.yaml'));
    },
  ],
];

test.each(changes)('a configuration that is %s is put in force', async (_, change) => {
  writeFileSync(at('gateway.yaml'), textOf('/before'));
  const gateway = await serve();
  expect(await statusOf('/before/')).toBe(200);
  change();
  await gateway.until('Reloaded the configuration');
  expect([await statusOf('/before/'), await statusOf('/after/')]).toEqual([404, 200]);
});

test('one that a named pipe has taken the place of is refused, and nothing waits for it', async () => {
  writeFileSync(at('gateway.yaml'), textOf('/before'));
  const gateway = await serve();
  rmSync(at('gateway.yaml'));
  execFileSync('mkfifo', [at('gateway.yaml')]);
  await gateway.until('gateway.yaml: is a pipe, a socket or a device; name an ordinary file');
  expect(await statusOf('/before/')).toBe(200);
});

test('a ConfigMap that Kubernetes changes, a folder behind links, is put in force', async () => {
  const version = (name: string, mount: string) => {
    mkdirSync(at(name));
    writeFileSync(at(`${name}/gateway.yaml`), textOf(mount));
  };
  version('..1', '/before');
  symlinkSync('..1', at('..data'));
  symlinkSync('..data/gateway.yaml', at('gateway.yaml'));
  const gateway = await serve();
  version('..2', '/after');
  symlinkSync('..2', at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
  await gateway.until('Reloaded the configuration');
  expect(await statusOf('/after/')).toBe(200);
});

test('a broken one is reported once and the old one stays, until it is mended', async () => {
  writeFileSync(at('gateway.yaml'), textOf('/before'));
  const gateway = await serve();
  writeFileSync(at('gateway.yaml'), textOf('/after').replace('http://', ''));
  await gateway.until('the old one stays in force');
  expect(gateway.output).toContain('has no scheme; write http://');
  expect(await statusOf('/before/')).toBe(200);
  writeFileSync(at('gateway.yaml'), textOf('/after'));
  await gateway.until('Reloaded the configuration');
  expect(times(gateway, 'the old one stays in force')).toBe(1);
  expect(await statusOf('/after/')).toBe(200);
});

test('what SIGHUP has put in force is not read again for having changed', async () => {
  writeFileSync(at('gateway.yaml'), textOf('/before'));
  const gateway = await serve();
  writeFileSync(at('gateway.yaml'), textOf('/between'));
  gateway.child.kill('SIGHUP');
  await gateway.until('Reloaded the configuration');
  writeFileSync(at('gateway.yaml'), textOf('/after'));
  await gateway.until('has changed');
  while ((await statusOf('/after/')) !== 200);
  expect(times(gateway, 'Reloaded the configuration')).toBe(2);
});

// Half of it is valid as well: without the mount, and what is denied, at its end. nginx and Caddy would take it.
test('what SIGHUP finds half written is read when it is whole', async () => {
  const yaml = (...mounts: string[]) =>
    `reload: { watch: false }\nlisten: { https: off, http: { port: ${port}, host: 127.0.0.1, mode: serve } }\nmounts:\n${mounts.map((mount) => `  - { path: ${mount}, target: "${tool.url}", deny: [/x] }\n`).join('')}`;
  writeFileSync(at('gateway.yaml'), yaml('/a', '/b'));
  const gateway = await serve();
  writeFileSync(at('gateway.yaml'), yaml('/a'));
  const writer = setInterval(() => appendFileSync(at('gateway.yaml'), '#'), 5);
  gateway.child.kill('SIGHUP');
  await gateway.until('The configuration is being written');
  clearInterval(writer);
  writeFileSync(at('gateway.yaml'), yaml('/a', '/b', '/c'));
  await gateway.until('Reloaded the configuration');
  expect(gateway.output).toContain('Reloaded the configuration: mounts added: /c"');
  expect(await Promise.all(['/b/', '/b/x', '/c/'].map(statusOf))).toEqual([200, 403, 200]);
});

test('what has changed is told, also that nothing has, and which of the files that it names', async () => {
  writeFileSync(at('icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const mounts = [{ path: '/a', target: tool.url, icon: at('icon.svg') }];
  writeFileSync(at('gateway.yaml'), textOf('', { mounts }));
  const gateway = await serve();
  gateway.child.kill('SIGHUP');
  await gateway.until('Reloaded the configuration: nothing in it has changed');
  writeFileSync(at('icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"></svg>');
  await gateway.until(`Reloaded the configuration: files changed: ${at('icon.svg')}`);
  writeFileSync(
    at('gateway.yaml'),
    textOf('', {
      hosts: ['localhost'],
      mounts: [
        { ...mounts[0], deny: ['/x'] },
        { path: '/b', target: tool.url },
      ],
    }),
  );
  await gateway.until(
    'Reloaded the configuration: mounts added: /b; mounts changed: /a (deny); settings changed: hosts',
  );
});

const mountsWork = spawnSync('unshare', ['--mount', 'true']).status === 0;
const lone = 'a file that is mounted by itself, and replaced outside';
(mountsWork ? test : test.skip)(mountsWork ? lone : `${lone} (skipped: no mounts here)`, async () => {
  for (const name of ['outside.yaml', 'gateway.yaml']) writeFileSync(at(name), textOf('/before'));
  const script = 'mount --bind "$1" "$2" && shift && exec "$@"';
  const args = [at('outside.yaml'), at('gateway.yaml'), process.execPath, builtProgram()];
  const inContainer = ['--mount', 'sh', '-c', script.replace('shift', 'shift 2'), 'sh', ...args];
  program = await startProgram('unshare', [...inContainer, 'serve', '--config', at('gateway.yaml')]);
  await program.until('Serving');
  await program.until(`${at('gateway.yaml')} is mounted by itself: once it is replaced`);
  // As sed -i does.
  writeFileSync(at('new'), textOf('/after'));
  renameSync(at('new'), at('outside.yaml'));
  program.child.kill('SIGHUP');
  await program.until('Reloaded the configuration: nothing in it has changed');
  await program.until(`${at('gateway.yaml')} is mounted by itself, and has been replaced outside`);
  expect(await statusOf('/after/')).toBe(404);

  const check = spawnSync('unshare', [...inContainer, 'check', '--config', at('gateway.yaml')], { encoding: 'utf8' });
  expect(check.stdout).toContain(`  warning: ${at('gateway.yaml')} is mounted by itself`);
});

test('with reload.watch: false only SIGHUP puts a change in force, and may turn it on', async () => {
  writeFileSync(at('gateway.yaml'), textOf('/before', { reload: { watch: false } }));
  const gateway = await serve();
  writeFileSync(at('gateway.yaml'), textOf('/between'));
  gateway.child.kill('SIGHUP');
  await gateway.until('Reloaded the configuration');
  expect(gateway.output).not.toContain('has changed');
  writeFileSync(at('gateway.yaml'), textOf('/after'));
  await gateway.until('has changed');
});

test('a certificate that a mount names is taken again when its file changes, also behind one that was of no use', async () => {
  const [first, second] = await Promise.all([makeAuthority('First'), makeAuthority('Second')]);
  const [was, is] = await Promise.all([first, second].map((authority) => authority.server('localhost')));
  const secured = createServer({ cert: was?.cert, key: was?.key }, (_req, res) => res.end('secured')).listen(
    0,
    '127.0.0.1',
  );
  await once(secured, 'listening');
  const { port: toolPort } = secured.address() as AddressInfo;
  const ca = at('tool-ca.crt');
  copyFileSync(first.file, ca);
  const mount = { path: '/secured', target: `https://localhost:${toolPort}`, tls: { ca } };
  writeFileSync(at('gateway.yaml'), textOf('/tool', { mounts: [mount] }));
  const gateway = await serve();
  expect(await statusOf('/secured/')).toBe(200);

  secured.setSecureContext({ cert: is?.cert, key: is?.key });
  secured.closeAllConnections();
  writeFileSync(ca, 'nothing of use');
  await gateway.until('the old one stays in force');
  copyFileSync(second.file, ca);
  await gateway.until('Reloaded the configuration');
  expect(await statusOf('/secured/')).toBe(200);
  secured.closeAllConnections();
  secured.close();
});

test.each([1, 2])(
  'a key that is not its certificate’s costs its tool alone: at the start, when it is replaced, and where a dead tool is tried again; with %s worker(s)',
  async (workers) => {
    const authority = await makeAuthority('Authority');
    const [was, other] = await Promise.all([authority.client('gateway'), authority.client('other')]);
    const [dead = 0] = await freePorts(1);
    const files = { cert: at('tool.crt'), key: at('tool.key') };
    writeFileSync(files.cert, was.cert);
    writeFileSync(files.key, other.key);
    const broken = {
      path: '/broken',
      target: `https://localhost:${dead}`,
      tls: files,
      circuit: { failures: 1, retry: '100ms' },
    };
    writeFileSync(
      at('gateway.yaml'),
      textOf('/tool', { workers, mounts: [{ path: '/tool', target: tool.url }, broken] }),
    );

    // It says so, and what `check` says is the same.
    const gateway = await serve();
    const problem = `mounts[1].tls.key: ${files.key} does not belong to the certificate; name the key that it was made with`;
    expect(times(gateway, `${problem}; until then the gateway serves without it`)).toBe(1);
    const checked = spawnSync(process.execPath, [builtProgram(), 'check', '--config', at('gateway.yaml')], {
      encoding: 'utf8',
    });
    expect([checked.status, checked.stdout.split('\n').slice(1, 3)]).toEqual([
      2,
      [`  ${problem}`, '  serve starts all the same, without the tools that these files are for'],
    ]);
    expect([await statusOf('/tool/'), await statusOf('/broken/')]).toEqual([200, 502]);

    // Mended, it is taken; the tool itself is dead, and looked after. Broken again, it is refused.
    writeFileSync(files.key, was.key);
    await gateway.until('Reloaded the configuration');
    expect(await statusOf('/broken/')).toBe(502);
    writeFileSync(files.key, other.key);
    await gateway.until('the old one stays in force');
    expect(await statusOf('/broken/')).toBe(502);
    // Several tries of the circuit.
    for (let i = 0; i < 6; i++) {
      expect(await statusOf('/tool/')).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(gateway.output).not.toMatch(/mistake|ending|has ended/i);
  },
  30_000,
);
