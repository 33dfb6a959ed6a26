import * as kinds from '../kinds';
import { layered, mapping, optional } from './field';

const probePath = (defaultText: string) =>
  optional(kinds.healthPath, {
    description:
      "What is asked for at the tool, exactly as it stands: neither the mount's path nor the target's is put before it. 2xx is healthy.",
    examples: ['/healthy'],
    defaultText,
  });
const interval = layered('health.interval', kinds.duration({ least: 10 }), '5s', {
  description: 'The time between two probes.',
  examples: ['15s'],
});
const timeout = layered('health.timeout', kinds.duration({ least: 10 }), '3s', {
  description: 'When a probe is given up.',
  examples: ['10s'],
});
const healthyAfter = layered('health.healthyAfter', kinds.count(1, 100), 1, {
  description: 'How many good probes in a row make the tool healthy.',
  examples: [2],
});
const unhealthyAfter = layered('health.unhealthyAfter', kinds.count(1, 100), 2, {
  description: 'How many bad probes in a row make it unhealthy.',
  examples: [3],
});
const whenUnhealthy = layered('health.whenUnhealthy', kinds.choice('refuse', 'pass'), 'refuse', {
  description:
    'While the tool itself answers that it is not healthy: `refuse` answers 503 with a page that says so, `pass` lets requests through.',
  examples: ['pass'],
});
const healthExample = '{ path: /healthy, interval: 5s }';
export const topHealth = mapping(
  {
    path: probePath('none: only mounts with a path of their own are probed'),
    interval: interval.top,
    timeout: timeout.top,
    healthyAfter: healthyAfter.top,
    unhealthyAfter: unhealthyAfter.top,
    whenUnhealthy: whenUnhealthy.top,
  },
  'How tools are probed; a mount may have its own.',
  healthExample,
);
export const ownHealth = mapping(
  {
    path: probePath('as `health.path`'),
    interval: interval.own,
    timeout: timeout.own,
    healthyAfter: healthyAfter.own,
    unhealthyAfter: unhealthyAfter.own,
    whenUnhealthy: whenUnhealthy.own,
  },
  'How this tool is probed.',
  healthExample,
);
