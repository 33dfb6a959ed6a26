import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { startEchoingTool } from './echoing-tool';
import { openWebsockets } from './open-websockets';
import { Tally, type Outcome } from './outcome';
import { startLoad } from './steady-load';

export interface RestartTorture {
  /** `shared port`: the new process listens beside the old one. `kept socket`: as systemd keeps it while there is none. */
  readonly way: 'shared port' | 'kept socket';
  /** The Node that runs the gateway; that of the tests unless given. */
  readonly node?: string;
  /** Requests a second. */
  readonly rate: number;
  /** The share of them that come on a new connection. */
  readonly fresh: number;
  readonly websockets: number;
  /** Processes that serve; one unless given. */
  readonly workers?: number;
  readonly restarts: number;
  /** `drain.delay`, in which kept connections are told that they end. */
  readonly delay: string;
}

/**
 * Restarts under load: no request may fail, and each websocket of the old process has to be told (1001). With a kept
 * socket new connections wait while no process is there.
 */
export async function tortureRestarts(options: RestartTorture): Promise<Outcome> {
  const { way, node = process.execPath, rate, fresh, websockets, workers = 1, restarts, delay } = options;
  const tally = new Tally();
  const folder = temporaryFolder();
  const tool = await startEchoingTool('tool');
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256' });
  writeFileSync(path.join(folder, 'tls.crt'), pair.cert);
  writeFileSync(path.join(folder, 'tls.key'), pair.private);
  const [free = 0] = await freePorts(1);
  const file = path.join(folder, 'gateway.yaml');
  const certificate = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
  writeFileSync(
    file,
    JSON.stringify({
      listen: {
        https: { port: free, host: '127.0.0.1', ...certificate },
        http: 'off',
        reusePort: way === 'shared port',
      },
      workers,
      log: { access: false },
      drain: { delay, timeout: '20s' },
      mounts: [{ path: '/tool', target: tool.url }],
    }),
  );
  const gateways = way === 'shared port' ? beside(node, file, free) : oneAfterAnother(node, file, restarts + 1);
  const port = await gateways.start();

  let closedRight = 0;
  const ask = (nth: number) => ({
    path: `/tool/${nth}`,
    check: (status: number, body: string) =>
      status === 200 && body === `tool /${nth}` ? null : `${status} ${JSON.stringify(body.slice(0, 80))}`,
  });
  const load = startLoad({ port, rate, fresh, ask }, tally);
  for (let nth = 1; nth <= restarts; nth++) {
    const sockets = await openWebsockets({ port, count: websockets, path: () => '/tool/live' }, tally);
    sockets.release();
    tally.tried++;
    const code = await gateways.restart().catch(String);
    if (code === 0) tally.survived++;
    else tally.lose(`restart ${nth}: the old process ended with ${code}`);
    while (sockets.open > 0) await pause(20);
    closedRight += sockets.closed.get(1001) ?? 0;
    for (const [each, count] of sockets.closed)
      if (each !== 1001) tally.lose(`restart ${nth}: ${count} websockets were ended with ${each}`);
    await sockets.close();
  }
  const reached = await load.stop();
  await gateways.stop();
  for (let waited = 0; waited < 5_000 && tool.connections > 0; waited += 50) await pause(50);
  const leaked = tool.connections;
  await tool.close();
  return tally.outcome(`Restarts under load, ${way}`, leaked, [
    `${reached.rate} requests a second over TLS, ${fresh * 100} percent on new connections; the slowest took ${reached.slowest} ms`,
    `${restarts} restarts; ${closedRight} websockets were told with 1001`,
    ...(way === 'shared port' ? [whoseConnectionsAre()] : []),
  ]);
}

interface Gateways {
  /** @returns the port */
  start(): Promise<number>;
  /** Has another take its place. @returns how the old one ended */
  restart(): Promise<number | NodeJS.Signals>;
  stop(): Promise<void>;
}

/** The new one starts while the old one serves. */
function beside(node: string, file: string, port: number): Gateways {
  let current: Program;
  const next = async () => {
    const program = await startProgram(node, [builtProgram(), 'serve', '--config', file]);
    await program.until('Serving');
    return program;
  };
  return {
    async start() {
      current = await next();
      return port;
    },
    async restart() {
      const old = current;
      current = await next();
      old.child.kill('SIGTERM');
      return old.ended;
    },
    stop: () => current.stop(),
  };
}

/** The new one starts when the old one has ended; somebody else keeps the socket. */
function oneAfterAnother(node: string, file: string, times: number): Gateways {
  let holder: Program;
  const pids = () => [...holder.output.matchAll(/starting (\d+)/g)].map(([, pid]) => Number(pid));
  const served = () => holder.output.split('Serving').length - 1;
  const stopped = () => holder.output.split('"Stopped"').length - 1;
  const reached = async (there: () => boolean) => {
    while (!there() && !holder.over) await pause(10);
  };
  return {
    async start() {
      const script = path.join(__dirname, '../support/socket-holder.cjs');
      const program = [node, builtProgram(), 'serve', '--config', file];
      holder = await startProgram(process.execPath, [script, String(times), 'https', ...program]);
      await reached(() => served() === 1);
      return Number(/listening on (\d+)/.exec(holder.output)?.[1]);
    },
    async restart() {
      const before = served();
      process.kill(pids().at(-1) ?? 0, 'SIGTERM');
      await reached(() => served() > before);
      return stopped() === before ? 0 : 1;
    },
    async stop() {
      process.kill(pids().at(-1) ?? 0, 'SIGTERM');
      await holder.ended;
    },
  };
}

/** What decides whether a closing port takes connections along that were not accepted yet: docs/restarts.md. */
function whoseConnectionsAre(): string {
  const setting = 'net.ipv4.tcp_migrate_req';
  const file = `/proc/sys/${setting.replaceAll('.', '/')}`;
  return existsSync(file) ? `${setting} is ${readFileSync(file, 'utf8').trim()}` : `no ${setting} here`;
}
