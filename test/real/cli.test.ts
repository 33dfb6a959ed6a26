import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { builtProgram } from '../support/built-program';
import { temporaryFolder } from '../support/gateway';
import { freePorts } from '../support/free-ports';
import { startProgram, type Program } from '../support/program';
import { exchangeRaw, RawClient } from '../support/raw-client';
import { httpUpstream, rawUpstream, recordingUpstream, type RecordingUpstream } from '../support/upstreams';
import { readAnswer } from './read-answer';

const root = path.join(__dirname, '..', '..');
const main = builtProgram();

let tool: RecordingUpstream;
const folders = temporaryFolder();
/** A folder of the test's own, where the program runs. */
let folder: string;
let programs: Program[] = [];

beforeAll(async () => {
  tool = await recordingUpstream();
});
afterAll(() => tool.close());
beforeEach(() => {
  folder = mkdtempSync(path.join(folders, 'run-'));
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGKILL')));
  programs = [];
});

async function run(...args: string[]): Promise<Program> {
  const program = await startProgram(process.execPath, [main, ...args], { cwd: folder });
  programs.push(program);
  return program;
}

/** Runs it to its end. */
async function finish(...args: string[]) {
  const program = await run(...args);
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

interface Settings {
  readonly listen?: string;
  readonly mounts?: readonly string[];
  readonly more?: string;
}
const freeListeners = '{ https: { port: 0, host: 127.0.0.1 }, http: { port: 0, host: 127.0.0.1 } }';
const mountOf = (mountPath: string, target = tool.url) => `{ name: Tool, path: ${mountPath}, target: "${target}" }`;

function write({ listen = freeListeners, mounts = [mountOf('/tool')], more = '' }: Settings = {}): string {
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, [`listen: ${listen}`, 'mounts:', ...mounts.map((mount) => `  - ${mount}`), more, ''].join('\n'));
  return file;
}

interface Ports {
  readonly https: number;
  readonly http: number;
}
/** Waits for the one line that says where it serves. */
async function ready(program: Program): Promise<Ports> {
  const line = /Serving \d+ mounts? at https:\/\/localhost:(\d+) and http:\/\/localhost:(\d+) \(redirects\)/;
  const [, https, http] = line.exec(await program.until(line)) ?? [];
  return { https: Number(https), http: Number(http) };
}
async function serve(settings: Settings = {}): Promise<{ program: Program; ports: Ports }> {
  const program = await run('serve', '--config', write(settings));
  return { program, ports: await ready(program) };
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const ask = async (port: number, target: string) => readAnswer(await exchangeRaw(port, get(target)));

describe('check', () => {
  test('a good configuration: exit 0, what will be served where, and nothing is written', async () => {
    const { code, stdout, stderr } = await finish('check', '--config', write());
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('gateway.yaml: ready to serve');
    expect(stdout).toMatch(/https\s+127\.0\.0\.1:0 .*self-signed certificate will be generated at certs\/tls\.crt/);
    expect(stdout).toMatch(/http\s+127\.0\.0\.1:0 .*redirects to https/);
    expect(stdout).toContain(`/tool  Tool → ${tool.url}`);
    expect(readdirSync(folder)).toEqual(['gateway.yaml']);
  });

  test('a bad one: exit 2, and every problem at once with its path and a fix', async () => {
    const file = write({
      mounts: ['{ path: kpow, target: "localhost:3000" }', '{ path: /-/x, target: "http://a", prefx: keep }'],
      more: 'drain: { timeout: 10 }',
    });
    const { code, stdout } = await finish('check', '--config', file);
    expect(code).toBe(2);
    for (const problem of [
      /problems/,
      /^ {2}mounts\[0\]\.path: .*\/kpow/m,
      /^ {2}mounts\[0\]\.target: "localhost:3000" has no scheme; write http:\/\/localhost:3000$/m,
      /^ {2}mounts\[1\]\.path: .*\/-\//m,
      /^ {2}mounts\[1\]\.prefx: unknown key; did you mean prefix\?$/m,
      /^ {2}drain\.timeout: .*10s/m,
    ]) {
      expect(stdout).toMatch(problem);
    }
  });

  test('the configuration as shipped is good, and takes its mount from the environment', async () => {
    const shipped = path.join(root, 'config', 'gateway.yaml');
    const env = { ...process.env, KPOW_URL: 'http://kpow.internal:3123', KPOW_PATH: '/kafka' };
    const program = await startProgram(process.execPath, [main, 'check', '--config', shipped], { cwd: folder, env });
    expect(await program.ended).toBe(0);
    expect(program.stdout).toContain('/kafka  kPow → http://kpow.internal:3123');
  });

  test('a file that is not there: exit 2 and what to do', async () => {
    const { code, stdout } = await finish('check', '--config', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(stdout).toMatch(/there is no such file; name another with --config FILE/);
  });

  test('a file that is not YAML: exit 2 and where', async () => {
    writeFileSync(path.join(folder, 'gateway.yaml'), 'mounts:\n  - path: [/kpow\n');
    const { code, stdout } = await finish('check', '--config', 'gateway.yaml');
    expect(code).toBe(2);
    expect(stdout).toMatch(/line \d/);
  });
});

describe('healthcheck', () => {
  async function fileOfFreePort(): Promise<string> {
    const [port = 0] = await freePorts(1);
    return write({ listen: `{ https: { port: ${port}, host: 127.0.0.1 }, http: off }` });
  }

  test('exit 0 while the gateway serves, 1 afterwards, with a sentence', async () => {
    const file = await fileOfFreePort();
    const gateway = await run('serve', '--config', file);
    await gateway.until('Serving 1 mount');
    expect(await finish('healthcheck', '--config', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/-\/up answers 200\n$/),
    });
    await gateway.stop();
    expect(await finish('healthcheck', '--config', file)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be reached \(ECONNREFUSED\); see the gateway's log\n$/),
    });
  });

  test('takes the file from the environment, and loads nothing that only serving needs', async () => {
    const list = path.join(folder, 'list-modules.cjs');
    writeFileSync(list, "process.once('exit', () => console.log(Object.keys(require.cache).join('\\n')));");
    const env = { ...process.env, KPOW_GATEWAY_CONFIG: await fileOfFreePort() };
    const program = await startProgram(process.execPath, ['--require', list, main, 'healthcheck'], {
      cwd: folder,
      env,
    });
    expect(await program.ended).toBe(1);
    expect(program.stderr).toMatch(/ECONNREFUSED/);
    expect(program.stdout).toContain('commands/healthcheck.js');
    expect(program.stdout).not.toMatch(/node_modules\/(express|http-proxy|pino|selfsigned|ws)\//);
  });

  test('a time that is none: exit 2 and what to write', async () => {
    const { code, stderr } = await finish('healthcheck', '--timeout', 'soon');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Write a time such as 500ms or 3s.')]);
  });
});

describe('stand-in', () => {
  test('serves one tool of the demo until SIGTERM, then exit 0', async () => {
    const program = await run('stand-in', 'kpow', '--port', '0');
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(await program.until(/serves at .*\n/)) ?? [];
    expect(readAnswer(await exchangeRaw(Number(port), get('/up'), false)).status).toBe(200);
    await program.stop();
    expect(await program.ended).toBe(0);
  });

  test('a port that is in use: exit 1 and a sentence', async () => {
    const { code, stderr } = await finish('stand-in', 'tail', '--port', String(tool.port));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^The stand-in tail cannot listen on .*EADDRINUSE/)]);
  });
});

describe('serve', () => {
  test('one line tells where it serves, and it does', async () => {
    const { program, ports } = await serve();
    expect(program.output.match(/Serving/g)).toHaveLength(1);
    expect(await ask(ports.https, '/tool/x')).toMatchObject({ status: 200, body: 'ok' });
    const plain = readAnswer(await exchangeRaw(ports.http, get('/tool/x?y'), false));
    expect([plain.status, plain.fields.find(([name]) => name === 'location')?.[1]]).toEqual([
      308,
      expect.stringMatching(/^https:\/\/localhost(:\d+)?\/tool\/x\?y$/),
    ]);
  });

  test('where both certificate files are missing it makes them, once, and says so', async () => {
    const first = await serve();
    expect(first.program.output).toContain('generated a SELF-SIGNED one for localhost');
    const certificate = readFileSync(path.join(folder, 'certs', 'tls.crt'), 'utf8');
    await first.program.stop();
    const second = await serve();
    expect(second.program.output).not.toContain('SELF-SIGNED one for localhost, so');
    expect(readFileSync(path.join(folder, 'certs', 'tls.crt'), 'utf8')).toBe(certificate);
  });

  test('without a command and without --config it serves config/gateway.yaml', async () => {
    mkdirSync(path.join(folder, 'config'));
    writeFileSync(path.join(folder, 'config', 'gateway.yaml'), readFileSync(write()));
    const { https } = await ready(await run());
    expect((await ask(https, '/tool/')).status).toBe(200);
  });

  test('when the log is silent it still says where it serves', async () => {
    const { program } = await serve({ more: 'log: { level: silent }' });
    expect(program.stdout.trim().split('\n')).toHaveLength(1);
  });
});

/** A tool whose answer begins at once and ends when the test says so. */
async function slowTool() {
  let finishAnswer: () => void = () => undefined;
  const upstream = await httpUpstream((_req, res) => {
    res.writeHead(200, { 'Content-Length': '9' });
    res.write('begun,');
    finishAnswer = () => res.end('end');
  });
  return { upstream, finishAnswer: () => finishAnswer() };
}

/** Resolves when nothing is accepted any more; what the system had accepted before is served. */
async function refused(port: number): Promise<void> {
  const refusal = (error: NodeJS.ErrnoException) => error.code;
  const attempt = () => RawClient.connect(port, false).then((client) => client.destroy(), refusal);
  while ((await attempt()) !== 'ECONNREFUSED');
}

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: the request under way ends, no new one begins, exit 0',
    async (signal) => {
      const { upstream, finishAnswer } = await slowTool();
      const { program, ports } = await serve({ mounts: [mountOf('/slow', upstream.url)] });
      const client = (await RawClient.connect(ports.https)).write(get('/slow/'));
      const idle = await RawClient.connect(ports.https);
      await client.until('begun,');
      program.child.kill(signal);
      await program.until(`${signal}: draining 1 request, 0 websockets and 2 connections`);
      await refused(ports.https);
      await refused(ports.http);
      finishAnswer();
      expect(readAnswer(await client.end())).toMatchObject({ status: 200, body: 'begun,end' });
      expect(await program.ended).toBe(0);
      expect(program.stderr).toBe('');
      idle.destroy();
      await upstream.close();
    },
  );

  test('a kept-alive connection without a request does not hold the end up', async () => {
    const { program, ports } = await serve();
    const client = (await RawClient.connect(ports.https)).write(get('/tool/').replace('close', 'keep-alive'));
    await client.until('ok');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(client.closed || (await client.end())).toBeTruthy();
  });

  test('what does not end within drain.timeout is cut off, and told of; exit 0', async () => {
    const { upstream } = await slowTool();
    const { program, ports } = await serve({
      mounts: [mountOf('/slow', upstream.url)],
      more: 'drain: { timeout: 200ms }',
    });
    const client = (await RawClient.connect(ports.https)).write(get('/slow/'));
    await client.until('begun,');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.output).toContain('did not end within drain.timeout');
    await client.end();
    await upstream.close();
  });

  test('a second signal ends it at once: exit 1', async () => {
    const { upstream } = await slowTool();
    const { program, ports } = await serve({ mounts: [mountOf('/slow', upstream.url)] });
    const client = (await RawClient.connect(ports.https)).write(get('/slow/'));
    await client.until('begun,');
    program.child.kill('SIGTERM');
    await program.until('draining');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(1);
    await upstream.close();
  });

  test('Ctrl-C comes twice where npm passes it on, and is one: what is under way ends', async () => {
    const { upstream, finishAnswer } = await slowTool();
    const { program, ports } = await serve({ mounts: [mountOf('/slow', upstream.url)] });
    const client = (await RawClient.connect(ports.https)).write(get('/slow/'));
    await client.until('begun,');
    program.child.kill('SIGINT');
    await program.until('draining');
    program.child.kill('SIGINT');
    await refused(ports.https);
    finishAnswer();
    expect(readAnswer(await client.end())).toMatchObject({ status: 200, body: 'begun,end' });
    expect(await program.ended).toBe(0);
    await upstream.close();
  });

  test('SIGHUP puts a changed file in force without dropping a request', async () => {
    const { upstream, finishAnswer } = await slowTool();
    const { program, ports } = await serve({ mounts: [mountOf('/slow', upstream.url)] });
    const client = (await RawClient.connect(ports.https)).write(get('/slow/'));
    await client.until('begun,');
    expect((await ask(ports.https, '/tool/')).status).toBe(404);

    write({ mounts: [mountOf('/tool')] });
    program.child.kill('SIGHUP');
    await program.until('Reloaded the configuration');
    expect((await ask(ports.https, '/tool/')).status).toBe(200);
    expect((await ask(ports.https, '/slow/')).status).toBe(404);
    finishAnswer();
    expect(readAnswer(await client.end())).toMatchObject({ status: 200, body: 'begun,end' });
    await upstream.close();
  });

  test('SIGHUP with a broken file names its problems, and the old configuration stays in force', async () => {
    const { program, ports } = await serve();
    const file = write({ mounts: ['{ path: /other, target: "localhost:1" }', '{ path: /tool }'] });
    program.child.kill('SIGHUP');
    await program.until('The new configuration was not taken; the old one stays in force');
    expect(program.output).toContain('mounts[0].target: \\"localhost:1\\" has no scheme; write http://localhost:1');
    expect(program.output).toContain('mounts[1].target: is missing');
    expect((await ask(ports.https, '/tool/')).status).toBe(200);

    writeFileSync(file, 'mounts: [');
    program.child.kill('SIGHUP');
    await program.until(/(stays in force[\s\S]*){2}/);
    expect((await ask(ports.https, '/tool/')).status).toBe(200);

    write({ mounts: [mountOf('/fixed')] });
    program.child.kill('SIGHUP');
    await program.until('Reloaded the configuration');
    expect((await ask(ports.https, '/fixed/')).status).toBe(200);
  });

  test('SIGHUP with another port says what needs a restart, and takes the rest', async () => {
    const { program, ports } = await serve();
    const [port = 0] = await freePorts(1);
    write({ listen: freeListeners.replace('port: 0', `port: ${port}`), mounts: [mountOf('/tool'), mountOf('/more')] });
    program.child.kill('SIGHUP');
    await program.until('Restart to put in force: listen.https.port');
    expect((await ask(ports.https, '/more/')).status).toBe(200);
  });

  test('SIGHUP takes a renewed certificate', async () => {
    const { program, ports } = await serve();
    const before = await certificateAt(ports.https);
    const [cert, key] = [path.join(folder, 'certs', 'tls.crt'), path.join(folder, 'certs', 'tls.key')];
    await selfSigned(cert, key);
    program.child.kill('SIGHUP');
    await program.until('Reloaded the configuration');
    expect(await certificateAt(ports.https)).not.toBe(before);
  });
});

/** Writes a new pair. */
async function selfSigned(cert: string, key: string): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256' });
  writeFileSync(cert, pair.cert);
  writeFileSync(key, pair.private);
}

/** The fingerprint of what is served. */
async function certificateAt(port: number): Promise<string> {
  const client = await RawClient.connect(port);
  if (!(client.socket instanceof TLSSocket)) throw new Error('not over TLS');
  const { fingerprint256 } = client.socket.getPeerCertificate();
  client.destroy();
  return fingerprint256;
}

test('--config env:NAME: the configuration is the text of a variable, at a reload too', async () => {
  const text = `listen: ${freeListeners}\nmounts: [${mountOf('/tool')}]\n`;
  const args = [main, 'serve', '--config', 'env:GATEWAY_CONFIG'];
  const program = await startProgram(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, GATEWAY_CONFIG: text },
  });
  programs.push(program);
  const ports = await ready(program);
  program.child.kill('SIGHUP');
  await program.until('Reloaded the configuration');
  expect((await ask(ports.https, '/tool/')).status).toBe(200);
  expect(await finish('check', '--config', 'env:GATEWAY_CONFIG')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('the environment variable GATEWAY_CONFIG is not set'),
  });
});

describe('what cannot be served ends with a code and one clear sentence', () => {
  const sentence = (text: string) => text.trim().split('\n');

  test.each(['https', 'http'] as const)('the %s port is in use: exit 1', async (listener) => {
    const taken = await rawUpstream(() => undefined);
    const other = listener === 'https' ? 'http' : 'https';
    const listen = `{ ${listener}: { port: ${taken.port}, host: 127.0.0.1 }, ${other}: { port: 0, host: 127.0.0.1 } }`;
    const { code, stderr } = await finish('serve', '--config', write({ listen }));
    expect(code).toBe(1);
    expect(sentence(stderr)).toEqual([
      `listen.${listener}.port: 127.0.0.1:${taken.port} is in use by another program; stop that one, or choose another port`,
    ]);
    await taken.close();
  });

  test.each<[string, (cert: string, key: string) => void | Promise<void>, RegExp]>([
    ['the key is not a key', (_, key) => writeFileSync(key, 'not a key'), /^listen\.https\.key: .*tls\.key/],
    [
      'the certificate is not one',
      (cert) => writeFileSync(cert, 'not a certificate'),
      /^listen\.https\.cert: .*tls\.crt/,
    ],
    ['the key cannot be read', (_, key) => makeUnreadable(key), /^listen\.https\.key: .*tls\.key/],
    [
      'the key belongs to another certificate',
      (cert, key) => selfSigned(`${cert}.other`, key),
      /^listen\.https\.(key|cert): .*belong/,
    ],
    ['the key is missing', (_, key) => rmSync(key), /^listen\.https\.key: .*tls\.key/],
    ['the certificate is missing', (cert) => rmSync(cert), /^listen\.https\.cert: .*tls\.crt/],
  ])('%s', async (_, spoil, message) => {
    mkdirSync(path.join(folder, 'certs'));
    const [cert, key] = [path.join(folder, 'certs', 'tls.crt'), path.join(folder, 'certs', 'tls.key')];
    await selfSigned(cert, key);
    await spoil(cert, key);
    const file = write();
    const served = await finish('serve', '--config', file);
    expect(served.code).toBe(2);
    expect(sentence(served.stderr)).toEqual([expect.stringMatching(message)]);
    expect(served.stdout).not.toContain('Serving');
    const checked = await finish('check', '--config', file);
    expect(checked.code).toBe(2);
    expect(checked.stdout).toContain(sentence(served.stderr)[0]);
  });

  test('the configuration is bad: exit 2, a line for each problem', async () => {
    const file = write({
      mounts: ['{ path: /a, target: "localhost:1" }', '{ path: /a, target: "http://localhost:1" }'],
    });
    const { code, stdout, stderr } = await finish('serve', '--config', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(sentence(stderr)).toEqual([
      `${file}: mounts[0].target: "localhost:1" has no scheme; write http://localhost:1`,
      expect.stringMatching(/mounts\[1\]\.path: .*\/a/),
    ]);
  });

  test('the configuration is missing: exit 2', async () => {
    const { code, stderr } = await finish('serve', '--config', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(sentence(stderr)).toEqual([expect.stringMatching(/^nowhere\.yaml: there is no such file; /)]);
  });

  test('the configuration cannot be read: exit 2', async () => {
    mkdirSync(path.join(folder, 'folder.yaml'));
    const { code, stderr } = await finish('serve', '--config', 'folder.yaml');
    expect(code).toBe(2);
    expect(sentence(stderr)).toEqual([expect.stringMatching(/^folder\.yaml: /)]);
  });

  test('a target is the gateway itself: exit 2', async () => {
    const [port = 0] = await freePorts(1);
    const listen = `{ https: off, http: { port: ${port}, host: 127.0.0.1 } }`;
    const file = write({ listen, mounts: [mountOf('/loop', `http://localhost:${port}`)] });
    const { code, stderr } = await finish('serve', '--config', file);
    expect(code).toBe(2);
    expect(sentence(stderr)).toEqual([expect.stringMatching(/mounts\[0\]\.target: .*gateway/)]);
  });

  test.each([
    ['an unknown option', ['serve', '--confg', 'x']],
    ['an unknown command', ['chek']],
    ['a port that is none', ['demo', '--https-port', 'x']],
  ])('%s: exit 2, and where help is', async (_, args) => {
    const { code, stdout, stderr } = await finish(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: [^]*\n\(see kpow-gateway --help\)\n$/);
  });
});

/** Also for root, whom no permission stops. */
function makeUnreadable(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

test('--help names the commands, --version the version: exit 0', async () => {
  const help = await finish('--help');
  expect([help.code, help.stderr]).toEqual([0, '']);
  for (const command of ['serve', 'check', 'demo', '--version']) expect(help.stdout).toContain(command);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await finish('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('demo serves the stand-ins on free ports, says what to open, and ends on SIGTERM with 0', async () => {
  const program = await run('demo', '--https-port', '0', '--http-port', '0');
  const { https } = await ready(program);
  await program.until(`https://localhost:${https}/`);
  const portal = await ask(https, '/');
  expect(portal.status).toBe(200);
  for (const name of ['kPow (stand-in)', 'Schemas', 'Tail']) expect(portal.body).toContain(name);
  expect((await ask(https, '/kpow/')).fields).toContainEqual(['location', expect.stringMatching(/\/kpow\/login$/)]);
  for (const target of ['/kpow/login', '/schemas/', '/tail/']) expect((await ask(https, target)).status).toBe(200);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});
