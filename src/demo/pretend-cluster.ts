/** A Kafka cluster that exists only as a function of time: the same moment always shows the same numbers. */

export interface ClusterSnapshot {
  readonly at: string;
  readonly messagesPerSecond: number;
  readonly totalLag: number;
  readonly topics: Readonly<Record<string, TopicSnapshot>>;
  readonly groups: Readonly<Record<string, GroupSnapshot>>;
}

export interface TopicSnapshot {
  readonly partitions: number;
  readonly messagesPerSecond: number;
  /** Messages ever written. */
  readonly endOffset: number;
}

export interface GroupSnapshot {
  readonly topic: string;
  readonly members: number;
  /** Messages written and not yet read. */
  readonly lag: number;
}

export const brokers = 3;

const topics = [
  { name: 'orders', partitions: 12, rate: 840, swing: 0.35, period: 47 },
  { name: 'payments', partitions: 12, rate: 610, swing: 0.3, period: 61 },
  { name: 'shipments', partitions: 6, rate: 225, swing: 0.4, period: 83 },
  { name: 'page-views', partitions: 24, rate: 3150, swing: 0.22, period: 71 },
  { name: 'inventory.changes', partitions: 6, rate: 130, swing: 0.5, period: 37 },
  { name: 'audit-log', partitions: 3, rate: 42, swing: 0.25, period: 97 },
];

const groups = [
  { name: 'checkout', topic: 'orders', members: 4, lag: 160, period: 41 },
  { name: 'fraud-detection', topic: 'payments', members: 6, lag: 420, period: 67 },
  { name: 'warehouse', topic: 'shipments', members: 2, lag: 75, period: 53 },
  { name: 'clickstream-etl', topic: 'page-views', members: 8, lag: 5200, period: 89 },
  { name: 'search-indexer', topic: 'inventory.changes', members: 2, lag: 48, period: 31 },
];

const began = Date.UTC(2026, 0, 1) / 1000;

export function clusterAt(date: Date): ClusterSnapshot {
  const seconds = date.getTime() / 1000;
  const topicEntries = topics.map(({ name, partitions, rate, swing, period }) => {
    const angle = (2 * Math.PI * seconds) / period;
    const messagesPerSecond = Math.round(rate * (1 + swing * Math.sin(angle) + 0.06 * Math.sin(angle * 7.3)));
    return [name, { partitions, messagesPerSecond, endOffset: Math.round(rate * (seconds - began)) }] as const;
  });
  const groupEntries = groups.map(({ name, topic, members, lag, period }) => {
    const wave = 1 + Math.sin((2 * Math.PI * seconds) / period);
    return [name, { topic, members, lag: Math.round((lag * wave * wave) / 4) }] as const;
  });
  return {
    at: date.toISOString(),
    messagesPerSecond: topicEntries.reduce((sum, [, topic]) => sum + topic.messagesPerSecond, 0),
    totalLag: groupEntries.reduce((sum, [, group]) => sum + group.lag, 0),
    topics: Object.fromEntries(topicEntries),
    groups: Object.fromEntries(groupEntries),
  };
}

/** Messages a second over the last two minutes: the outline of an area, as SVG `points` in a box of 600 × 120. */
export function throughputPoints(date: Date, seconds = 120): string {
  const top = 7000;
  const points = Array.from({ length: seconds + 1 }, (_, index) => {
    const then = new Date(date.getTime() - (seconds - index) * 1000);
    return { x: (600 * index) / seconds, y: 120 - (120 * clusterAt(then).messagesPerSecond) / top };
  });
  // The area's other sides lie well outside of the box, where their stroke does not show.
  const left = { x: -60, y: points[0]?.y ?? 0 };
  const right = { x: 660, y: points.at(-1)?.y ?? 0 };
  return [{ ...left, y: 180 }, left, ...points, right, { ...right, y: 180 }]
    .map(({ x, y }) => `${x.toFixed(0)},${y.toFixed(1)}`)
    .join(' ');
}
