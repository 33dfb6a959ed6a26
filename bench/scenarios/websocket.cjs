const { setTimeout: pause } = require('node:timers/promises');
const { startClient } = require('../load/client-process.cjs');
const { costOf, memoryOf } = require('../measure.cjs');
const { asked } = require('../peers/mounts.cjs');

const schemes = ['http', 'https'];

/** The tool behind the proxies and the clients in front of them, in one. */
async function startEnds() {
  const client = await startClient('websockets-main.cjs');
  return { ...client, port: await client.ask('listen') };
}

/** Opens websockets through a proxy, does something with them, and closes them. */
async function withWebsockets({ ports }, ends, { scheme, count }, work) {
  try {
    await ends.ask('open', { port: ports[scheme], secure: scheme === 'https', path: `${asked}/chsk`, count });
    return await work();
  } finally {
    await ends.ask('close');
  }
}

const echo = {
  id: 'websocket',
  title: 'Websocket echo, 64 bytes',
  shown: ['cpu', 'messages'],
  ends: startEnds,
  // That each echo is right, the client sees itself.
  check: () => {},
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme === 'https' ? 'TLS' : 'Plain'}, 100 connections`,
    run: (running, { ends, seconds }) =>
      withWebsockets(running, ends, { scheme, count: 100 }, async () => {
        const { result, cpu, busy } = await costOf(running.pid, () => ends.ask('run', { seconds }));
        return { messages: result.count / result.seconds, cpu: cpu / result.count, busy };
      }),
  })),
};

const idle = {
  id: 'idle-websockets',
  title: 'Idle websockets over TLS',
  shown: ['memory'],
  ends: startEnds,
  check: () => {},
  prepare: (_runningOf, { quick }) => {
    const count = quick ? 500 : 5_000;
    return { count, notes: [`${count} connections.`] };
  },
  cases: [
    {
      id: 'idle',
      title: 'Each round in a process of its own',
      fresh: true,
      async run(running, { ends, count, warmUp }) {
        if (warmUp) return {};
        // What the first few need, code and tables, is not theirs alone.
        await withWebsockets(running, ends, { scheme: 'https', count: 20 }, () => settled(running));
        const before = await settled(running);
        return withWebsockets(running, ends, { scheme: 'https', count }, async () => ({
          memory: ((await settled(running)) - before) / count / 1_000,
        }));
      },
    },
  ],
};

/** @returns bytes that the proxy holds once that has not changed by a hundredth for half a second */
async function settled({ pid }) {
  for (let last = memoryOf(pid); ;) {
    await pause(500);
    const now = memoryOf(pid);
    if (Math.abs(now - last) < last / 100) return now;
    last = now;
  }
}

module.exports = { echo, idle, startEnds, withWebsockets };
