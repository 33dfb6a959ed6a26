const { startClient } = require('../load/client-process.cjs');
const { costOf } = require('../measure.cjs');
const { asked } = require('../peers/mounts.cjs');

module.exports = {
  id: 'handshakes',
  title: 'New TLS connections, each with one request',
  shown: ['cpu', 'connections'],
  ends: () => startClient('handshakes-main.cjs'),
  cases: [
    { id: 'full', title: 'Full handshakes', resume: false },
    { id: 'resumed', title: 'Resumed sessions', resume: true },
  ].map(({ id, title, resume }) => ({
    id,
    title,
    async run({ pid, ports }, { ends, seconds }) {
      const given = { port: ports.https, path: `${asked}/api`, seconds, resume };
      const { result, cpu, busy } = await costOf(pid, () => ends.ask('run', given));
      return { connections: result.count / result.seconds, cpu: cpu / result.count, busy };
    },
  })),
};
