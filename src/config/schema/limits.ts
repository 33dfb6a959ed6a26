import * as kinds from '../kinds';
import { layered, mapping, preset } from './field';

const body = layered('limits.body', kinds.sizeOrOff(1024, 1024 ** 4), '1gb', {
  description: 'The largest body of a request to a tool; a larger one gets 413 (nginx: client_max_body_size).',
  examples: ['100mb', 'off'],
});

export const topLimits = mapping(
  {
    head: preset(kinds.size(1024, 16 * 1024 * 1024), '64kb', {
      description: "The largest head of a request (its first line and headers), and of a tool's answer.",
      examples: ['128kb'],
    }),
    url: preset(kinds.size(1024, 16 * 1024 * 1024), '16kb', {
      description: 'The longest path with query; not more than `head`.',
      examples: ['32kb'],
    }),
    fields: preset(kinds.count(16, 5_000), 500, {
      description: 'How many header fields a request may have.',
      examples: [100],
    }),
    body: body.top,
    headTimeout: preset(kinds.duration({ least: 100 }), '30s', {
      description:
        "How long a request's head may take to arrive, from its first byte or from the connection's start. A connection that brings nothing is closed in silence.",
      examples: ['10s'],
    }),
    bodyTimeout: preset(kinds.duration({ off: true, least: 100 }), '60s', {
      description: "The longest silence within a request's body.",
      examples: ['20s'],
    }),
    sendTimeout: preset(kinds.duration({ off: true, least: 100 }), '60s', {
      description: 'How long a client may take nothing of what waits for it, before its connection is cut off.',
      examples: ['5m'],
    }),
    connections: preset(kinds.count(10, 1_000_000), 16_384, {
      description: 'How many connections of clients may be open. Where there are more, one that is idle is closed.',
      examples: [4096],
    }),
    connectionsPerClient: preset(kinds.count(10, 1_000_000), 2_048, {
      description:
        'How many of them may come from one address (one /64 for IPv6). `trustedProxies` may have any number.',
      examples: [100],
    }),
    requestsPerConnection: preset(kinds.count(1, 1_000_000_000), 10_000, {
      description: 'How many requests one connection may bring, before its client has to make another.',
      examples: [1000],
    }),
  },
  'What clients may use of the gateway.',
  '{ head: 64kb }',
);

export const ownLimits = mapping(
  {
    body: body.own,
    connections: preset(kinds.count(1, 1_000_000), 8192, {
      description: 'How many requests and websockets may be at the tool at once.',
      examples: [256],
    }),
    queue: preset(kinds.count(0, 1_000_000), 1024, {
      description: 'How many more may wait for their turn, first come, first served; the others get 503.',
      examples: [0],
    }),
    queueTimeout: preset(kinds.duration({ least: 10 }), '10s', {
      description: 'How long one may wait before it gets 503.',
      examples: ['2s'],
    }),
  },
  'What clients may use of this tool.',
  '{ body: 100mb }',
);
