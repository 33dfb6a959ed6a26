import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check } from '../../../src/commands/check';
import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

const kpow = { path: '/kpow', target: 'http://localhost:3000', health: '/healthy' };
const limited = { ...kpow, rateLimit: { requests: 100 } };
const storeOf = (rateLimitStore: unknown, env = {}) =>
  resolveConfig({ mounts: [limited], rateLimitStore }, { env }).rateLimitStore;

function problemsOf(raw: object): readonly string[] {
  try {
    resolveConfig({ mounts: [limited], ...raw }, { env: {}, folder: '/nowhere' });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const limitOf = (rateLimit: unknown) =>
  resolveConfig({ mounts: [{ ...kpow, rateLimit }] }, { env: {} }).mounts[0]?.rateLimit;

test('a number of requests is enough for a limit', () => {
  expect(limitOf({ requests: 100 })).toEqual({ requests: 100, per: 60_000, whenStoreAway: 'count-alone' });
  expect(limitOf({ requests: '5', per: '2s', whenStoreAway: 'refuse' })).toEqual({
    requests: 5,
    per: 2_000,
    whenStoreAway: 'refuse',
  });
  expect([limitOf('off'), limitOf(undefined), limitOf('${RATE:-off}')]).toEqual([null, null, null]);
});

test('a URL is enough for a store', () => {
  const defaults = { username: '', password: '', database: 0, ca: null, timeout: 250, prefix: 'kpow-gateway' };
  expect(storeOf('redis://redis')).toEqual({ ...defaults, host: 'redis', port: 6379, tls: false });
  expect(storeOf('${REDIS_URL:-off}', { REDIS_URL: 'valkeys://[2001:db8::1]:6380/3' })).toEqual({
    ...defaults,
    host: '2001:db8::1',
    port: 6380,
    tls: true,
    database: 3,
  });
  expect([storeOf('off'), storeOf('${REDIS_URL:-off}'), storeOf(undefined)]).toEqual([null, null, null]);
});

test('user and password come from the URL, decoded, or the password as it is', () => {
  expect(storeOf('redis://gateway:p%40ss%2f@redis:1/')).toMatchObject({ username: 'gateway', password: 'p@ss/' });
  expect(storeOf('redis://:pass@redis')).toMatchObject({ username: '', password: 'pass' });
  expect(storeOf({ url: 'rediss://gateway@redis', password: ' p@%#? ', timeout: '1s', prefix: 'a' })).toMatchObject({
    username: 'gateway',
    password: ' p@%#? ',
    timeout: 1_000,
    prefix: 'a',
    tls: true,
  });
});

describe('a problem is one line, and tells no password', () => {
  const inMount = (rateLimit: unknown) => ({ mounts: [{ ...kpow, rateLimit }] });
  test.each<[string, object, string]>([
    ['no number', inMount({ per: '1m' }), 'mounts[0].rateLimit.requests: is missing; write one such as 1'],
    [
      'none at all',
      inMount({ requests: 0 }),
      'mounts[0].rateLimit.requests: 0 does not fit here; write a whole number from 1 to 1000000',
    ],
    [
      'parts of a second',
      inMount({ requests: 1, per: '1500ms' }),
      'mounts[0].rateLimit.per: "1500ms" is no whole number of seconds; write one such as 10s',
    ],
    [
      'less than a second',
      inMount({ requests: 1, per: '100ms' }),
      'mounts[0].rateLimit.per: "100ms" is too short; write at least 1000ms',
    ],
    [
      'another policy',
      inMount({ requests: 1, whenStoreAway: 'alow' }),
      'mounts[0].rateLimit.whenStoreAway: "alow" is not one of count-alone, allow, refuse; did you mean allow?',
    ],
    ['a limit in one word', inMount('100/m'), 'mounts[0].rateLimit: "100/m" does not fit here; write off or a mapping'],
    [
      'no scheme',
      { rateLimitStore: 's3cr3t@redis:6379' },
      'rateLimitStore: has no scheme; write redis:// before it, or rediss:// for TLS',
    ],
    [
      'another scheme',
      { rateLimitStore: 'http://:s3cr3t@redis' },
      'rateLimitStore: is of another scheme; write redis://, or rediss:// for TLS',
    ],
    [
      'a password that breaks the URL',
      { rateLimitStore: { url: 'redis://:s3#cr3t@redis' } },
      'rateLimitStore.url: has a ?, a #, a space or a line break in it; write the password apart, as `password`, or percent-encode it',
    ],
    [
      'a password with a bare %',
      { rateLimitStore: 'redis://:s3cr3t%@redis' },
      'rateLimitStore: has a % that encodes nothing; write %25 for a plain one, or the password apart, as `password`',
    ],
    [
      'a port out of range',
      { rateLimitStore: 'redis://:s3cr3t@redis:99999' },
      'rateLimitStore: is not a URL; write one such as redis://redis:6379',
    ],
    ['no host', { rateLimitStore: 'redis:///1' }, 'rateLimitStore: has no host; write one such as redis://redis:6379'],
    [
      'a path',
      { rateLimitStore: 'redis://:s3cr3t@redis/counts' },
      'rateLimitStore: has a path that is not the number of a database; write one such as /1, or take it out',
    ],
    [
      'two passwords',
      { rateLimitStore: { url: 'redis://:s3cr3t@redis', password: 's3cr3t' } },
      'rateLimitStore.password: is in url too; take one of them out',
    ],
    [
      'a password that YAML took for a number',
      { rateLimitStore: { url: 'redis://redis', password: 12345 } },
      'rateLimitStore.password: is a number; put quotes around it',
    ],
    [
      'an authority without TLS',
      { rateLimitStore: { url: 'redis://redis', ca: 'ca.crt' } },
      'rateLimitStore.ca: is for TLS; write rediss:// in url, or take ca out',
    ],
    [
      'an authority that is not there',
      { rateLimitStore: { url: 'rediss://redis', ca: 'ca.crt' } },
      'rateLimitStore.ca: /nowhere/ca.crt does not exist',
    ],
    [
      'a prefix with a space',
      { rateLimitStore: { url: 'redis://redis', prefix: 'a b' } },
      'rateLimitStore.prefix: "a b" does not fit here; write up to 100 letters, digits, or . _ : / -',
    ],
  ])('%s', (_, raw, problem) => {
    expect(problemsOf(raw)).toEqual([expect.stringContaining(problem)]);
    expect(problemsOf(raw).join()).not.toMatch(/s3cr3t|12345/);
  });
});

test('what has no effect is said', () => {
  const warningsOf = (raw: object) => configWarnings(resolveConfig({ mounts: [limited], ...raw }, { env: {} }));
  const refusing = { ...kpow, rateLimit: { requests: 1, whenStoreAway: 'refuse' } };
  expect(warningsOf({ rateLimitStore: 'redis://redis' })).toEqual([]);
  expect(warningsOf({ mounts: [kpow], rateLimitStore: 'redis://redis' })).toEqual([
    'rateLimitStore: no mount has a rateLimit, so nothing is counted; write one, or take the line out',
  ]);
  expect(warningsOf({ mounts: [refusing] })).toEqual([
    'mounts[0].rateLimit.whenStoreAway: has no effect without rateLimitStore: this gateway counts for itself',
  ]);
  expect(warningsOf({ mounts: [refusing], rateLimitStore: 'redis://redis' })).toEqual([]);
});

test('check names the place of the store, and no user or password', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  try {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(
      file,
      JSON.stringify({ mounts: [limited], rateLimitStore: 'rediss://gateway:s3cr3t@redis.example.com:6380/1' }),
    );
    const lines: string[] = [];
    expect(check(file, (line) => lines.push(line), [])).toBe(0);
    expect(lines).toContain('  store  redis.example.com:6380  (counts for rateLimit, by TLS)');
    expect(lines.join('\n')).not.toMatch(/s3cr3t|gateway:/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
