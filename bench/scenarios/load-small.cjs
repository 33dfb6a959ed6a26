const { setTimeout: pause } = require('node:timers/promises');
const { ask } = require('../check.cjs');
const { wrk } = require('../load/wrk.cjs');
const { cpuOf } = require('../measure.cjs');

/** Seconds from wrk's start until all connections are there, TLS handshakes included; a third of a short run. */
const opening = 0.7;

/**
 * Small JSON over kept connections, as fast as it goes. Requests and CPU are counted, at the tool and the proxy, while
 * all connections are open: opening them is another scenario.
 * @param options `queries`: each request has another query; otherwise all are the same. `own`: see `wrk`
 */
async function loadSmall(
  running,
  scheme,
  connections,
  { seconds, opensslConfig, upstream },
  { queries = false, own } = {},
) {
  const ended = wrk(running.url(scheme, '/api'), connections, seconds, { opensslConfig, queries, own });
  // An error of wrk's comes out below, where it is awaited.
  ended.catch(() => {});
  const begin = Math.min(opening, seconds / 3);
  await pause(begin * 1_000);
  const first = await reading(running, upstream);
  await pause((seconds - begin - 0.1) * 1_000);
  const last = await reading(running, upstream);
  const { p50, p99 } = await ended;
  // The tool sees nine of ten.
  const requests = (last.requests - first.requests) / (own === 'mixed' ? 0.9 : 1);
  const cpu = last.cpu - first.cpu;
  const microseconds = last.at - first.at;
  return { requests: (requests * 1e6) / microseconds, cpu: cpu / requests, p50, p99, busy: cpu / microseconds };
}

/** The count first, as it takes its time; what passes between the two passes at both ends. */
async function reading({ pid }, upstream) {
  const { body } = await ask(`http://127.0.0.1:${upstream.port}/count`);
  const at = Number(process.hrtime.bigint()) / 1_000;
  // nginx's stub_status: the third number of its third line is the number of requests.
  return { requests: Number(/^ \d+ \d+ (\d+)/m.exec(body)[1]), cpu: cpuOf(pid), at };
}

module.exports = { loadSmall };
