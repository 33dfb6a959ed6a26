import { untilMistake } from '../commands/until-end';
import { createGateway, type Gateway, type StopOptions } from '../gateway';
import { createLog } from '../observe/log';
import type { PrimaryCalls, WorkerCalls } from './calls';
import { Channel } from './channel';
import { WorkerCommon } from './worker-common';

/*
 * A worker: a gateway on ports that it shares with others, which does what the primary tells it. It ends with the
 * primary: node:cluster sees to that.
 */

// A terminal and systemd send them to all processes, and it is the primary that knows what is to be done.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

interface Worker {
  readonly gateway: Gateway;
  readonly common: WorkerCommon;
  readonly started: Promise<unknown>;
}

/** null until the first message, which is `start`. */
let worker: Worker | null = null;

const primary = new Channel<PrimaryCalls>(process, {
  start(beginning) {
    const { config, files, inherited } = beginning;
    const log = createLog(config.log);
    const common = new WorkerCommon(beginning, primary, log);
    const gateway = createGateway(config, log, files, () => common);
    void untilMistake(log).then((code) => {
      primary.tell('mistaken', null);
      return end(code, { delay: 0 });
    });
    const addresses = gateway.start(inherited);
    worker = { gateway, common, started: addresses.catch(() => null) };
    return addresses;
  },
  async reload({ config, files }) {
    await worker?.started;
    return (await worker?.gateway.reload(config, files)) ?? [];
  },
  stop(options) {
    void end(0, options);
  },
  async metrics() {
    return (await worker?.common.metrics()) ?? [];
  },
  load: async () => (await worker?.gateway.load()) ?? { requests: 0, websockets: 0, connections: 0 },
  ping: () => undefined,
  ticketKeys: (keys) => worker?.common.ticketKeys.replace(Buffer.from(keys)),
  health: (news) => worker?.common.health.take(news),
  elsewhere: (news) => worker?.common.connections.elsewhere(news),
} satisfies WorkerCalls);

async function end(code: number, options: StopOptions): Promise<void> {
  await worker?.started;
  await worker?.gateway.stop(options);
  process.exit(code);
}
