import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../support/free-ports';
import { startProgram, type Program } from '../support/program';
import { Tally, type Outcome } from './outcome';
import { judgeMemory, startWatchedGateway } from './watched-gateway';

/** Kinds of clients, and how many of each there are. */
export type Greed = Readonly<Partial<Record<'idle' | 'heads' | 'bodies' | 'reads' | 'storm', number>>>;

export interface GreedyTorture {
  readonly name: string;
  readonly greed: Greed;
  /** How long a normal client asks before and meanwhile, in milliseconds. */
  readonly time: number;
}

/** Requests a second of the normal client: far from what the gateway could serve. */
const rate = 100;

/**
 * Clients that hold on to what they can get, while a normal one goes on asking: each of its requests has to be answered,
 * and what its latency becomes is told.
 */
export async function tortureByGreed({
  name,
  greed,
  time,
}: GreedyTorture): Promise<Outcome & { readonly ratio: number }> {
  const tally = new Tally();
  const [port = 0, ...toolPorts] = await freePorts(3);
  // One for them and one for the normal client: what the first is busy with is none of the gateway's latency.
  const tools = await Promise.all(
    toolPorts.map(async (toolPort) => {
      const tool = await startProgram(process.execPath, [path.join(__dirname, 'greedy-tool.cjs'), String(toolPort)]);
      await tool.until('listening');
      return tool;
    }),
  );
  const gateway = await startWatchedGateway({
    listen: { https: 'off', http: { port, host: '127.0.0.1' } },
    // All of them come from one address here.
    limits: { connectionsPerClient: 16_000 },
    log: { access: false },
    mounts: toolPorts.map((toolPort, i) => ({
      path: i === 0 ? '/tool' : '/normal',
      target: `http://127.0.0.1:${toolPort}`,
    })),
  });
  const { pid } = gateway;
  // The first requests make the gateway's code fast.
  await latencies(port, 3_000, new Tally());
  const before = await latencies(port, time, tally);
  const atFirst = await gateway.memory();

  const come = async () => {
    const clients = await startClients(port, greed);
    await settled(pid);
    return clients;
  };
  /** Once what they leave behind has been dealt with. */
  const gone = async (clients: readonly Clients[]) => {
    const told = await Promise.all(clients.map(stopClients));
    await settled(pid);
    return { told, memory: await gateway.memory() };
  };
  const clients = await come();
  const meanwhile = await latencies(port, time, tally);
  const { told, memory: once } = await gone(clients);
  const memory = await judgeMemory(tally, atFirst, once, async () => (await gone(await come())).memory);
  const leaked = await gateway.stop(tally);
  await Promise.all(tools.map((tool) => tool.stop()));
  const ratio = percentile(meanwhile, 0.99) / percentile(before, 0.99);
  return {
    ...tally.outcome(name, leaked, [
      `a normal client's p99: ${inMs(before)} before, ${inMs(meanwhile)} meanwhile (${ratio.toFixed(2)} times)`,
      ...told,
      memory,
    ]),
    ratio,
  };
}

interface Clients {
  readonly kind: string;
  readonly program: Program;
}

/** Resolves when all of them are connected. */
function startClients(port: number, greed: Greed): Promise<Clients[]> {
  return Promise.all(
    Object.entries(greed).map(async ([kind, count]) => {
      const script = path.join(__dirname, 'slow-clients.cjs');
      const program = await startProgram(process.execPath, [script, String(port), kind, String(count)]);
      await program.until('holding');
      return { kind, program };
    }),
  );
}

/** @returns what they tell */
async function stopClients({ kind, program }: Clients): Promise<string> {
  await program.stop();
  const { made, open } = JSON.parse(program.stdout.trim().split('\n').at(-1) ?? '{}') as { made: number; open: number };
  return `${kind}: ${open} held on at the end, ${made} connections in all`;
}

/** Resolves when a process is not busy any more: what the kernels take for clients that read nothing has been taken. */
async function settled(pid: number): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const before = processorTime(pid);
    await pause(1_000);
    if (processorTime(pid) - before < 250) return;
  }
}

/** Milliseconds of processor time that a process has had (Linux: in hundredths of a second). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Asks at a steady rate on kept connections. @returns milliseconds of each answer, sorted */
async function latencies(port: number, time: number, tally: Tally): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const found: number[] = [];
  const open: Promise<void>[] = [];
  const end = performance.now() + time;
  while (performance.now() < end) {
    tally.tried++;
    open.push(
      ask(port, agent).then(
        (ms) => {
          tally.survived++;
          found.push(ms);
        },
        (error: unknown) => tally.lose(`a normal request: ${String(error)}`),
      ),
    );
    await pause(1_000 / rate);
  }
  await Promise.all(open);
  agent.destroy();
  return found.sort((a, b) => a - b);
}

function ask(port: number, agent: http.Agent): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/normal/', agent, timeout: 20_000 }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - begun);
        else reject(new Error(`answered ${answer.statusCode ?? 'nothing'}`));
      });
      answer.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

const inMs = (sorted: readonly number[]): string => `${percentile(sorted, 0.99).toFixed(1)} ms`;
