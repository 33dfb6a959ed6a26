import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../support/free-ports';
import { startProgram, type Program } from '../support/program';
import { askChecked, type Fate } from './checked-requests';
import { echoUntilEnded, type WebsocketFate } from './echoed-websocket';
import { Tally, type Outcome } from './outcome';
import { judgeMemory, startWatchedGateway } from './watched-gateway';

export interface KillTorture {
  /** How many times the tool is killed. */
  readonly kills: number;
  /** Clients that ask one request after the other. */
  readonly clients: number;
  /** Clients that open one websocket after the other. */
  readonly websockets: number;
}

/** A field that the relay leaves to the app, and no field: by one and by the other way through the gateway. */
const ways = [{}, { 'Proxy-Connection': 'keep-alive' }];

/**
 * `kill -9` of a tool under load. An answer is whole and its own, or the gateway's failure, or broken off so that its
 * client can tell, as is a websocket; when all is over the gateway holds what it held before.
 */
export async function tortureByKills({ kills, clients, websockets }: KillTorture): Promise<Outcome> {
  const tally = new Tally();
  const [port = 0, toolPort = 0] = await freePorts(2);
  const gateway = await startWatchedGateway({
    listen: { https: 'off', http: { port, host: '127.0.0.1' } },
    log: { access: false, level: 'error' },
    mounts: [
      { path: '/tool', target: `http://127.0.0.1:${toolPort}`, health: { path: '/short/health', interval: '1s' } },
    ],
  });
  const startTool = async (): Promise<Program> => {
    const tool = await startProgram(process.execPath, [path.join(__dirname, 'killed-tool.cjs'), String(toolPort)]);
    await tool.until('listening');
    return tool;
  };

  const seen = new Map<string, number>();
  const note = (what: string, fate: Fate | WebsocketFate): void => {
    tally.tried++;
    if (typeof fate === 'object') {
      tally.lose(fate.wrong);
      return;
    }
    tally.survived++;
    seen.set(`${what} ${fate}`, (seen.get(`${what} ${fate}`) ?? 0) + 1);
  };
  let over = false;
  let nth = 0;
  const wayOf = (index: number) => ways[index % ways.length] ?? {};
  const asking = (index: number, agent: http.Agent) => async (): Promise<void> => {
    note('answers', await askChecked(nth++, port, agent, wayOf(index)));
  };
  const echoing = (index: number) => async (): Promise<void> => {
    const address = `ws://127.0.0.1:${port}/tool/live`;
    note('websockets', await echoUntilEnded(address, `websocket ${nth++}`, wayOf(index), () => over));
  };
  /** Load by all clients, for as long as it takes. */
  const underLoad = async (work: () => Promise<void>): Promise<void> => {
    over = false;
    // A connection that the app has got stays with it.
    const agents = ways.map(() => new http.Agent({ keepAlive: true }));
    const steps = [
      ...Array.from({ length: clients }, (_, index) => asking(index, agents[index % ways.length]!)),
      ...Array.from({ length: websockets }, (_, index) => echoing(index)),
    ];
    const all = steps.map(async (step) => {
      while (!over) {
        await step();
        // A refusal comes at once, and a client that comes again at once does nothing else.
        await pause(2);
      }
    });
    await work();
    over = true;
    await Promise.all(all);
    for (const agent of agents) agent.destroy();
    // For what is on its way out.
    await pause(1_000);
  };

  let tool = await startTool();
  let killed = 0;
  const someKills = async (): Promise<void> => {
    for (let kill = 0; kill < kills / 2; kill++) {
      killed++;
      await pause(50 + (kill % 10) * 15);
      tool.child.kill('SIGKILL');
      await tool.ended;
      tool = await startTool();
    }
  };
  await underLoad(() => pause(2_000));
  const before = await gateway.memory();
  const afterKills = async () => {
    await underLoad(someKills);
    return gateway.memory();
  };
  const memory = await judgeMemory(tally, before, await afterKills(), afterKills);
  await tool.stop();
  const leaked = await gateway.stop(tally);
  return tally.outcome('A tool killed with kill -9', leaked, [
    `${killed} kills; ${[...seen].map(([what, count]) => `${count} ${what}`).join(', ')}`,
    memory,
  ]);
}
