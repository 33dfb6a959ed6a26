/**
 * What the metrics cost: nanoseconds of CPU for counting a request, and milliseconds for one scrape.
 *
 *   npm run build && node bench/metrics-cost.cjs [rounds]
 */
const { Metrics } = require('../dist/observe/metrics/metrics.js');

const rounds = Number(process.argv[2] ?? 7);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('The number of rounds has to be a whole number from 1 on: node bench/metrics-cost.cjs 7');
  process.exit(2);
}
const requests = 2_000_000;
const scrapes = 200;
const paths = ['/kpow', '/prometheus', '/grafana'];

const status = {
  state: 'healthy',
  reason: null,
  detail: '',
  advice: [],
  since: new Date(),
  latency: 3,
  checkedAt: new Date(),
};
const metrics = new Metrics({
  mounts: () => paths.map((path) => ({ path })),
  statusOf: () => status,
  targetsOf: () => [],
  places: () => ({ inside: 0, waiting: 0 }),
  upstreamConnections: () => ({ active: 0, idle: 0 }),
  requestsInFlight: () => 0,
  rateLimitStoreIsThere: () => null,
  clientConnections: () => ({ https: 0, http: 0 }),
  certificateExpiries: () => [['tools.example', new Date()]],
  workers: () => ({ serving: 1, failed: 0 }),
});

/** Milliseconds of CPU that something takes, user and system. */
async function cpu(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function count() {
  for (let i = 0; i < requests; i++) {
    metrics.of(paths[i % paths.length]).ended({
      record: {
        method: i % 5 === 0 ? 'POST' : 'GET',
        status: i % 50 === 0 ? 502 : 200,
        durationMs: i % 300,
        upstreamMs: i % 200,
        bytes: 1024,
        failure: i % 50 === 0 ? { code: 'UPSTREAM_REFUSED' } : null,
      },
      way: 'relay',
      connection: i % 10 === 0 ? 'new' : 'reused',
      retries: 0,
    });
  }
}

async function scrape() {
  for (let i = 0; i < scrapes; i++) await metrics.text();
}

function tell(name, unit, digits, values) {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median, most] = [0, Math.floor(rounds / 2), rounds - 1].map((at) => sorted[at].toFixed(digits));
  console.log(`${name}: ${median} ${unit} (${least} to ${most} in ${rounds} rounds)`);
}

(async () => {
  // Compiled before it is measured.
  count();
  await scrape();
  const counting = [];
  const scraping = [];
  for (let round = 0; round < rounds; round++) {
    counting.push(((await cpu(count)) * 1e6) / requests);
    scraping.push((await cpu(scrape)) / scrapes);
  }
  tell('counting a request', 'ns', 0, counting);
  tell('one scrape, three mounts', 'ms', 2, scraping);
})();
