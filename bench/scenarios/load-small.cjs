const { wrk } = require('../load/wrk.cjs');
const { costOf } = require('../measure.cjs');

/** Small JSON over kept connections, as fast as it goes. */
async function loadSmall(running, scheme, connections, { seconds, opensslConfig }) {
  const work = () => wrk(running.url(scheme, '/api'), connections, seconds, { opensslConfig });
  const { result, cpu, busy } = await costOf(running.pid, work);
  return {
    requests: result.requests / result.seconds,
    cpu: cpu / result.requests,
    p50: result.p50,
    p99: result.p99,
    busy,
  };
}

module.exports = { loadSmall };
