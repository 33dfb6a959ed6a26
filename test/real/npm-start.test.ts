import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { RawClient } from '../support/raw-client';
import { httpUpstream } from '../support/upstreams';

const root = path.join(__dirname, '..', '..');
const folder = temporaryFolder();
/** The project as a fresh clone has it, with what `npm ci` installs. */
const clone = path.join(folder, 'clone');
const config = path.join(folder, 'gateway.yaml');

/** What this npm tells the programs that it runs is not for the npm under test. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^KPOW_/.test(name)));

let program: Program | null = null;
let ports: number[] = [];
jest.setTimeout(60_000);

beforeAll(() => {
  const own = new Set(['node_modules', '.git']);
  // dist/ as well: what has been compiled from the same sources is not compiled again.
  cpSync(root, clone, { recursive: true, filter: (file) => !own.has(path.relative(root, file)) });
  borrowPackages(clone);
});

/** They are installed already. */
function borrowPackages(project: string): void {
  symlinkSync(path.join(root, 'node_modules'), path.join(project, 'node_modules'), 'dir');
  utimesSync(path.join(project, 'package-lock.json'), 0, 0);
}

beforeEach(async () => {
  ports = await freePorts(2);
});
afterEach(() => program?.stop('SIGKILL'));

async function npm(cwd: string, ...args: string[]): Promise<Program> {
  program = await startProgram('npm', args, { cwd, env, group: true });
  return program;
}
const demo = () => npm(clone, 'run', 'demo', '--', '--https-port', String(ports[0]), '--http-port', String(ports[1]));
function start(...options: string[]) {
  const listen = { https: 'off', http: { port: ports[0], host: '127.0.0.1', mode: 'serve' } };
  writeFileSync(config, JSON.stringify({ listen, mounts: [{ path: '/slow', target: slow.url }] }));
  return npm(clone, ...options, 'start', '--', '--config', config);
}

/** Its answer ends when it is told to. */
let slow: Awaited<ReturnType<typeof httpUpstream>>;
let finishAnswer = () => {};
beforeAll(async () => {
  slow = await httpUpstream((_req, res) => {
    res.writeHead(200, { 'Content-Length': '9' });
    res.write('begun,');
    finishAnswer = () => res.end('end');
  });
});
afterAll(() => slow.close());

/** Resolves when nobody listens any more; hangs where somebody is left behind. */
async function nobodyListens(): Promise<void> {
  for (const port of ports) {
    const attempt = () =>
      RawClient.connect(port, false).then(
        (client) => client.destroy(),
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
    while ((await attempt()) !== 'ECONNREFUSED');
  }
}

/** All that is needed to compile, with a program that takes no time to. */
function smallProject(): string {
  const project = path.join(folder, 'small');
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'src/build'])
    cpSync(path.join(root, name), path.join(project, name), { recursive: true });
  const files = {
    'main.ts': "console.log('Serving', process.argv.slice(2).join(' '));",
    'adopt/browser/adopt.ts': '',
    'portal/portal.css': '',
    'demo/tool.css': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, 'src', name)), { recursive: true });
    writeFileSync(path.join(project, 'src', name), text);
  }
  borrowPackages(project);
  return project;
}

test('the first start says what goes on, with npm run -s too; later ones compile only what has changed', async () => {
  const project = smallProject();
  const at = (name: string) => path.join(project, name);
  const startOnce = async () => {
    const started = await npm(project, 'run', '-s', 'start', '--', '--config', 'x');
    const code = await started.ended;
    return { code, stdout: started.stdout, compiled: started.stderr };
  };
  const compiled = /^Compiling TypeScript, .* \.\.\.\n\.\.\. done in [\d.]+ s\n$/;
  const serving = 'Serving serve --config x\n';

  const started = await npm(project, 'start');
  await started.until('Compiling TypeScript');
  started.child.kill('SIGTERM');
  expect(await started.ended).not.toBe(0);
  expect(existsSync(at('dist/.compiled'))).toBe(false);

  const said = expect.stringMatching(compiled) as string;
  expect(await startOnce()).toEqual({ code: 0, stdout: serving, compiled: said });
  expect(await startOnce()).toEqual({ code: 0, stdout: serving, compiled: '' });
  // As git does with all that it checks out.
  utimesSync(at('src/main.ts'), new Date(), new Date());
  expect((await startOnce()).compiled).toBe('');
  writeFileSync(at('src/demo/tool.css'), 'p {}');
  expect((await startOnce()).compiled).toEqual(said);
  expect(readFileSync(at('dist/demo/tool.css'), 'utf8')).toBe('p {}');
  rmSync(at('dist/adopt/browser/adopt.js'));
  expect((await startOnce()).compiled).toEqual(said);
  expect((await startOnce()).compiled).toBe('');

  writeFileSync(at('src/main.ts'), 'const wrong: string = 1;');
  for (let again = 0; again < 2; again++) {
    const { code, stdout, compiled: error } = await startOnce();
    expect([code, stdout]).toEqual([2, '']);
    expect(error).toContain('src/main.ts(1,7): error TS2322');
  }
});

describe('what ends npm ends the gateway', () => {
  test.each([
    ['start', 'SIGTERM'],
    ['start', 'SIGINT'],
    // npm passes these on to nobody.
    ['start', 'SIGHUP'],
    ['start', 'SIGKILL'],
    ['demo', 'SIGTERM'],
    ['demo', 'SIGINT'],
  ] as const)('npm run %s, %s to npm itself', async (script, signal) => {
    const started = await (script === 'demo' ? demo() : start());
    await started.until('Serving');
    started.child.kill(signal);
    const code = await started.ended;
    await nobodyListens();
    if (signal === 'SIGTERM' || signal === 'SIGINT') expect(code).toBe(0);
  });

  test('also through a shell that keeps the program as its child', async () => {
    const shell = path.join(folder, 'shell');
    writeFileSync(shell, '#!/bin/sh\n/bin/sh "$@"\nexit $?\n');
    chmodSync(shell, 0o755);
    const started = await start('--script-shell', shell);
    await started.until('Serving');
    started.child.kill('SIGTERM');
    await nobodyListens();
  });

  test('Ctrl-C, which the terminal sends to both and npm passes on as well, drains', async () => {
    const started = await start();
    await started.until('Serving');
    const client = await RawClient.connect(ports[0] ?? 0, false);
    client.write('GET /slow/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await client.until('begun,');
    process.kill(-(started.child.pid ?? 0), 'SIGINT');
    await started.until('SIGINT: draining');
    await nobodyListens();
    finishAnswer();
    expect(await client.end()).toMatch(/begun,end$/);
    expect(await started.ended).toBe(0);
  });
});
