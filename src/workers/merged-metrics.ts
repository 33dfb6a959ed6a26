import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricValues } from '../observe/metrics/metrics';

/**
 * The numbers of several processes as those of one.
 * @param processes the first one's word counts where all should know the same
 */
export function mergedMetrics(processes: readonly MetricValues[]): Registry {
  // What prom-client would leave out, the start of the process, is of interest: that of the first one.
  const all = processes.map((values) =>
    values.map((metric) => (metric.aggregator === 'omit' ? { ...metric, aggregator: 'first' as const } : metric)),
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
