import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { builtProgram } from '../../support/built-program';
import { freePorts } from '../../support/free-ports';
import { temporaryFolder } from '../../support/gateway';
import { startProgram, type Program } from '../../support/program';
import { RawClient, exchangeRaw } from '../../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';
import { field, readAnswer } from '../read-answer';

const root = path.join(__dirname, '../../..');
const main = builtProgram();
const folders = temporaryFolder();

let folder: string;
let tool: RecordingUpstream;
const programs = new Set<Program>();

beforeAll(async () => {
  tool = await recordingUpstream();
});
afterAll(() => tool.close());
beforeEach(() => {
  folder = mkdtempSync(path.join(folders, 'run-'));
});
afterEach(async () => {
  for (const program of programs) {
    if (program.over) continue;
    // The holder first, or it starts another; and what it started, or the output never ends.
    program.child.kill('SIGKILL');
    for (const pid of pidsOf(program)) kill(pid, 'SIGKILL');
    await program.ended;
  }
  programs.clear();
});

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const program = await startProgram(command, args, { cwd: folder, env: { ...process.env, ...env } });
  programs.add(program);
  return program;
}

/** The ids of the gateways that were started, the newest last. */
function pidsOf(program: Program): number[] {
  return [...program.output.matchAll(/starting (\d+)/g)].map(([, pid]) => Number(pid));
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is over.
  }
}

/** Writes a configuration whose own ports are free ones that nobody should ever listen on. */
async function configure(listen: (ports: readonly number[]) => string): Promise<string> {
  const file = path.join(folder, 'gateway.yaml');
  const text = `listen: ${listen(await freePorts(2))}\nmounts: [{ path: /tool, target: "${tool.url}" }]\n`;
  writeFileSync(file, text);
  return file;
}

const both = ([https = 0, http = 0]: readonly number[]) =>
  `{ https: { port: ${https}, host: 127.0.0.1 }, http: { port: ${http}, host: 127.0.0.1 } }`;
const plain = ([, http = 0]: readonly number[]) =>
  `{ https: off, http: { port: ${http}, host: 127.0.0.1, mode: serve } }`;

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`;

describe('a parent that keeps the socket, as systemd does', () => {
  async function hold(times: number, name: string, config: string, env: NodeJS.ProcessEnv = {}): Promise<Program> {
    const holder = path.join(root, 'test/support/socket-holder.cjs');
    const program = [process.execPath, main, 'serve', '--config', config];
    return run(process.execPath, [holder, String(times), name, ...program], env);
  }
  const portOf = async (program: Program) =>
    Number(/listening on (\d+)/.exec(await program.until(/listening on \d+/))?.[1]);

  test('the socket is used, and not the port of the configuration; the log says both', async () => {
    const program = await hold(1, 'http', await configure(plain));
    const port = await portOf(program);
    await program.until(`Serving 1 mount at http://localhost:${port}`);
    expect(program.output).toMatch(
      /listen\.http: the socket that systemd passes on is used, and not port \d+ of 127\.0\.0\.1/,
    );
    expect(readAnswer(await exchangeRaw(port, get('/tool/'), false)).body).toBe('ok');
  });

  test('over a restart nobody is refused: who comes in between waits, and is answered', async () => {
    const gate = path.join(folder, 'gate');
    execFileSync('mkfifo', [gate]);
    const program = await hold(2, 'http', await configure(plain), { GATE: gate });
    const port = await portOf(program);
    await writeFile(gate, 'go\n');
    await program.until('Serving 1 mount');
    const [first = 0] = pidsOf(program);

    kill(first, 'SIGTERM');
    await program.until('Stopped');
    const waiting = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(port, false)));
    for (const client of waiting) client.write(get('/tool/'));
    // No gateway runs until the gate is opened.
    expect(pidsOf(program)).toHaveLength(1);

    await writeFile(gate, 'go\n');
    const answers = await Promise.all(waiting.map((client) => client.end()));
    expect(new Set(answers.map((text) => readAnswer(text).status))).toEqual(new Set([200]));
    expect(pidsOf(program)).toHaveLength(2);
  });

  test('a socket whose listener is off: exit 2 and what to do', async () => {
    const program = await hold(1, 'https', await configure(plain));
    await program.ended;
    expect(program.stderr).toBe(
      'socket activation: listen.https: is off, and a socket named https is passed on for it; turn it on, or disable that .socket unit\n',
    );
  });

  test('a socket without a proper name: exit 2 and what to do', async () => {
    const program = await hold(1, 'kpow-gateway.socket', await configure(plain));
    await program.ended;
    expect(program.stderr).toContain('write FileDescriptorName=https or FileDescriptorName=http in its .socket unit');
  });
});

const installed = spawnSync('systemd-socket-activate', ['--version']).status === 0;
const unless = installed ? '' : ' (skipped: systemd-socket-activate is not installed)';

(installed ? describe : describe.skip)(`systemd's own systemd-socket-activate${unless}`, () => {
  async function activate(config: string, sockets: readonly (readonly [string, string])[]): Promise<Program> {
    const program = await run('systemd-socket-activate', [
      ...sockets.map(([address]) => `--listen=${address}`),
      `--fdname=${sockets.map(([, name]) => name).join(':')}`,
      process.execPath,
      main,
      'serve',
      '--config',
      config,
    ]);
    await program.until(new RegExp(`(Listening on [^\n]*\n){${sockets.length}}`));
    return program;
  }

  test('the connection that starts the gateway is answered, over TLS; plain HTTP leads to that port', async () => {
    const [https = 0, http = 0] = await freePorts(2);
    const config = await configure(both);
    const program = await activate(config, [
      [`127.0.0.1:${http}`, 'http'],
      [`127.0.0.1:${https}`, 'https'],
    ]);
    expect(readAnswer(await exchangeRaw(https, get('/tool/'))).body).toBe('ok');
    const redirect = readAnswer(await exchangeRaw(http, get('/tool/'), false));
    expect(field(redirect, 'location')).toBe(`https://gateway:${https}/tool/`);
    expect(program.output).toContain(`Serving 1 mount at https://localhost:${https} and http://localhost:${http}`);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  test('both address families come over one socket', async () => {
    const [port = 0] = await freePorts(1);
    const program = await activate(await configure(plain), [[String(port), 'http']]);
    expect(readAnswer(await exchangeRaw(port, get('/tool/'), false)).body).toBe('ok');
    expect(program.output).toContain(`Serving 1 mount at http://localhost:${port}`);
    await program.until('"path":"/tool/"');
    expect(program.output).toContain('"client":"127.0.0.1"');
  });

  test('a Unix socket is refused with what to write instead: exit 1', async () => {
    const socket = path.join(folder, 'gateway.sock');
    const program = await activate(await configure(plain), [[socket, 'http']]);
    spawnSync(process.execPath, ['-e', 'require("net").connect(process.argv[1]).on("connect", process.exit)', socket]);
    expect(await program.ended).toBe(1);
    expect(program.stderr).toContain(
      'listen.http: what is passed on for it is not a TCP socket that listens (ERR_INVALID_FD_TYPE); write ListenStream= with a port, and no Accept=yes, in its .socket unit',
    );
  });
});
