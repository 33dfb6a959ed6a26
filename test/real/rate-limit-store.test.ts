import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { generate } from 'selfsigned';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { redisIsInstalled, startRedis, type Redis } from '../support/redis';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

const main = builtProgram();
const cleanUps: (() => Promise<unknown>)[] = [];
let tool: RecordingUpstream;
let redisPort: number;

beforeEach(async () => {
  tool = await recordingUpstream();
  cleanUps.push(() => tool.close());
  [redisPort = 0] = await freePorts(1);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function redis(...options: string[]): Promise<Redis> {
  const started = await startRedis(redisPort, options);
  cleanUps.push(() => started.program.stop('SIGKILL'));
  return started;
}

interface Gateway {
  readonly program: Program;
  readonly port: number;
}

/** A gateway as its users start it, with a mount for each policy. @param store REDIS_URL, or all of rateLimitStore */
async function gateway(store: string | object, requests = 5): Promise<Gateway> {
  const [port = 0] = await freePorts(1);
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  const limited = (whenStoreAway: string) => ({
    path: `/${whenStoreAway}`,
    target: tool.url,
    rateLimit: { requests, per: '1h', whenStoreAway },
  });
  writeFileSync(
    file,
    JSON.stringify({
      listen: { https: 'off', http: { port, host: '127.0.0.1', mode: 'serve' } },
      log: { access: false, format: 'json' },
      rateLimitStore: typeof store === 'string' ? '${REDIS_URL}' : store,
      mounts: ['count-alone', 'allow', 'refuse'].map(limited),
    }),
  );
  const env = { ...process.env, REDIS_URL: typeof store === 'string' ? store : '' };
  const program = await startProgram(process.execPath, [main, 'serve', '--config', file], { env });
  cleanUps.push(() => program.stop('SIGKILL'));
  await program.until('Serving');
  return { program, port };
}

const twoGateways = (store: string | object) => Promise.all([gateway(store), gateway(store)]);

const url = () => `redis://127.0.0.1:${redisPort}`;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

function ask({ port }: Gateway, target: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: target, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], body }),
      );
    }).on('error', reject);
  });
}

/** Asks so often, the gateways in turn. @returns the statuses in order */
async function statuses(gateways: readonly Gateway[], target: string, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await ask(gateways[i % gateways.length]!, target)).status);
  return found;
}

const served = (found: readonly number[]) => found.filter((status) => status === 200).length;

/** Options for a user `gateway` that may use these commands on the gateway's keys. */
const userWith = (password: string, commands: string) => [
  ...['--user', 'gateway', 'on', `>${password}`, '~kpow-gateway:*'],
  ...commands.split(' '),
];

/** Each policy is kept, whatever was counted before. */
async function expectPolicies(gateways: readonly Gateway[]): Promise<void> {
  expect(await statuses(gateways, '/allow/', 14)).toEqual(Array.from({ length: 14 }, () => 200));
  expect(await statuses(gateways, '/refuse/', 4)).toEqual([503, 503, 503, 503]);
  // Five for each of the two.
  expect(served(await statuses(gateways, '/count-alone/', 14))).toBe(10);
}

const describeReal = redisIsInstalled ? describe : describe.skip;

describeReal(`a real Redis${redisIsInstalled ? '' : ' (skipped: redis-server is not installed)'}`, () => {
  test('two gateways count together', async () => {
    await redis();
    const gateways = await twoGateways(url());
    expect(await statuses(gateways, '/refuse/', 8)).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const { retryAfter } = await ask(gateways[0], '/refuse/');
    expect(Number(retryAfter)).toBeGreaterThan(3_500);
    expect(Number(retryAfter)).toBeLessThanOrEqual(3_600);
    expect(tool.requests).toHaveLength(5);
    // What is asked for at the same time counts as well.
    const found = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(gateways[i % 2]!, '/allow/')));
    expect(served(found.map(({ status }) => status))).toBe(5);
    expect((await ask(gateways[1], '/-/metrics')).body).toContain('kpow_gateway_rate_limit_store_up 1');
  });

  test('a gateway that starts again finds what was counted', async () => {
    await redis();
    const first = await gateway(url());
    expect(await statuses([first], '/refuse/', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    await first.program.stop();
    expect((await ask(await gateway(url()), '/refuse/')).status).toBe(429);
  });

  test('while Redis hangs each mount does what it says, and once it goes on they count together again', async () => {
    const { program } = await redis();
    const gateways = await twoGateways({ url: url(), timeout: '500ms' });
    await statuses(gateways, '/refuse/', 2);
    program.child.kill('SIGSTOP');
    await expectPolicies(gateways);
    for (const { program } of gateways) expect(program.output).toMatch(/is away.*no answer within 500 ms/);
    program.child.kill('SIGCONT');
    await Promise.all(gateways.map(({ program }) => program.until('is back')));
    expect(await statuses(gateways, '/refuse/', 5)).toEqual([200, 200, 200, 429, 429]);
  });

  test('while Redis is dead each mount does what it says, and once it is back they count together again', async () => {
    const first = await redis();
    const gateways = await twoGateways(url());
    await statuses(gateways, '/refuse/', 2);
    await first.program.stop('SIGKILL');
    await Promise.all(gateways.map(({ program }) => program.until('is away')));
    await expectPolicies(gateways);
    await redis();
    await Promise.all(gateways.map(({ program }) => program.until('is back')));
    expect(await statuses(gateways, '/refuse/', 7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    for (const { program } of gateways) {
      expect(program.output.split('is away')).toHaveLength(2);
      expect(program.output.split('is back')).toHaveLength(2);
    }
  });

  test('a gateway ends with 0 while Redis hangs', async () => {
    const { program: hanging } = await redis();
    hanging.child.kill('SIGSTOP');
    const { program } = await gateway(url());
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  test('a connection that Redis closes since it was idle is made again, and nobody is told', async () => {
    const server = await redis('--timeout', '2');
    const only = await gateway(url());
    const idOf = async () => /id=(\d+) .*cmd=(?!client)/.exec(await server.command('client', 'list'))?.[1];
    while ((await idOf()) === undefined) await ask(only, '/allow/');
    const before = await idOf();
    let after: string | undefined;
    do after = await idOf();
    while (after === undefined || after === before);
    expect((await ask(only, '/refuse/')).status).toBe(200);
    expect(only.program.output).not.toContain('is away');
  });

  describe('what is wrong is said, and no password', () => {
    test.each([
      ['another password', 'redis://:s3cr3t@', /does not take the password; look at rateLimitStore \(WRONGPASS/],
      ['no password', 'redis://', /does not take the password; look at rateLimitStore \(NOAUTH/],
      ['another user', 'redis://nobody:s3cr3t@', /does not take the password.*WRONGPASS/],
    ])('%s', async (_, beginning, said) => {
      await redis('--requirepass', 'right');
      const { program, port } = await gateway(`${beginning}127.0.0.1:${redisPort}`);
      await program.until('is away');
      expect(program.output).toMatch(said);
      expect(program.output).not.toMatch(/s3cr3t|right/);
      expect((await ask({ program, port }, '/refuse/')).status).toBe(503);
    });

    test('a server that has no memory left to count in', async () => {
      await redis('--maxmemory', '1kb', '--maxmemory-policy', 'noeviction');
      const { program } = await gateway(url());
      expect(await program.until('is away')).toMatch(/OOM/);
    });

    test('a server that is a replica', async () => {
      await redis('--replicaof', '127.0.0.1 1');
      const { program } = await gateway(url());
      expect(await program.until('is away')).toMatch(/READONLY/);
    });

    test('a user that may do too little', async () => {
      await redis(...userWith('right', '+eval +set +incrby'));
      const { program } = await gateway(`redis://gateway:right@127.0.0.1:${redisPort}`);
      expect(await program.until('is away')).toMatch(/its user may do too little/);
    });
  });

  test('a password with everything in it, and a user that may do no more than docs/access.md says', async () => {
    const password = 'p@ss/w:o#r%d?';
    await redis(...userWith(password, '+eval +set +incrby +pttl +expire'), '--user', 'default', 'off');
    const gateways = await twoGateways({ url: `redis://gateway@127.0.0.1:${redisPort}`, password });
    expect(await statuses(gateways, '/refuse/', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    for (const { program } of gateways) expect(program.output).not.toContain(password);
  });

  describe('over TLS', () => {
    async function redisWithTls() {
      const folder = temporaryFolder();
      const file = (name: string) => path.join(folder, name);
      const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
        extensions: [
          { name: 'basicConstraints', cA: true },
          { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
        ],
      });
      writeFileSync(file('tls.crt'), cert);
      writeFileSync(file('tls.key'), key);
      const [plain = 0] = await freePorts(1);
      const files = ['--tls-cert-file', file('tls.crt'), '--tls-key-file', file('tls.key'), '--tls-auth-clients', 'no'];
      const started = await startRedis(plain, ['--tls-port', String(redisPort), ...files]);
      cleanUps.push(() => started.program.stop('SIGKILL'));
      return { ca: file('tls.crt') };
    }

    test('gateways that are told the authority count together', async () => {
      const { ca } = await redisWithTls();
      const gateways = await twoGateways({ url: `rediss://localhost:${redisPort}`, ca });
      expect(await statuses(gateways, '/refuse/', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    });

    test('one that is not told it trusts nobody', async () => {
      await redisWithTls();
      const { program } = await gateway(`rediss://localhost:${redisPort}`);
      expect(await program.until('is away')).toMatch(/self-signed certificate/);
    });
  });
});
