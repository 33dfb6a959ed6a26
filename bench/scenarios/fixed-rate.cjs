const { startClient } = require('../load/client-process.cjs');
const { reference } = require('../peers/index.cjs');
const { asked } = require('../peers/mounts.cjs');
const { loadSmall } = require('./load-small.cjs');

const schemes = ['http', 'https'];

module.exports = {
  id: 'fixed-rate',
  title: 'Latency at a fixed rate',
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
    return { rates, notes: schemes.map((scheme) => `${scheme.toUpperCase()}: ${rates[scheme]} requests/s.`) };
  },
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme.toUpperCase()}, half of what tuned nginx can do, 64 connections`,
    async run({ ports }, { rates, seconds }) {
      const client = startClient('fixed-rate-main.cjs', { idleClass: true });
      try {
        const to = { port: ports[scheme], secure: scheme === 'https', path: `${asked}/api` };
        return await client.ask('run', { ...to, rate: rates[scheme], seconds, connections: 64 });
      } finally {
        await client.stop();
      }
    },
  })),
};
