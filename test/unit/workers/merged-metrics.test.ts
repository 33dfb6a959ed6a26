import type { MetricValues } from '../../../src/observe/metrics/metrics';
import { mergedMetrics, remains } from '../../../src/workers/merged-metrics';

const metric = (name: string, type: string, aggregator: string, values: Record<string, number>) => ({
  name,
  help: name,
  type,
  aggregator,
  values: Object.entries(values).map(([mount, value]) => ({ labels: mount === '' ? {} : { mount }, value })),
});
const valuesOf = (...metrics: ReturnType<typeof metric>[]) => metrics as unknown as MetricValues;
const samples = async (...processes: MetricValues[]) =>
  (await mergedMetrics(processes).metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const process = (start: number, requests: Record<string, number>, state: number) =>
  valuesOf(
    metric('start', 'gauge', 'omit', { '': start }),
    metric('requests_total', 'counter', 'sum', requests),
    metric('open', 'gauge', 'sum', { '': 1 }),
    metric('state', 'gauge', 'first', { '/a': state }),
  );

test('counts are added; what all know is told once, in the words of the first', async () => {
  expect(await samples(process(10, { '/a': 1 }, 7), process(20, { '/a': 2, '/b': 3 }, 8))).toEqual([
    'start 10',
    'requests_total{mount="/a"} 3',
    'requests_total{mount="/b"} 3',
    'open 2',
    'state{mount="/a"} 7',
  ]);
});

test('of what each process has a limit for, the one that is worst off is told', async () => {
  const needy = (memory: number, open: number, limit: number, lag: number, expiry: number) =>
    valuesOf(
      metric('process_resident_memory_bytes', 'gauge', 'sum', { '': memory }),
      metric('process_cpu_seconds_total', 'counter', 'sum', { '': 1 }),
      metric('process_open_fds', 'gauge', 'sum', { '': open }),
      metric('process_max_fds', 'gauge', 'sum', { '': limit }),
      metric('nodejs_eventloop_lag_p99_seconds', 'gauge', 'average', { '': lag }),
      metric('expiry', 'gauge', 'min', { '/a': expiry }),
    );
  expect(
    await samples(needy(80, 20, 1024, 0.01, 9), needy(300, 900, 1024, 0.7, 5), needy(90, 30, 512, 0.02, 7)),
  ).toEqual([
    'process_resident_memory_bytes 300',
    'process_cpu_seconds_total 3',
    'process_open_fds 900',
    'process_max_fds 512',
    'nodejs_eventloop_lag_p99_seconds 0.7',
    'expiry{mount="/a"} 5',
  ]);
});

test('of a process that has ended stays what it has counted, and nothing that was so', async () => {
  const gone = await remains([await remains([[], process(1, { '/a': 5 }, 1)]), process(2, { '/a': 6 }, 1)]);
  expect(await samples(process(10, { '/a': 1 }, 7), gone)).toEqual([
    'start 10',
    'requests_total{mount="/a"} 12',
    'open 1',
    'state{mount="/a"} 7',
  ]);
});
