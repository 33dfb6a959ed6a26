import path from 'node:path';
import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

const mounts = [
  { path: '/kpow', target: 'http://localhost:3000', health: '/healthy' },
  { path: '/other', target: 'http://localhost:3001' },
];
const secret = 'https://hooks.slack.com/services/T0/B0/s3cr3t';
const withWebhook = (more: object) => ({ mounts, notify: { webhooks: [{ url: secret, ...more }] } });
const webhookOf = (more: object = {}) => resolveConfig(withWebhook(more)).notify.webhooks[0]!;

function problemsOf(raw: unknown, env = {}): readonly string[] {
  try {
    resolveConfig(raw, { env, folder: '/nowhere' });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('an address alone is enough', () => {
  expect(webhookOf()).toEqual({
    url: secret,
    format: 'slack',
    template: null,
    contentType: 'application/json',
    headers: {},
    mounts: null,
    states: ['unhealthy', 'unreachable', 'healthy'],
    after: 30_000,
    repeat: 0,
    timeout: 10_000,
    ca: null,
  });
});

test('what may be a list may be one word', () => {
  expect(webhookOf({ mounts: '/kpow', states: 'unreachable' })).toMatchObject({
    mounts: ['/kpow'],
    states: ['unreachable'],
  });
});

test('off takes a webhook out, also by its variable', () => {
  const raw = { mounts, notify: { webhooks: [{ url: '${SLACK:-off}', mounts: '/nowhere' }, { url: false }] } };
  expect(resolveConfig(raw, { env: {} }).notify.webhooks).toEqual([]);
});

test('the certificate is found from the folder that the gateway is started in', () => {
  const folder = path.join(__dirname, '../../..');
  expect(problemsOf(withWebhook({ ca: 'ca.crt' }))).toEqual([
    'notify.webhooks[0].ca: /nowhere/ca.crt does not exist; check the name',
  ]);
  expect(() => resolveConfig(withWebhook({ ca: 'package.json' }), { folder })).toThrow(/not a certificate in PEM form/);
});

describe('a problem says where, what and how to mend it, and no secret', () => {
  const header = (headers: unknown) => withWebhook({ headers });
  test.each<[string, unknown, RegExp | string]>([
    ['an unset variable', withWebhook({ url: '${SLACK}' }), /\.url: the environment variable SLACK is not set; set it/],
    ['an empty one', withWebhook({ url: '${SLACK:-}' }), /\.url: is missing; write one such as https:/],
    ['no scheme', withWebhook({ url: 'hooks.slack.com/s3cr3t' }), '.url: has no scheme; write https:// before it'],
    ['another scheme', withWebhook({ url: 'ftp://h/s3cr3t' }), /\.url: is neither https:\/\/ nor http:/],
    ['no URL', withWebhook({ url: 'https://s3cr3t:x/' }), /\.url: is not a URL/],
    ['a space', withWebhook({ url: 'https://h/s3cr3t x' }), /\.url: has a space/],
    ['an unknown format', withWebhook({ format: 'teams' }), /\.format: "teams" is not known here; write slack or json/],
    [
      'both',
      withWebhook({ format: 'json', template: '{{text}}', contentType: 'text/plain' }),
      /\.format: does not go with/,
    ],
    ['a type alone', withWebhook({ contentType: 'text/plain' }), /\.contentType: goes with template/],
    [
      'a type without escaping',
      withWebhook({ template: '"{{text}}"', contentType: 'text/xml' }),
      /\.contentType: "text\/xml"/,
    ],
    [
      'a placeholder',
      withWebhook({ template: '"{{nme}}"' }),
      /\.template: there is no placeholder \{\{nme\}\}; there are/,
    ],
    ['bad JSON', withWebhook({ template: '{"a": {{name}}}' }), /\.template: is not JSON once/],
    [
      'a mapping as template',
      withWebhook({ template: { a: '{{name}}' } }),
      /\.template: is a mapping or list; write it as a text/,
    ],
    [
      'an unknown mount',
      withWebhook({ mounts: ['/kpow', '/kpwo'] }),
      '.mounts[1]: "/kpwo" is not the path of a mount; there is /kpow, /other',
    ],
    ['a mount without health', withWebhook({ mounts: '/other' }), /\.mounts\[0\]: \/other has no health/],
    ['no mount', withWebhook({ mounts: [] }), /\.mounts: is empty/],
    ['an unknown state', withWebhook({ states: ['unhealty'] }), /\.states\[0\]: .*did you mean unhealthy\?/],
    ['recovery alone', withWebhook({ states: 'healthy' }), /\.states: healthy is told only after trouble was/],
    ['a number', withWebhook({ after: 30 }), '.after: 30 has no unit; write 30ms or 30s'],
    [
      'a ca without TLS',
      withWebhook({ url: 'http://h/s3cr3t', ca: 'ca.crt' }),
      /\.ca: is for https, and url says http/,
    ],
    ['a header name', header({ 'a b': 's3cr3t' }), /\.headers: "a b" is not the name of a header field/],
    ['a header value', header({ A: 's3cr3t\r\nB: c' }), /\.headers: the value of A has a line break/],
    [
      'a header with its own setting',
      header({ 'content-type': 's3cr3t' }),
      /\.headers: content-type is what contentType is for/,
    ],
    ['a header that is a list', header({ A: ['s3cr3t'] }), /\.headers: the value of A is not a text/],
    ['a misspelt key', withWebhook({ repaet: '4h' }), /\.repaet: unknown key; did you mean repeat\?/],
  ])('%s', (_, raw, problem) => {
    const problems = problemsOf(raw);
    expect(problems).toHaveLength(1);
    if (typeof problem === 'string') expect(problems[0]).toBe(`notify.webhooks[0]${problem}`);
    else expect(problems[0]).toMatch(problem);
    expect(problems.join()).not.toContain('s3cr3t');
  });

  test('webhooks that are no list', () => {
    expect(problemsOf({ mounts, notify: { webhooks: { url: secret } } })).toEqual([
      'notify.webhooks: a mapping is not a list; begin each webhook with a dash: - { url: "${SLACK_WEBHOOK_URL}" }',
    ]);
  });
});

test('webhooks with nothing to tell are warned of', () => {
  const config = resolveConfig({ ...withWebhook({}), mounts: [mounts[1]] });
  expect(configWarnings(config)).toContainEqual(expect.stringMatching(/^notify\.webhooks: no mount has health/));
});
