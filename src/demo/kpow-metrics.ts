import type { ClusterSnapshot } from './pretend-cluster';

/** Prometheus text of `/metrics/v1`, `/offsets/v1` and `/streams/v1`. The names are the stand-in's own, not kPow's. */
export function metricsText({ topics, messagesPerSecond }: ClusterSnapshot, errorState: boolean): string {
  return exposition([
    ['kpow_stand_in_streams_running', 'gauge', '0 in the ERROR state', [['', errorState ? 0 : 1]]],
    ['kpow_stand_in_messages_per_second', 'gauge', 'Messages written a second', [['', messagesPerSecond]]],
    [
      'kpow_stand_in_topic_messages_total',
      'counter',
      'Messages written, by topic',
      Object.entries(topics).map(([topic, { endOffset }]) => [`{topic="${topic}"}`, endOffset]),
    ],
  ]);
}

export function offsetsText({ groups }: ClusterSnapshot): string {
  return exposition([
    [
      'kpow_stand_in_group_lag',
      'gauge',
      'Messages not yet read, by consumer group and topic',
      Object.entries(groups).map(([group, { topic, lag }]) => [`{group="${group}",topic="${topic}"}`, lag]),
    ],
  ]);
}

export function streamsText(errorState: boolean): string {
  const states = ['RUNNING', 'ERROR'].map((state): [string, number] => [
    `{state="${state}"}`,
    (state === 'ERROR') === errorState ? 1 : 0,
  ]);
  return exposition([['kpow_stand_in_streams_state', 'gauge', 'State of the internal Kafka Streams', states]]);
}

type Family = [name: string, type: 'gauge' | 'counter', help: string, samples: [labels: string, value: number][]];

function exposition(families: readonly Family[]): string {
  return families
    .map(([name, type, help, samples]) =>
      [
        `# HELP ${name} ${help} (pretend data).`,
        `# TYPE ${name} ${type}`,
        ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
        '',
      ].join('\n'),
    )
    .join('');
}
