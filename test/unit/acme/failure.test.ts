import { adviceFor, failureOf } from '../../../src/acme/failure';
import type { AcmeConfig } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';

const acmeOf = (more: object = {}): AcmeConfig => {
  const acme = { domains: ['a.example.com', 'b.example.com'], termsOfServiceAgreed: true, ...more };
  const config = resolveConfig({ mounts: [{ path: '/x', target: 'http://x:1' }], listen: { https: { acme } } });
  return config.listen.https!.acme!;
};
const urn = (code: string) => `urn:ietf:params:acme:error:${code}`;

test('a problem is told with all that the authority says, and nothing that moves a terminal’s cursor', () => {
  const failure = failureOf(
    {
      type: urn('rateLimited'),
      detail: 'too many\u001b[2J certificates',
      subproblems: [{ detail: 'for a.example.com' }, 5, null],
    },
    { status: 429, retryAfter: 5_000 },
  );
  expect(failure).toMatchObject({ code: 'rateLimited', retryAfter: 5_000 });
  expect(failure.message).toBe('the authority says (HTTP 429): too many\\u001b[2J certificates; for a.example.com');
});

test.each([null, undefined, 'text', 5, [], {}, { type: 5, detail: {} }, { type: 'about:blank', subproblems: 'x' }])(
  'what is no problem document is none: %j',
  (problem) => {
    expect(failureOf(problem, { domain: 'a.example.com' })).toMatchObject({
      code: 'unknown',
      message: 'the authority says of a.example.com: nothing more',
    });
  },
);

test('a long text is cut', () => {
  expect(failureOf({ type: urn('dns'), detail: 'x'.repeat(10_000) }, {}).message.length).toBeLessThan(600);
});

test('advice names the port and the listener of the challenge', () => {
  expect(adviceFor('connection', acmeOf())).toBe(
    'let port 80 of a.example.com, b.example.com lead to listen.http, from everywhere',
  );
  expect(adviceFor('connection', acmeOf({ challenge: 'tls-alpn-01' }))).toMatch(
    /^let port 443 .* lead to listen\.https/,
  );
});

test('an account that is refused is told apart from a challenge that is', () => {
  const problem = { type: urn('unauthorized'), detail: 'no' };
  expect(adviceFor(failureOf(problem, { domain: 'a.example.com' }).code, acmeOf())).toMatch(/something else answers/);
  expect(adviceFor(failureOf(problem, { status: 403 }).code, acmeOf())).toMatch(/check eab/);
});

test.each([
  ['rateLimited', /letsencrypt-staging/],
  ['externalAccountRequired', /write eab/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /acme\.ca/],
  ['ECONNREFUSED', /acme-v02\.api\.letsencrypt\.org/],
  ['EROFS', /acme\.storage/],
  ['noChallenge', /write challenge: tls-alpn-01/],
  ['somethingNew', /tried again by itself/],
])('there is advice for %s', (code, expected) => {
  expect(adviceFor(code, acmeOf())).toMatch(expected);
});
