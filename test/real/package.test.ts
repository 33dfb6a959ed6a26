import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { exchangeRaw, RawClient } from '../support/raw-client';
import { readAnswer } from './read-answer';

const root = path.join(__dirname, '..', '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

const folders = temporaryFolder();
/** The project as a fresh clone has it, with what `npm ci` installs. */
const clone = path.join(folders, 'clone');
/** Where somebody installs the package. */
const home = path.join(folders, 'home');
const installed = path.join(home, 'node_modules', 'kpow-gateway');

/** What npm tells the programs that it runs, and this project's settings, are not for the npm under test. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_(ignore_scripts|.*prefix)|lifecycle|package)|^KPOW_/.test(name),
  ),
);

let programs: Program[] = [];
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGINT')));
  programs = [];
});

async function run(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}) {
  const program = await startProgram(command, args, { cwd, env: { ...env, ...more }, group: true });
  programs.push(program);
  return program;
}
async function finish(...args: Parameters<typeof run>) {
  const program = await run(...args);
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr, output: program.output };
}
async function succeed(...args: Parameters<typeof run>) {
  const result = await finish(...args);
  if (result.code !== 0) throw new Error(`${args[0]} ${args[1].join(' ')}: ${result.output}`);
  return result;
}
const gateway = (...args: string[]) => ['kpow-gateway', ...args];
/** What npx finds, without the seconds that npx takes. */
const command = path.join(home, 'node_modules', '.bin', 'kpow-gateway');

// npm takes its time on a busy machine.
jest.setTimeout(120_000);

/** A folder in which the package is installed and nothing else is. */
function emptyFolder(): string {
  return mkdtempSync(path.join(home, 'run-'));
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const ask = async (port: number, target: string) => readAnswer(await exchangeRaw(port, get(target)));

async function portOf(program: Program): Promise<number> {
  const line = /Serving .*?https:\/\/localhost:(\d+)/;
  return Number(line.exec(await program.until(line))?.[1]);
}

beforeAll(async () => {
  const own = new Set(['node_modules', 'dist', 'coverage', '.git']);
  cpSync(root, clone, { recursive: true, filter: (file) => !own.has(path.relative(root, file)) });
  symlinkSync(path.join(root, 'node_modules'), path.join(clone, 'node_modules'), 'dir');
  // They are installed already.
  utimesSync(path.join(clone, 'package-lock.json'), 0, 0);
  mkdirSync(home);
  // Nothing has been built there: it is npm that sees to it.
  await succeed('npm', ['pack'], clone);
  const tarball = path.join(clone, `kpow-gateway-${version}.tgz`);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  await succeed('npm', ['install', '--prefix', home, ...quiet, tarball], home);
}, 240_000);

test('the package holds the program, its types, its configuration and its documentation, and no more', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(installed, name)).isFile(),
  );
  for (const name of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'SECURITY.md',
    'certs/README.md',
    'config/gateway.yaml',
    'config/schema.json',
    'docs/configuration.md',
    'dist/main.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/portal/browser',
  ])
    expect([name, files.some((file) => file === name || file.startsWith(`${name}/`))]).toEqual([name, true]);
  expect(
    files.filter((name) => /\.(ts|map|tgz|pem|crt|key|png)$|\.test\.|^(src|test)\//.test(name)).toSorted(),
  ).toEqual([
    'dist/config/config-error.d.ts',
    'dist/config/input.d.ts',
    'dist/embedding/gateway.d.ts',
    'dist/embedding/loaded-config.d.ts',
    'dist/embedding/logger.d.ts',
    'dist/index.d.ts',
    'dist/listener/listen-error.d.ts',
  ]);
  const bytes = files.reduce((sum, name) => sum + statSync(path.join(installed, name)).size, 0);
  expect(bytes).toBeLessThan(2 * 1024 * 1024);
});

test('npx kpow-gateway --version', async () => {
  expect((await succeed('npx', gateway('--version'), home)).stdout).toBe(`${version}\n`);
});

test('in an empty folder check tells that the configuration is the one that comes with the gateway', async () => {
  const folder = emptyFolder();
  const { stdout } = await succeed('npx', gateway('check'), folder, { KPOW_URL: 'http://kpow.internal:3123' });
  expect(stdout).toContain(`There is no config/gateway.yaml in ${folder}; using the one that comes with the gateway`);
  expect(stdout).toContain(`${path.join(installed, 'config', 'gateway.yaml')}: ready to serve`);
  expect(stdout).toContain('/kpow  kPow → http://kpow.internal:3123');
  expect(readdirSync(folder)).toEqual([]);
});

test('serve reads the same: a wrong KPOW_URL is its problem', async () => {
  const { code, stderr } = await finish(command, [], emptyFolder(), { KPOW_URL: 'localhost:3000' });
  expect(code).toBe(2);
  expect(stderr).toContain(
    `${path.join(installed, 'config', 'gateway.yaml')}: mounts[0].target: "localhost:3000" has no scheme; write http://localhost:3000`,
  );
});

test('a file that is named has to be there', async () => {
  const { code, stderr } = await finish(command, ['serve', '--config', 'config/gateway.yaml'], emptyFolder());
  expect(code).toBe(2);
  expect(stderr).toContain('config/gateway.yaml: there is no such file');
});

test('demo serves over HTTPS in an empty folder, and ends on Ctrl-C', async () => {
  const program = await run('npx', gateway('demo', '--https-port', '0', '--http-port', '0'), emptyFolder());
  const port = await portOf(program);
  expect((await ask(port, '/')).body).toContain('kPow (stand-in)');
  for (const target of ['/kpow/login', '/schemas/', '/tail/']) expect((await ask(port, target)).status).toBe(200);
  await program.stop('SIGINT');
  await expect(RawClient.connect(port)).rejects.toThrow('ECONNREFUSED');
});

test('init writes a configuration that check takes and serve serves, and never a second one over it', async () => {
  const folder = emptyFolder();
  const file = path.join(folder, 'config', 'gateway.yaml');
  const { stdout } = await succeed('npx', gateway('init'), folder);
  expect(stdout).toContain('Wrote config/gateway.yaml');
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(path.join(installed, 'config', 'gateway.yaml'), 'utf8'));
  expect((await succeed(command, ['check'], folder)).stdout).toMatch(/^config\/gateway\.yaml: ready to serve/);

  const ports = await freePorts(2);
  const edited = readFileSync(file, 'utf8').replace('8443', String(ports[0])).replace('8080', String(ports[1]));
  writeFileSync(file, edited);
  const again = await finish(command, ['init'], folder);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('config/gateway.yaml is there already')]);
  expect(readFileSync(file, 'utf8')).toBe(edited);

  const program = await run('npx', gateway(), folder);
  const port = await portOf(program);
  expect(port).toBe(ports[0]);
  expect((await ask(port, '/-/up')).status).toBe(200);
  expect(program.output).not.toContain('comes with the gateway');
  expect(readdirSync(folder).toSorted()).toEqual(['certs', 'config']);
});

test('the example in docs/embedding.md runs as it stands, and ends by itself once it is stopped', async () => {
  const [, example = ''] =
    /```js\n([^]*?)```/.exec(readFileSync(path.join(root, 'docs', 'embedding.md'), 'utf8')) ?? [];
  expect(example).toContain('port: 8443');
  writeFileSync(path.join(home, 'example.mjs'), example.replace('port: 8443', 'port: 0'));
  const program = await run(process.execPath, ['example.mjs'], home);
  const port = await portOf(program);
  expect((await ask(port, '/')).status).toBe(200);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});

const use = `
const config: GatewayConfig = {
  listen: { https: { port: 0, host: '127.0.0.1' }, http: 'off' },
  log: { level: 'silent' },
  mounts: [{ path: '/kpow', target: 'http://localhost:3000', prefix: 'strip', health: { path: '/healthy' } }],
};
// @ts-expect-error a choice that there is not
const misspelt: GatewayConfig = { mounts: [{ path: '/kpow', target: 'http://localhost:3000', prefix: 'stripp' }] };
// @ts-expect-error a key that there is not
const unknown: GatewayConfig = { mounts: [], mount: [] };

async function use(): Promise<void> {
  for (const wrong of [misspelt, unknown]) {
    try {
      createGateway(wrong);
      throw new Error('it was taken');
    } catch (error) {
      if (!(error instanceof ConfigError) || error.problems.length === 0) throw error;
    }
  }
  const gateway: Gateway = createGateway(config, { folder: 'typed' });
  const { https }: Addresses = await gateway.start();
  const port: number | undefined = https?.port;
  if (!port) throw new Error('it does not listen');
  const restart: string[] = await gateway.reload(config);
  if (restart.length > 0) throw new Error(restart.join());
  await gateway.stop();
}
`;

test('strict TypeScript takes the types without skipLibCheck, from import and require; what it makes runs and ends', async () => {
  const names = 'createGateway, ConfigError, type Addresses, type Gateway, type GatewayConfig';
  writeFileSync(path.join(home, 'typed.mts'), `import { ${names} } from 'kpow-gateway';\n${use}\nawait use();\n`);
  const required = `import gateway = require('kpow-gateway');
    import type { Addresses, Gateway, GatewayConfig } from 'kpow-gateway';
    const { createGateway, ConfigError } = gateway;`;
  writeFileSync(path.join(home, 'typed.cts'), `${required}\n${use}\nvoid use();\n`);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  };
  writeFileSync(
    path.join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['typed.mts', 'typed.cts'] }),
  );
  await succeed(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], home);
  for (const name of ['typed.mjs', 'typed.cjs']) await succeed(process.execPath, [name], home);
});
