export interface LogLine {
  /** ISO 8601. */
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly service: string;
  readonly message: string;
}

const services = ['checkout', 'payments', 'warehouse', 'search', 'gateway'];
const messages: readonly (readonly [LogLine['level'], string])[] = [
  ['info', 'Order # accepted'],
  ['info', 'Payment # captured'],
  ['info', 'Consumer group rebalanced in # ms'],
  ['info', 'Committed offsets up to #'],
  ['warn', 'Payment # is slow, trying again'],
  ['info', 'Shipment # handed to the carrier'],
  ['info', 'Indexed # products'],
  ['warn', 'Lag grew to # messages'],
  ['error', 'Payment # declined by the bank'],
  ['info', 'Cache refreshed, # entries'],
];

/** Line `index` of an endless log that has one line every `interval` milliseconds since 1970. */
export function logLine(index: number, interval: number): LogLine {
  // Knuth's multiplicative hash: looks random, and is the same for the same line.
  const dice = Math.imul(index, 2_654_435_761) >>> 0;
  const [level, message] = messages[dice % messages.length] ?? ['info', '#'];
  return {
    at: new Date(index * interval).toISOString(),
    level,
    service: services[(dice >>> 8) % services.length] ?? '',
    message: message.replace('#', String(1000 + ((dice >>> 12) % 9000))),
  };
}
