import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { descriptorsOf, leakedDescriptors } from './descriptors';
import { Tally, type Outcome } from './outcome';

export interface KillTorture {
  /** How many times the tool is killed. */
  readonly kills: number;
  /** Clients that ask one request after the other. */
  readonly clients: number;
}

/** How many times each kind of answer repeats the path that was asked for. */
const kinds = { short: 1, long: 20_000, chunks: 1_000 } as const;

/**
 * `kill -9` of a tool under load. An answer is whole and its own, or the gateway's failure, or broken off so that its
 * client can tell; when all is over the gateway holds what it held before.
 */
export async function tortureByKills({ kills, clients }: KillTorture): Promise<Outcome> {
  const tally = new Tally();
  const [port = 0, toolPort = 0] = await freePorts(2);
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  const config = {
    listen: { https: 'off', http: { port, host: '127.0.0.1' } },
    log: { access: false, level: 'error' },
    mounts: [
      { path: '/tool', target: `http://127.0.0.1:${toolPort}`, health: { path: '/short/health', interval: '1s' } },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  const gateway = await startProgram(process.execPath, [builtProgram(), 'serve', '--config', file]);
  await gateway.until('Serving');
  const { pid = 0 } = gateway.child;
  const startTool = async (): Promise<Program> => {
    const tool = await startProgram(process.execPath, [path.join(__dirname, 'killed-tool.cjs'), String(toolPort)]);
    await tool.until('listening');
    return tool;
  };

  const seen = { whole: 0, refused: 0, broken: 0 };
  let over = false;
  let nth = 0;
  const agent = new http.Agent({ keepAlive: true });
  const ask = async (): Promise<void> => {
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    const kind = names[nth % names.length] ?? 'short';
    const target = `/${kind}/${nth++}`;
    tally.tried++;
    const { status, body, broken } = await get(port, `/tool${target}`, agent);
    if (broken) seen.broken++;
    else if (status === 200 && body === `${target}\n`.repeat(kinds[kind])) seen.whole++;
    else if (status >= 502 && status <= 504 && body.includes('"requestId"')) seen.refused++;
    else {
      tally.lose(`${target}: ${status} with ${body.length} bytes: ${JSON.stringify(body.slice(0, 80))}`);
      return;
    }
    tally.survived++;
  };

  let tool = await startTool();
  // What the gateway holds once it has served.
  for (let i = 0; i < 500; i++) await ask();
  await pause(1_000);
  const descriptors = descriptorsOf(pid);
  const before = memoryOf(pid);
  const asking = Array.from({ length: clients }, async () => {
    while (!over) {
      await ask();
      // A refusal comes at once, and a client that asks again at once asks nothing else.
      await pause(2);
    }
  });
  for (let kill = 0; kill < kills; kill++) {
    await pause(50 + (kill % 10) * 15);
    tool.child.kill('SIGKILL');
    await tool.ended;
    tool = await startTool();
  }
  over = true;
  await Promise.all(asking);
  agent.destroy();
  await tool.stop();
  const leaked = await leakedDescriptors(pid, descriptors);
  const after = memoryOf(pid);
  await gateway.stop();
  if ((await gateway.ended) !== 0) tally.lose('the gateway did not end well');
  return tally.outcome('A tool killed under load', leaked, [
    `${kills} kills; ${seen.whole} answers whole, ${seen.refused} refused by the gateway, ${seen.broken} broken off`,
    `the gateway's memory: ${before} MB before, ${after} MB after`,
  ]);
}

/** MB that are resident (Linux). */
export function memoryOf(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
}

function get(
  port: number,
  target: string,
  agent: http.Agent,
): Promise<{ status: number; body: string; broken: boolean }> {
  return new Promise((resolve) => {
    const request = http.get(
      { port, host: '127.0.0.1', path: target, agent, headers: { accept: 'application/json' } },
      (answer) => {
        const status = answer.statusCode ?? 0;
        let body = '';
        answer.setEncoding('latin1').on('data', (text: string) => (body += text));
        answer.on('error', () => resolve({ status, body, broken: true }));
        answer.on('end', () => resolve({ status, body, broken: !answer.complete }));
      },
    );
    request.on('error', () => resolve({ status: 0, body: '', broken: true }));
  });
}
