import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectSecure } from 'node:tls';
import { WebSocket } from 'ws';
import { makeAuthority } from '../support/authority';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { parseMetrics } from '../support/metrics';
import { startProgram, type Program } from '../support/program';
import { exchangeRaw, RawClient } from '../support/raw-client';
import { connectTls, only, versions } from '../support/tls-client';
import { httpUpstream, type Upstream } from '../support/upstreams';

let tool: Upstream;
let finishAnswer: () => void;
let program: Program;
let port: number;

beforeAll(async () => {
  tool = await httpUpstream((req, res) => {
    res.writeHead(200, { 'Content-Length': '9' });
    res.write('begun,');
    if (req.url === '/slow') finishAnswer = () => res.end('end');
    else res.end('end');
  });
});
afterAll(() => tool.close());
/** Ends what a test has begun besides. */
let after: () => void = () => undefined;
afterEach(async () => {
  after();
  after = () => undefined;
  await program.stop('SIGKILL');
});

interface Scene {
  readonly tls?: boolean;
  /** What is made wrong in a worker that gets SIGUSR2. */
  readonly mistake?: string;
  readonly mount?: object;
  readonly config?: object;
}

const file = path.join(temporaryFolder(), 'gateway.yaml');

function write({ tls = false, mount = {}, config = {} }: Scene): void {
  const place = { port, host: '127.0.0.1' };
  const files = { cert: path.join(path.dirname(file), 'tls.crt'), key: path.join(path.dirname(file), 'tls.key') };
  const listen = tls ? { https: { ...place, ...files }, http: 'off' } : { https: 'off', http: place };
  const mounts = [{ path: '/tool', target: tool.url, ...mount }];
  writeFileSync(file, JSON.stringify({ workers: 2, listen, log: { access: false }, mounts, ...config }));
}

/** A gateway of two workers. */
async function serve(scene: Scene = {}): Promise<Program> {
  [port = 0] = await freePorts(1);
  write(scene);
  return startServing(scene);
}

async function startServing(scene: Scene = {}): Promise<Program> {
  const preload = scene.mistake ? ['--require', path.join(__dirname, '../support/mistakes.cjs')] : [];
  program = await startProgram(process.execPath, [...preload, builtProgram(), 'serve', '--config', file], {
    env: { ...process.env, ...(scene.mistake && { MISTAKE: scene.mistake }) },
  });
  await program.until('Serving');
  return program;
}

const pids = () => [...program.output.matchAll(/serves, as process (\d+)/g)].map(([, pid]) => Number(pid));
const get = (target: string, more = '') =>
  exchangeRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`, false);
const statusOf = async (target: string) => Number((await get(target)).split(' ')[1]);
const metrics = async () => parseMetrics((await get('/-/metrics')).split('\r\n\r\n')[1] ?? '');

/** How many connections a worker holds (Linux). */
function socketsOf(pid: number): number {
  const open = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === '01' && local.endsWith(`:${hex(port)}`))
    .map(([, , , , , , , , , inode]) => `socket:[${inode}]`);
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => open.includes(linkOf(`/proc/${pid}/fd/${fd}`))).length;
}

/** What a descriptor is; '' for one that was closed meanwhile. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return '';
  }
}

const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');

/** Opens connections until each worker has one. @returns one of each, in the order of their workers */
async function oneOfEach<T>(
  open: () => Promise<T>,
  close: (connection: T) => void,
  [first = 0, second = 0] = pids(),
): Promise<[T, T]> {
  const found: (T | null)[] = [null, null];
  for (;;) {
    const before = [socketsOf(first), socketsOf(second)];
    const connection = await open();
    const at = await eventually(() => {
      const now = [socketsOf(first), socketsOf(second)];
      const index = now.findIndex((count, i) => count > (before[i] ?? 0));
      return index < 0 ? null : index;
    });
    if (found[at]) close(connection);
    else found[at] = connection;
    const [a, b] = found;
    if (a && b) return [a, b];
  }
}

async function eventually<T>(look: () => T | null | Promise<T | null>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    await pause(10);
  }
}

test('a worker that is killed costs its own connections alone, and is replaced', async () => {
  await serve();
  const [mine, other] = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  for (const client of [mine, other]) {
    client.write('GET /tool/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('begun,end');
  }
  const before = await metrics();
  process.kill(pids()[0] ?? 0, 'SIGKILL');
  await mine.end();
  other.write('GET /tool/y HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await other.until(/begun,end.*begun,end/s);
  expect(await statusOf('/tool/z')).toBe(200);
  await program.until(/Worker 1 has ended \(SIGKILL\).*Worker 1 serves, as process/s);
  expect(pids()).toHaveLength(3);
  // What was counted stays counted, or Prometheus would take it for a restart of everything.
  const series = 'kpow_gateway_requests_total{mount="/tool",method="GET",status="2xx",way="relay"}';
  expect([before.get(series), (await metrics()).get(series)]).toEqual([2, 4]);
  expect((await metrics()).get('process_start_time_seconds')).toBe(before.get('process_start_time_seconds'));
  other.destroy();
}, 30_000);

test('a mistake in a worker lets what it has under way end, while another takes its place', async () => {
  await serve({ mistake: 'timer' });
  const [mine, other] = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  other.destroy();
  mine.write('GET /tool/slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await mine.until('begun,');
  process.kill(pids()[0] ?? 0, 'SIGUSR2');
  await program.until(/Please report it.*Worker 1 serves, as process/s);
  finishAnswer();
  expect(await mine.end()).toMatch(/begun,end$/);
  await program.until('Worker 1 has ended (70)');
}, 30_000);

test('the tool is probed once for all workers, and all of them know what was found', async () => {
  let probes = 0;
  const probed = await httpUpstream((_req, res) => {
    probes++;
    res.end();
  });
  const health = { path: '/healthy', interval: '1h', unhealthyAfter: 1 };
  await serve({ mount: { target: probed.url, health } });
  const [mine, other] = await oneOfEach(openPage, (page) => page.socket.terminate());
  await Promise.all([mine, other].map((page) => page.until('"state":"healthy"')));
  expect(probes).toBe(1);
  await probed.close();
  // One worker finds it out, and the primary looks after it.
  expect(await statusOf('/tool/')).toBe(502);
  await Promise.all([mine, other].map((page) => page.until('"state":"unreachable"')));
  for (const page of [mine, other]) page.socket.terminate();
}, 30_000);

interface Page {
  readonly socket: WebSocket;
  until(text: string): Promise<void>;
}

/** The portal's page, as far as its websocket goes. */
async function openPage(): Promise<Page> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/-/live`, { origin: `http://127.0.0.1:${port}` });
  let received = '';
  let wake: () => void = () => undefined;
  socket.on('message', (data: Buffer) => {
    received += data.toString();
    wake();
  });
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    socket,
    async until(text) {
      while (!received.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test('requests of a client are counted together against its rate limit', async () => {
  await serve({ mount: { rateLimit: { requests: 6, per: '1h' } } });
  const clients = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  const statuses: string[] = [];
  for (let nth = 0; nth < 8; nth++) {
    const client = clients[nth % 2] as RawClient;
    const before = client.text.length;
    client.write('GET /tool/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.once(() => /^HTTP\/1\.1 \d+.*(end$|\n.+$)/s.test(client.text.slice(before)));
    statuses.push(client.text.slice(before).split(' ')[1] ?? '');
  }
  expect(statuses).toEqual(['200', '200', '200', '200', '200', '200', '429', '429']);
  clients.forEach((client) => client.destroy());
}, 30_000);

/** A connection that has been served; null for one that was refused. */
async function askUp(): Promise<RawClient | null> {
  const client = await RawClient.connect(port, false).catch(() => null);
  client?.write('GET /-/up HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client?.once(() => client.text.includes('up\n'));
  return client?.closed === false ? client : null;
}

test('connections of a client are counted together', async () => {
  await serve({ config: { limits: { connectionsPerClient: 10 } } });
  const pair = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  const open = [...pair];
  // Workers tell each other now and then: a few more may get in.
  await eventually(async () => {
    const client = await askUp();
    if (client === null) return true;
    open.push(client);
    return null;
  });
  const [first = 0, second = 0] = pids();
  await eventually(() => (socketsOf(first) + socketsOf(second) === open.length ? true : null));
  expect(open.length).toBeGreaterThanOrEqual(10);
  expect(open.length).toBeLessThan(20);
  // Soon each of them knows of the others' connections, so that whichever is asked refuses.
  let refused = 0;
  await eventually(async () => {
    const client = await askUp();
    refused = client === null ? refused + 1 : 0;
    client?.destroy();
    return refused === 10 ? true : null;
  });
  open.forEach((client) => client.destroy());
}, 30_000);

test.each(versions)(
  'a session of one worker is resumed by the other (%s)',
  async (version) => {
    await serve({ tls: true });
    const connect = (session?: Buffer) => connectTls(port, { ...only(version), ...(session && { session }) });
    const [mine, other] = await oneOfEach(connect, ({ socket }) => socket.destroy());
    const sessions = await Promise.all([mine.session, other.session]);
    for (const { socket } of [mine, other]) socket.destroy();
    for (const session of sessions) {
      const resumed = await oneOfEach(
        () => connect(session),
        ({ socket }) => socket.destroy(),
      );
      expect(resumed.map(({ socket }) => socket.isSessionReused())).toEqual([true, true]);
      for (const { socket } of resumed) socket.destroy();
    }
  },
  60_000,
);

test('a reload is in force in all workers when it is done; a bad one in none', async () => {
  await serve();
  const clients = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  const statuses = async (target: string) => {
    for (const client of clients) client.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return Promise.all(
      clients.map(async (client) => {
        const before = client.text.length;
        await client.once(() => client.text.slice(before).includes('\r\n\r\n'));
        return client.text.slice(before).split(' ')[1];
      }),
    );
  };
  write({ mount: { path: '/moved' } });
  program.child.kill('SIGHUP');
  await program.until('Reloaded the configuration');
  expect(await statuses('/moved/')).toEqual(['200', '200']);
  write({ mount: { path: '/other', target: 'nonsense' } });
  program.child.kill('SIGHUP');
  await program.until('was not taken');
  expect(await statuses('/moved/')).toEqual(['200', '200']);
  const text = await metrics();
  const reloads = ['success', 'failure'].map((result) => `kpow_gateway_config_reloads_total{result="${result}"}`);
  expect(reloads.map((series) => text.get(series))).toEqual([1, 1]);
  clients.forEach((client) => client.destroy());
}, 30_000);

test('a reload comes through while the worker that would try it is killed', async () => {
  await serve();
  write({ mount: { path: '/moved' } });
  process.kill(pids()[0] ?? 0, 'SIGKILL');
  program.child.kill('SIGHUP');
  await program.until(/Reloaded the configuration|not taken/);
  expect(program.output).not.toContain('not taken');
  expect(await statusOf('/moved/')).toBe(200);
}, 30_000);

test('a worker that replaces another goes by what is in force, whatever has become of the files', async () => {
  const [front, back] = await Promise.all([makeAuthority('Front'), makeAuthority('Back')]);
  const [own, extra, toolPair, asTool, client] = await Promise.all([
    front.server('localhost'),
    front.server('extra.example'),
    back.server('localhost'),
    back.client('gateway'),
    front.client('somebody'),
  ]);
  const demanding = { requestCert: true, rejectUnauthorized: true, ca: back.cert };
  const secured = createSecureServer({ cert: toolPair.cert, key: toolPair.key, ...demanding }, (_req, res) =>
    res.end('secured'),
  ).listen(0, '127.0.0.1');
  await once(secured, 'listening');
  after = () => {
    secured.closeAllConnections();
    secured.close();
  };
  const icon = path.join(temporaryFolder(), 'tool.svg');
  writeFileSync(icon, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  [port = 0] = await freePorts(1);
  const https = { port, host: '127.0.0.1', ...own.files, certificates: [extra.files], clientCa: front.file };
  const tls = { ca: back.file, ...asTool.files };
  const target = `https://localhost:${(secured.address() as AddressInfo).port}`;
  write({ mount: { target, tls, icon }, config: { listen: { https, http: 'off' } } });
  await startServing();

  const ask = async (servername: string) => {
    const socket = connectSecure({
      ...{ port, host: '127.0.0.1', servername, ca: front.cert },
      ...{ cert: client.cert, key: client.key },
    });
    await once(socket, 'secureConnect');
    const peer = socket.getPeerX509Certificate();
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    socket.write('GET /tool/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    return [peer?.fingerprint256, text.split(' ')[1]];
  };
  const own256 = new X509Certificate(own.cert).fingerprint256;
  const extra256 = new X509Certificate(extra.cert).fingerprint256;
  expect(await ask('localhost')).toEqual([own256, '200']);

  writeFileSync(asTool.files.key, own.key);
  rmSync(back.file);
  rmSync(icon);
  writeFileSync(own.files.cert, 'nothing');
  rmSync(extra.files.key);
  rmSync(front.file);
  await program.until(/changed certificate files were not taken.*changed certificate files were not taken/s);
  await program.until('the old one stays in force');
  for (const pid of pids()) {
    const before = pids().length;
    process.kill(pid, 'SIGKILL');
    await eventually(() => (pids().length > before ? true : null));
  }
  const all = await Promise.all(Array.from({ length: 16 }, (_, i) => ask(i % 2 ? 'localhost' : 'extra.example')));
  expect(all).toEqual(all.map((_, i) => [i % 2 ? own256 : extra256, '200']));
  expect(program.output).not.toContain('could not be started');

  // And from there on they go by the files again.
  writeFileSync(own.files.cert, own.cert);
  writeFileSync(extra.files.key, extra.key);
  writeFileSync(front.file, front.cert);
  writeFileSync(asTool.files.key, asTool.key);
  writeFileSync(back.file, back.cert);
  writeFileSync(icon, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await program.until('Reloaded the configuration');
  expect((await ask('localhost'))[1]).toBe('200');
}, 60_000);

test('a generated certificate stays the same where a worker is replaced, though its files are gone', async () => {
  await serve({ tls: true });
  const fingerprint = async () => {
    const socket = connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const found = socket.getPeerX509Certificate()?.fingerprint256;
    socket.destroy();
    return found;
  };
  const before = await fingerprint();
  for (const name of ['tls.crt', 'tls.key']) rmSync(path.join(path.dirname(file), name));
  for (const pid of pids()) {
    const count = pids().length;
    process.kill(pid, 'SIGKILL');
    await eventually(() => (pids().length > count ? true : null));
  }
  const after = await Promise.all(Array.from({ length: 8 }, fingerprint));
  expect(new Set([before, ...after]).size).toBe(1);
}, 30_000);

test('a worker that is mistaken and cannot start either is replaced once, and counted', async () => {
  await serve({ mistake: 'start' });
  const { pid = 0 } = program.child;
  const workers = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).length;
  process.kill(pids()[0] ?? 0, 'SIGKILL');
  await program.until(/Please report it.*Worker 1 could not be started; another takes its place.*Worker 1 serves/s);
  // As long as a second try would take to come.
  for (let i = 0; i < 25; i++) {
    expect(workers()).toBeLessThanOrEqual(2);
    await pause(100);
  }
  expect(pids()).toHaveLength(3);
  const text = await metrics();
  const names = ['workers', 'workers_configured', 'worker_failures_total'];
  expect(names.map((name) => text.get(`kpow_gateway_${name}`))).toEqual([2, 2, 2]);
  // What a process has a limit for is told of the worst one, and not added up.
  const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
  expect(text.get('process_max_fds')).toBe(Number(limit));
  const [one = 0, all = 0] = ['process', 'kpow_gateway'].map((of) => text.get(`${of}_resident_memory_bytes`));
  expect([one > 0, one < all]).toEqual([true, true]);
}, 30_000);

test('what needs a restart is not taken by the worker that replaces another', async () => {
  await serve();
  const was = port;
  const [other = 0] = await freePorts(1);
  port = other;
  write({ mount: { path: '/moved' } });
  port = was;
  program.child.kill('SIGHUP');
  await program.until('Restart to put in force: listen.http.port');
  process.kill(pids()[0] ?? 0, 'SIGKILL');
  await program.until(/Worker 1 has ended.*Worker 1 serves, as process/s);
  const [, second = 0, third = 0] = pids();
  const clients = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
    [second, third],
  );
  for (const client of clients) {
    client.write('GET /moved/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await client.end()).toMatch(/^HTTP\/1\.1 200 .*begun,end$/s);
  }
}, 30_000);

test('a worker that hangs is ended and replaced', async () => {
  await serve();
  process.kill(pids()[1] ?? 0, 'SIGSTOP');
  await program.until(/Worker 2 has not answered for 15 s, and is ended.*Worker 2 serves, as process/s);
  expect(await statusOf('/tool/')).toBe(200);
}, 60_000);

test('SIGTERM to all processes, as a terminal and systemd send it, drains all workers', async () => {
  await serve();
  const clients = await oneOfEach(
    () => RawClient.connect(port, false),
    (client) => client.destroy(),
  );
  const [mine, other] = clients;
  mine.write('GET /tool/slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await mine.until('begun,');
  for (const pid of [...pids(), program.child.pid ?? 0]) process.kill(pid, 'SIGTERM');
  await other.end();
  await program.until(/draining 1 request, 0 websockets and \d+ connections?/);
  finishAnswer();
  expect(await mine.end()).toMatch(/begun,end$/);
  expect(await program.ended).toBe(0);
  expect(pids().filter(isAlive)).toEqual([]);
}, 30_000);

test.each(['a second signal', 'the end of the primary'])(
  '%s leaves no worker behind',
  async (end) => {
    await serve();
    const client = await RawClient.connect(port, false);
    client.write('GET /tool/slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('begun,');
    if (end === 'a second signal') {
      program.child.kill('SIGTERM');
      await program.until('draining');
      program.child.kill('SIGTERM');
    } else program.child.kill('SIGKILL');
    expect(await program.ended).not.toBe(0);
    await eventually(() => (pids().some(isAlive) ? null : true));
  },
  30_000,
);

test('a reader of the log that has stopped holds nobody up, while workers come and go', async () => {
  await serve({ config: { log: { access: true } } });
  program.child.stdout?.pause();
  // More than any pipe takes.
  for (let round = 0; round < 200; round++) expect(await statusOf(`/tool/?${'x'.repeat(4_000)}`)).toBe(200);
  const [first = 0, second = 0] = pids();
  process.kill(first, 'SIGKILL');
  await eventually(async () => {
    const told = await metrics();
    const replaced = told.get('kpow_gateway_worker_failures_total') === 1 && told.get('kpow_gateway_workers') === 2;
    return replaced ? true : null;
  });
  for (let round = 0; round < 50; round++) expect(await statusOf('/tool/')).toBe(200);
  expect(isAlive(second)).toBe(true);
  const ended = once(program.child, 'exit');
  program.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 60_000);

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('what keeps it from starting is told as ever, and nothing is left behind', async () => {
  [port = 0] = await freePorts(1);
  write({});
  const taken = createServer().listen(port, '127.0.0.1');
  program = await startProgram(process.execPath, [builtProgram(), 'serve', '--config', file]);
  expect(await program.ended).toBe(1);
  expect(program.stderr).toBe(
    `listen.http.port: 127.0.0.1:${port} is in use by another program; stop that one, or choose another port\n`,
  );
  await new Promise((resolve) => taken.close(resolve));
}, 30_000);
