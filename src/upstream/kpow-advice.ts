/**
 * What people are told of a kPow in its ERROR state: its HTTP server answers while `/healthy` says 503.
 * Source: kPow's documentation on `STREAMS_ERROR_STRATEGY` and its health endpoints.
 */
export const kpowErrorDetail =
  'kPow’s internal Kafka Streams have stopped and kPow is in its ERROR state. ' +
  'That happens, for example, when a cluster was away for longer than its timeout plus the heartbeat.';

/** A sentence each, the most useful first. */
export const kpowErrorAdvice: readonly string[] = [
  'Restart kPow: its web interface stays unavailable until it is restarted, even when the cluster is back.',
  'Check that its Kafka clusters can be reached, or it will stop again.',
  'To have it restarted by itself next time, point a liveness probe at kPow’s `/healthy`.',
  'Without a probe, set `STREAMS_ERROR_STRATEGY=LOG_AND_EXIT` and a restart policy: kPow then ends, and is started again.',
];
