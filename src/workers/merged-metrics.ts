import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricValues } from '../observe/metrics/metrics';

/**
 * What each process has a limit of its own for: of several, the one that is worst off is told. Added up, their open
 * descriptors would be compared with the sum of their limits, and a process that has none left would not show.
 */
const ofTheWorst = [
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
];
const aggregators: ReadonlyMap<string, 'max' | 'min'> = new Map([
  ...ofTheWorst.map((name) => [name, 'max'] as const),
  ['process_max_fds', 'min'],
]);

/**
 * The numbers of several processes as those of one.
 * @param processes the first one's word counts where all should know the same
 */
export function mergedMetrics(processes: readonly MetricValues[]): Registry {
  // What prom-client would leave out, the start of the process, is of interest: that of the first one.
  const all = processes.map((values) =>
    values.map((metric) => {
      const aggregator = aggregators.get(metric.name) ?? (metric.aggregator === 'omit' ? 'first' : metric.aggregator);
      return { ...metric, aggregator };
    }),
  );
  return AggregatorRegistry.aggregate(all);
}

/**
 * What stays of a process that has ended: what it has counted. Without it sums would become smaller, which Prometheus
 * takes for a restart of everything.
 */
export async function remains(processes: readonly MetricValues[]): Promise<MetricValues> {
  const counted = processes.map((values) =>
    values.filter(({ type }) => ['counter', 'histogram'].includes(String(type))),
  );
  return mergedMetrics(counted).getMetricsAsJSON();
}
