import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';
import { temporaryFolder } from '../../support/gateway';

const endpoint = 'http://localhost:4318';
const configOf = (traces: unknown, env?: Record<string, string>) =>
  resolveConfig(
    { mounts: [{ path: '/kpow', target: 'http://localhost:3000', health: '/healthy' }], traces },
    env === undefined ? {} : { env },
  );
const tracesOf = (traces: unknown, env?: Record<string, string>) => configOf(traces, env).traces;

function problemsOf(traces: unknown): readonly string[] {
  try {
    configOf(traces);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each([undefined, null, 'off', false])('%p is off', (traces) => expect(tracesOf(traces)).toBeNull());

test('an endpoint is enough', () => {
  expect(tracesOf({ endpoint })).toEqual({
    endpoint: 'http://localhost:4318/v1/traces',
    ratio: 0.1,
    service: 'kpow-gateway',
    headers: {},
    ca: null,
    trust: false,
  });
});

test.each([
  ['http://collector:4318/', 'http://collector:4318/v1/traces'],
  ['https://otlp.example.com/otlp/', 'https://otlp.example.com/otlp/v1/traces'],
  ['http://collector:4318/v1/traces', 'http://collector:4318/v1/traces'],
  ['https://collector/api/v0.2/traces', 'https://collector/api/v0.2/traces'],
  ['http://[::1]:4318', 'http://[::1]:4318/v1/traces'],
])('%s is asked at %s', (written, expected) => expect(tracesOf({ endpoint: written })?.endpoint).toBe(expected));

test('everything may come from the environment', () => {
  const env = { RATIO: '.5', TOKEN: 'abc' };
  const traces = { endpoint, ratio: '${RATIO}', headers: { Authorization: 'Bearer ${TOKEN}' } };
  expect(tracesOf(traces, env)).toMatchObject({ ratio: 0.5, headers: { Authorization: 'Bearer abc' } });
});

describe('a problem says where, what and how to mend it', () => {
  const ca = path.join(temporaryFolder(), 'ca.crt');
  writeFileSync(ca, 'no certificate');
  test.each<[unknown, string]>([
    [true, 'traces: true does not fit here; write off or a mapping'],
    [{}, 'traces.endpoint: is missing; write one such as http://localhost:4318'],
    [{ endpoint: 5 }, 'traces.endpoint: 5 is not a URL; write one such as http://localhost:4318'],
    [{ endpoint: 'localhost:4318' }, 'traces.endpoint: "localhost:4318" has no scheme; write http://localhost:4318'],
    [{ endpoint: 'http://me:pw@host' }, 'traces.endpoint: has a user name or password in it; take them out'],
    [{ endpoint, ratio: '10%' }, 'traces.ratio: "10%" is not a number from 0 to 1; write one such as 0.1'],
    [{ endpoint, ratio: '35 %' }, 'traces.ratio: "35 %" is not a number from 0 to 1; write one such as 0.35'],
    [{ endpoint, ratio: 2 }, 'traces.ratio: 2 is not a number from 0 to 1; write one such as 0.1'],
    [{ endpoint, ratio: -0.1 }, 'traces.ratio: -0.1 is not a number from 0 to 1; write one such as 0.1'],
    [{ endpoint, ratio: NaN }, 'traces.ratio: NaN is not a number from 0 to 1; write one such as 0.1'],
    [
      { endpoint, sampling: 1 },
      'traces.sampling: unknown key; the keys here are endpoint, ratio, service, headers, ca, trust',
    ],
    [
      { endpoint, headers: 'a: b' },
      'traces.headers: is not a mapping; write one such as { Authorization: "Bearer ${TOKEN}" }',
    ],
    [
      { endpoint, headers: { 'a b': 'x' } },
      'traces.headers: "a b" is not the name of a header field; write letters, digits and dashes',
    ],
    [{ endpoint, headers: { Host: 'x' } }, "traces.headers: Host is taken from the receiver's address; take it out"],
    [{ endpoint, headers: { 'X-Id': 5 } }, 'traces.headers: the value of X-Id is not a text; put quotes around it'],
    [
      { endpoint, headers: { 'X-Id': 'a\r\nb' } },
      'traces.headers: the value of X-Id has a line break or a character that a header cannot carry; take it out',
    ],
    [{ endpoint, ca }, 'traces.ca: is for an https endpoint; write https:// there, or take ca out'],
    [
      { endpoint: 'https://collector', ca },
      `traces.ca: ${ca} is not a certificate in PEM form; convert it with openssl`,
    ],
    [{ endpoint: 'https://collector', ca: '/no/such/file' }, 'traces.ca: /no/such/file does not exist; check the name'],
  ])('%j', (traces, problem) => expect(problemsOf(traces)).toEqual([problem]));

  test('and no secret', () => {
    const headers = { Authorization: 'SECRET\n', 'X-Other': ['SECRET'] };
    expect(problemsOf({ endpoint, headers }).join()).not.toContain('SECRET');
  });
});

test('the port of OTLP over gRPC is most likely a mistake', () => {
  expect(configWarnings(configOf({ endpoint: 'http://localhost:4317' }))).toEqual([
    'traces.endpoint: 4317 is the usual port for OTLP over gRPC; OTLP over HTTP has 4318',
  ]);
});
