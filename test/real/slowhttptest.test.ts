import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { exchangeRaw } from '../support/raw-client';
import { httpUpstream, type Upstream } from '../support/upstreams';

const isThere = spawnSync('slowhttptest', ['-h']).error === undefined;
const ways = [
  // Heads that never end, bodies that never end, and answers that are hardly read: each of those fills the system's
  // buffers first, some megabytes.
  ['-H', '-c', '300', '-i', '2', '-x', '8'],
  ['-B', '-c', '300', '-i', '10', '-s', '100000', '-x', '8'],
  ['-X', '-c', '60', '-w', '10', '-y', '20', '-n', '2', '-z', '8'],
];

let tool: Upstream;
let gateway: Program;
let port: number;

beforeAll(async () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 'x');
  tool = await httpUpstream((req, res) => {
    // A body is waited for.
    req.resume().on('end', () => res.end(large));
  });
  [port = 0] = await freePorts(1);
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  const config = {
    listen: { https: 'off', http: { port, host: '127.0.0.1', mode: 'serve' } },
    log: { access: false, level: 'error' },
    limits: { headTimeout: '5s', bodyTimeout: '5s', sendTimeout: '5s' },
    mounts: [{ path: '/tool', target: tool.url }],
  };
  writeFileSync(file, JSON.stringify(config));
  gateway = await startProgram(process.execPath, [builtProgram(), 'serve', '--config', file]);
  await gateway.until('Serving');
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

/** How many connections the gateway has. */
async function held(): Promise<number> {
  const text = await exchangeRaw(port, 'GET /-/metrics HTTP/1.0\r\nHost: localhost\r\n\r\n', false);
  return Number(/^kpow_gateway_client_connections\{listener="http"\} (\d+)$/m.exec(text)?.[1]);
}

async function until(there: (count: number) => boolean): Promise<void> {
  while (!there(await held())) await pause(100);
}

(isThere ? test : test.skip)(
  `slowhttptest holds nothing for long, and keeps nobody out${isThere ? '' : ' (skipped: slowhttptest is not installed)'}`,
  async () => {
    const attacks = await Promise.all(
      ways.map(async (args) => {
        const report = path.join(temporaryFolder(), 'report');
        const common = ['-r', '200', '-l', '60', '-p', '5', '-g', '-o', report, '-u', `http://127.0.0.1:${port}/tool/`];
        return { report, program: await startProgram('slowhttptest', [...args, ...common], { group: true }) };
      }),
    );
    const [heads, bodies, reads] = attacks.map(({ program }) => program);
    await until((count) => count > 500);
    await until((count) => count < 5);
    // It is the gateway that has ended them. A reader that is slow enough does not notice.
    expect(reads?.over).toBe(false);
    await reads?.stop('SIGINT');
    for (const program of [heads, bodies]) {
      await program?.ended;
      expect(program?.output).toContain('No open connections left');
    }
    for (const { report } of attacks) {
      const [, ...seconds] = readFileSync(`${report}.csv`, 'utf8').trim().split('\n');
      expect(seconds.length).toBeGreaterThan(3);
      // Seconds, closed, pending, connected, and whether somebody else was served.
      expect(seconds.filter((line) => line.endsWith(',0'))).toEqual([]);
    }
  },
  90_000,
);
