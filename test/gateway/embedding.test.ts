import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, createGateway, ListenError, loadConfig, type Gateway, type GatewayConfig } from '../../src';
import { temporaryFolder } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { rawUpstream, recordingUpstream, type RecordingUpstream } from '../support/upstreams';

const folder = temporaryFolder();
const listen = { https: { port: 0, host: '127.0.0.1' }, http: { port: 0, host: '127.0.0.1', mode: 'serve' } } as const;
const quiet = { log: { level: 'silent' } } as const;

let tool: RecordingUpstream;
let gateways: Gateway[] = [];
beforeAll(async () => {
  tool = await recordingUpstream();
});
afterAll(() => tool.close());
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  gateways = [];
});

function config(mountPath = '/tool'): GatewayConfig {
  return { listen, ...quiet, mounts: [{ path: mountPath, target: tool.url }] };
}

function create(...args: Parameters<typeof createGateway>): Gateway {
  const gateway = createGateway(args[0], { folder, ...args[1] });
  gateways.push(gateway);
  return gateway;
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
async function statusOf(port: number, target: string, tls = true): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await exchangeRaw(port, get(target), tls))?.[1]);
}

test('start says where it listens, and serves; the certificate is made in the folder that was named', async () => {
  const { https, http, metrics } = await create(config()).start();
  expect(https).toEqual({ address: '127.0.0.1', port: expect.any(Number), family: 'IPv4' });
  expect(metrics).toBeNull();
  expect(await statusOf(https!.port, '/tool/x')).toBe(200);
  expect(await statusOf(http!.port, '/tool/x', false)).toBe(200);
  expect(existsSync(path.join(folder, 'certs', 'tls.crt'))).toBe(true);
});

test('it says that workers are not for it', async () => {
  const warnings: unknown[] = [];
  const note = () => undefined;
  const log = { debug: note, info: note, error: note, warn: (...said: unknown[]) => void warnings.push(said) };
  const { http } = await create({ ...config(), log: { level: 'info' }, workers: 2 }, { log }).start();
  expect(await statusOf(http!.port, '/tool/x', false)).toBe(200);
  expect(JSON.stringify(warnings)).toContain('an embedded gateway serves in this process alone');
});

test('reload puts an object in force, says what needs a restart, and keeps the old one when it is refused', async () => {
  const gateway = create(config());
  const { https } = await gateway.start();
  expect(await gateway.reload(config('/other'))).toEqual([]);
  expect([await statusOf(https!.port, '/other/'), await statusOf(https!.port, '/tool/')]).toEqual([200, 404]);

  const refused = gateway.reload({ ...config(), mounts: [{ path: 'tool', target: 'localhost:1' }] });
  await expect(refused).rejects.toThrow(ConfigError);
  expect(await statusOf(https!.port, '/other/')).toBe(200);

  expect(await gateway.reload({ ...config(), limits: { head: '32kb' } })).toEqual(['limits.head']);
});

test('a file is read with its variables, for createGateway and for reload', async () => {
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, JSON.stringify({ ...config(), mounts: [{ path: '${TOOL_PATH:-/tool}', target: tool.url }] }));
  const loaded = loadConfig(file, { env: {}, folder });
  expect(loaded.file).toBe(file);
  const gateway = create(loaded);
  const { https } = await gateway.start();
  expect(await statusOf(https!.port, '/tool/')).toBe(200);
  await gateway.reload(loadConfig(file, { env: { TOOL_PATH: '/renamed' }, folder }));
  expect(await statusOf(https!.port, '/renamed/')).toBe(200);
});

test('variables in an object are replaced only from the environment that is given', async () => {
  const raw = { ...config(), portal: { title: '${TITLE}' } };
  const portal = async (options: { env?: Record<string, string> }) => {
    const { https } = await create(raw, options).start();
    return /<title>([^<]*)/.exec(await exchangeRaw(https!.port, get('/')))?.[1];
  };
  expect(await portal({})).toContain('${TITLE}');
  expect(await portal({ env: { TITLE: 'Kafka tools' } })).toContain('Kafka tools');
});

test('every problem of a configuration is told at once', () => {
  const mounts = [{ path: 'kpow', target: 'localhost:3000' }];
  try {
    createGateway({ mounts });
    throw new Error('it was taken');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).toEqual([
      'mounts[0].path: "kpow" does not begin with a slash; write /kpow',
      'mounts[0].target: "localhost:3000" has no scheme; write http://localhost:3000',
    ]);
  }
  expect(() => loadConfig(path.join(folder, 'nowhere.yaml'))).toThrow(ConfigError);
});

test('a port that is in use is a ListenError that says what to do', async () => {
  const taken = await rawUpstream(() => undefined);
  const error: unknown = await create({
    ...config(),
    listen: { https: 'off', http: { ...listen.http, port: taken.port } },
  })
    .start()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ListenError);
  expect(error).toMatchObject({
    listener: 'http',
    message: `listen.http.port: 127.0.0.1:${taken.port} is in use by another program; stop that one, or choose another port`,
    cause: { code: 'EADDRINUSE' },
  });
  await taken.close();
});

test('two gateways run side by side, and one goes on when the other stops', async () => {
  const [one, other] = [create(config('/one')), create(config('/other'))];
  const [first, second] = await Promise.all([one.start(), other.start()]);
  expect(await statusOf(first.https!.port, '/one/')).toBe(200);
  expect(await statusOf(first.https!.port, '/other/')).toBe(404);
  await one.stop();
  expect(await statusOf(second.https!.port, '/other/')).toBe(200);
  await expect(exchangeRaw(first.https!.port, get('/one/'))).rejects.toThrow('ECONNREFUSED');
});

test('a stopped gateway leaves no listener at the process or its output, and no connection to a tool', async () => {
  const counts = () =>
    [process, process.stdout, process.stderr].map((emitter) =>
      emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]),
    );
  const before = counts();
  const said = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const own = await recordingUpstream();
  const mounts = [{ path: '/tool', target: own.url }];
  const gateway = create({ listen, mounts, log: { level: 'info', format: 'json' } });
  const { https } = await gateway.start();
  expect(await statusOf(https!.port, '/tool/')).toBe(200);
  expect(counts()).toEqual(before);
  expect(own.sockets.size).toBe(1);
  const pooled = [...own.sockets];
  await gateway.stop();
  // What the tool is told by the end of the pool comes before what it is asked next.
  for (const path of ['/1', '/2']) await exchangeRaw(own.port, get(path), false);
  expect(pooled.map((socket) => own.sockets.has(socket))).toEqual([false]);
  expect(counts()).toEqual(before);
  expect(said.mock.calls.map(([line]) => JSON.parse(line as string))).toContainEqual(
    expect.objectContaining({ level: 'info', msg: 'GET /tool/ 200' }),
  );
  said.mockRestore();
  await own.close();
});

test("the log goes to the host's logger, in fields and a message, at the level of the configuration", async () => {
  const calls: [string, object, string][] = [];
  const to = (level: string) => (fields: object, message: string) => void calls.push([level, fields, message]);
  const log = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
  const gateway = create({ ...config(), log: { level: 'info' } }, { log });
  const { https } = await gateway.start();
  await statusOf(https!.port, '/tool/?token=secret');
  // The line is written when the answer has left, which the client may see before.
  await gateway.stop();
  expect(calls).toContainEqual([
    'info',
    expect.objectContaining({ status: 200, mount: '/tool' }),
    expect.stringMatching(/^GET \/tool\//),
  ]);
  expect(JSON.stringify(calls)).not.toContain('secret');
  expect(calls.map(([level]) => level)).not.toContain('debug');
});

test("a host's logger that throws harms nothing", async () => {
  const broken = () => {
    throw new Error('the disk is full');
  };
  const log = { debug: broken, info: broken, warn: broken, error: broken };
  const { https } = await create({ ...config(), log: { level: 'debug' } }, { log }).start();
  expect(await statusOf(https!.port, '/tool/')).toBe(200);
});

test('a reload that comes during the start is put in force after it; one that a stop overtakes is not', async () => {
  const gateway = create(config());
  const starting = gateway.start();
  const early = gateway.reload(config('/other'));
  const { https } = await starting;
  await early;
  expect([await statusOf(https!.port, '/other/'), await statusOf(https!.port, '/tool/')]).toEqual([200, 404]);

  const late = expect(gateway.reload(config('/third'))).rejects.toThrow('The gateway is stopping');
  await gateway.stop();
  await late;
});

test('of reloads that overlap the last one is in force in the end, whichever takes longer', async () => {
  const gateway = create(config());
  const { https } = await gateway.start();
  // The first has to make a certificate, which takes as long as anything in a reload does.
  const slow = {
    ...config('/slow'),
    listen: { ...listen, https: { ...listen.https, cert: 'new.crt', key: 'new.key' } },
  };
  const mutable = config('/third');
  const all = [gateway.reload(slow), gateway.reload({ mounts: [] }), gateway.reload(config('/second'))];
  all.push(gateway.reload(mutable));
  Object.assign(mutable, config('/mutated'));
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  const paths = ['/slow/', '/second/', '/third/', '/mutated/'];
  expect(await Promise.all(paths.map((path) => statusOf(https!.port, path)))).toEqual([404, 404, 200, 404]);

  // Of those that wait for their turn none is put in force when the gateway stops, and it stops all the same.
  const late = ['/fourth', '/fifth'].map((path) => gateway.reload(config(path)));
  const refused = Promise.all(late.map((one) => expect(one).rejects.toThrow('The gateway is stopping')));
  await gateway.stop();
  await refused;
});

test('a gateway is started once; stop may come at any time and again', async () => {
  const gateway = create(config());
  const starting = gateway.start();
  await expect(gateway.start()).rejects.toThrow('make another one with createGateway');
  const stopping = gateway.stop();
  const { https } = await starting;
  await Promise.all([stopping, gateway.stop()]);
  await expect(exchangeRaw(https!.port, get('/tool/'))).rejects.toThrow('ECONNREFUSED');
  await expect(gateway.reload(config())).rejects.toThrow('make another one with createGateway');

  const never = create(config());
  await never.stop();
  await expect(never.start()).rejects.toThrow('make another one with createGateway');
});
