import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | null = null;

/** Gauges that prom-client names like counters, which `promtool check metrics` rightly refuses. */
const misnamed = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/**
 * CPU, memory, file descriptors, garbage collection and the event loop's lag, under the names that dashboards for Node
 * know. They are the process's, and so there is one of them, however many gateways it has.
 */
export function processMetrics(): Registry {
  if (registry) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}
