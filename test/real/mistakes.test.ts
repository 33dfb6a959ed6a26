import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { RawClient } from '../support/raw-client';
import { httpUpstream, type Upstream } from '../support/upstreams';

let tool: Upstream;
let finishAnswer: () => void;
let program: Program | null = null;

beforeAll(async () => {
  tool = await httpUpstream((_req, res) => {
    res.writeHead(200, { 'Content-Length': '9' });
    res.write('begun,');
    finishAnswer = () => res.end('end');
  });
});
afterEach(() => program?.stop('SIGKILL'));
afterAll(() => tool.close());

/** A gateway in which a mistake can be made, with a request under way. */
async function scene(mistake: string, more: Record<string, unknown> = {}) {
  const [port = 0] = await freePorts(1);
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  const listen = { https: 'off', http: { port, host: '127.0.0.1', mode: 'serve' } };
  writeFileSync(file, JSON.stringify({ listen, mounts: [{ path: '/tool', target: tool.url }], ...more }));
  const preload = path.join(__dirname, '../support/mistakes.cjs');
  const args = ['--require', preload, builtProgram(), 'serve', '--config', file];
  program = await startProgram(process.execPath, args, { env: { ...process.env, MISTAKE: mistake } });
  await program.until('Serving');
  const client = await RawClient.connect(port, false);
  client.write('GET /tool/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.until('begun,');
  return { program, port, client };
}

const fatal = ({ stdout }: Program) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 'fatal');

test.each([
  ['timer', 'uncaughtException'],
  ['promise', 'unhandledRejection'],
  ['handler', 'uncaughtException'],
])(
  'a mistake in a %s is logged with its cause; requests under way end, and then it ends with 70',
  async (place, event) => {
    const { program: gateway, port, client } = await scene(place);
    if (place === 'handler') {
      const other = await RawClient.connect(port, false);
      other.write('GET /-/mistake HTTP/1.1\r\nHost: localhost\r\n\r\n');
    } else gateway.child.kill('SIGUSR2');
    await gateway.until('Please report it');
    finishAnswer();
    expect(await client.end()).toMatch(/begun,end$/);
    expect(await gateway.ended).toBe(70);
    const at = [expect.stringContaining('mistakes.cjs')];
    expect(fatal(gateway)).toMatchObject([
      {
        event,
        at: expect.arrayContaining(at),
        err: { message: `a mistake in a ${place}`, causes: ['the cause of it'] },
      },
    ]);
    expect(gateway.stderr).toBe('');
  },
);

test('what was thrown need not be an error', async () => {
  const { program: gateway } = await scene('nothing');
  gateway.child.kill('SIGUSR2');
  await gateway.until('Please report it');
  finishAnswer();
  expect(await gateway.ended).toBe(70);
  expect(fatal(gateway)).toMatchObject([{ event: 'unhandledRejection', err: { message: 'thrown: object' } }]);
});

test('a mistake that comes again and again ends it at once', async () => {
  const { program: gateway, client } = await scene('endless', { drain: { timeout: '1h' } });
  gateway.child.kill('SIGUSR2');
  expect(await gateway.ended).toBe(70);
  expect(fatal(gateway)).toHaveLength(10);
  await client.end();
});

test('a request that does not end holds it up for drain.timeout, and not for drain.delay', async () => {
  const { program: gateway, client } = await scene('timer', { drain: { delay: '1h', timeout: '100ms' } });
  gateway.child.kill('SIGUSR2');
  expect(await gateway.ended).toBe(70);
  await client.end();
});

test('it ends also where nobody reads its log any more', async () => {
  const { program: gateway, client } = await scene('timer');
  gateway.child.stdout?.destroy();
  gateway.child.stderr?.destroy();
  gateway.child.kill('SIGUSR2');
  finishAnswer();
  expect(await client.end()).toMatch(/begun,end$/);
  expect(await gateway.ended).toBe(70);
});

test('a silent log does not hide it', async () => {
  const { program: gateway } = await scene('timer', { log: { level: 'silent' } });
  gateway.child.kill('SIGUSR2');
  finishAnswer();
  expect(await gateway.ended).toBe(70);
  expect(gateway.stderr).toMatch(
    /Please report it\. uncaughtException: Error: a mistake in a timer\n +at .*mistakes\.cjs/,
  );
});
