/** What is measured: title with unit, digits behind the point, and whether more of it is better. */
const figures = {
  requests: { title: 'requests/s', digits: 0, more: true },
  cpu: { title: 'CPU µs', digits: 1, more: false },
  p50: { title: 'p50 ms', digits: 2, more: false },
  p99: { title: 'p99 ms', digits: 2, more: false },
  busy: { title: 'core used', digits: 2, more: null },
  perCpu: { title: 'MB per CPU s', digits: 0, more: true },
  rate: { title: 'MB/s', digits: 0, more: true },
  peak: { title: 'peak memory MB', digits: 0, more: false },
  messages: { title: 'messages/s', digits: 0, more: true },
  memory: { title: 'kB each', digits: 1, more: false },
  connections: { title: 'connections/s', digits: 0, more: true },
  held: { title: 'load held up, p99 ms', digits: 2, more: null },
  late: { title: 'not answered in time', digits: 3, more: false },
};

module.exports = { figures };
