import type { z } from 'zod';
import * as kinds from '../kinds';
import { Refusal, type Kind } from '../kinds';
import * as rateLimitKinds from '../rate-limit-kinds';
import { mapping, optional, preset, required, shortOr } from './field';

const limit = mapping(
  {
    requests: required(kinds.count(1, 1_000_000), {
      description: 'How many requests an address may make in the time `per`; an IPv6 address counts as its /64.',
      examples: [100],
    }),
    per: preset(rateLimitKinds.wholeSeconds, '1m', {
      description: 'It begins with the first request, and when it is over the count begins anew.',
      examples: ['1s', '1h'],
    }),
    whenStoreAway: preset(kinds.choice('count-alone', 'allow', 'refuse'), 'count-alone', {
      description:
        'While `rateLimitStore` does not answer: `count-alone` lets each gateway count for itself, `allow` lets all requests through, `refuse` answers them 503.',
      examples: ['refuse'],
    }),
  },
  'How many requests a client may make; those above are answered 429 with `Retry-After`.',
  '{ requests: 100, per: 1m }',
);

export const rateLimit = shortOr(kinds.off, limit, {
  description: 'How many requests a client may make in this mount; those above are answered 429. `off`: any number.',
  defaultText: '`off`',
  examples: [{ requests: 600, per: '1m' }],
}).optional();

const storeExample = '{ url: redis://redis:6379 }';

const store = mapping(
  {
    url: required(rateLimitKinds.storeUrl, {
      description:
        '`redis://` or `valkey://`, with TLS `rediss://` or `valkeys://`; user, password and database as in `redis://user:password@host:6379/0`. User and password stand in no log.',
      examples: ['rediss://redis.example.com:6380'],
    }),
    password: optional(rateLimitKinds.password, {
      description:
        'The password, where it is not in `url`: here nothing in it needs to be encoded. It stands in no log.',
      examples: ['${REDIS_PASSWORD}'],
    }),
    ca: optional(kinds.file, {
      description: "PEM file with the authority that signed the store's certificate, where it is a private one.",
      examples: ['certs/ca.crt'],
    }),
    timeout: preset(kinds.duration({ least: 10, most: 10_000 }), '250ms', {
      description:
        'The longest that a request waits for the store. After that the store counts as away: each mount has its `whenStoreAway`.',
      examples: ['1s'],
    }),
    prefix: preset(rateLimitKinds.keyPrefix, 'kpow-gateway', {
      description:
        'What keys begin with. Gateways that share it, and the `path` and `rateLimit` of a mount, count together.',
      examples: ['staging'],
    }),
  },
  'Where requests are counted for several gateways together.',
  storeExample,
);

/** The URL alone, with the defaults of all else. */
const short: Kind<'off' | z.output<typeof store>> = {
  title: 'URL, `off` or mapping',
  json: { anyOf: [{ enum: ['off', false] }, rateLimitKinds.storeUrl.json] },
  example: rateLimitKinds.storeUrl.example,
  read(value) {
    if (value === 'off' || value === false) return 'off';
    const url = rateLimitKinds.storeUrl.read(value);
    return url instanceof Refusal ? url : store.parse({ url: value });
  },
};

export const rateLimitStore = shortOr(short, store, {
  description:
    'The Redis or Valkey server in which several gateways count for `rateLimit` together. `off`: each counts for itself.',
  examples: ['${REDIS_URL:-off}'],
}).prefault('off');
