const { startClient } = require('../load/client-process.cjs');
const { reference } = require('../peers/index.cjs');
const { asked } = require('../peers/mounts.cjs');
const { loadSmall } = require('./load-small.cjs');

const schemes = ['http', 'https'];

module.exports = {
  id: 'fixed-rate',
  title: 'Latency at a fixed rate',
  shown: ['p99'],
  async prepare(runningOf, context) {
    const tuned = runningOf(reference);
    if (tuned === undefined)
      throw new Error(`The rate is half of what ${reference} can do, which is not among --peers`);
    const rates = {};
    for (const scheme of schemes) {
      const tries = [];
      for (let i = 0; i < 3; i++) tries.push(await loadSmall(tuned, scheme, 32, { ...context, seconds: 1 }));
      rates[scheme] = Math.round(Math.max(...tries.map(({ requests }) => requests)) / 200) * 100;
    }
    const notes = [];
    for (const scheme of schemes) {
      // What the load generator, the tool and the machine take by themselves: less than this, nobody can reach.
      const to = { port: context.upstream.port, secure: false, path: '/api' };
      const { p50, p99 } = await offer(to, rates[scheme], 2);
      const alone = `without a proxy, p50 ${p50.toFixed(2)} ms and p99 ${p99.toFixed(2)} ms`;
      notes.push(`${scheme.toUpperCase()}: ${rates[scheme]} requests/s; ${alone}.`);
    }
    return { rates, notes };
  },
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme.toUpperCase()}, half of what tuned nginx can do, 64 connections`,
    run: ({ ports }, { rates, seconds }) =>
      offer({ port: ports[scheme], secure: scheme === 'https', path: `${asked}/api` }, rates[scheme], seconds),
  })),
};

async function offer(to, rate, seconds) {
  const client = await startClient('fixed-rate-main.cjs', { idleClass: true });
  try {
    return await client.ask('run', { ...to, rate, seconds, connections: 64 });
  } finally {
    await client.stop();
  }
}
