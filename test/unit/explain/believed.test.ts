import { readAsked } from '../../../src/explain/asked';
import { createIdleSite, followRequest } from '../../../src/explain/explain';
import { explanationLines } from '../../../src/explain/text';
import { testConfig, type RawConfig } from '../../support/gateway';

const target = 'http://localhost:3000';
const mounts = [
  { path: '/s', target },
  { path: '/known', target, trustedIdentity: true },
  { path: '/own', target, host: 'target' },
  { path: '/keep', target, prefix: 'keep' },
];

function explained(path: string, fields: readonly string[], config: Partial<RawConfig> = {}) {
  const asked = readAsked({
    words: [path],
    fields,
    address: '10.0.0.1',
    here: { secure: true, authority: 'tools.example' },
  });
  return followRequest(asked, createIdleSite(testConfig({ mounts, ...config }))).explanation;
}

/** What is said of each field of this name, by its value: why it ends here, is changed or is the gateway's. */
function reasons(path: string, fields: readonly string[], name: string, config: Partial<RawConfig>) {
  const { outcome } = explained(path, fields, config);
  if (outcome.kind !== 'tool') throw new Error(outcome.kind);
  return outcome.request.fields.filter((field) => field.name === name).map(({ after, reason }) => [after, reason]);
}

const trusting = { trustedProxies: ['10.0.0.0/8'] };
const ends = (reason: RegExp) => [null, expect.stringMatching(reason)];
const heard = ends(/^10\.0\.0\.1 is a trusted proxy: it was heard, and is written anew$/);

describe.each<[field: string, name: string, cases: [string, string[], Partial<RawConfig>, unknown[]][]]>([
  [
    'who a person is',
    'X-WEBAUTH-USER',
    [
      ['/known', ['X-WEBAUTH-USER: a'], {}, [ends(/not believed: 10\.0\.0\.1 is not in `trustedProxies`$/)]],
      ['/s', ['X-WEBAUTH-USER: a'], trusting, [ends(/no `trustedIdentity: true` says that 10\.0\.0\.1 has auth/)]],
      ['/known', ['X-WEBAUTH-USER: a'], trusting, [['a', null]]],
      ['/s', ['X-WEBAUTH-USER: a'], { ...trusting, trustedIdentity: true }, [['a', null]]],
      [
        '/known',
        ['X-WEBAUTH-USER: a', 'X-WEBAUTH-USER: b'],
        trusting,
        [ends(/a later line of it, which was written nearer/), ['b', null]],
      ],
      ['/known', ['Connection: X-WEBAUTH-USER', 'X-WEBAUTH-USER: a'], trusting, [ends(/the Connection field/)]],
    ],
  ],
  [
    'in another spelling',
    'X_WEBAUTH_USER',
    [
      ['/known', ['X_WEBAUTH_USER: a'], {}, [ends(/not believed/)]],
      ['/known', ['X_WEBAUTH_USER: a'], trusting, [ends(/no proxy spells it so, .* as which tools may read it$/)]],
    ],
  ],
  [
    'Forwarded',
    'Forwarded',
    [
      ['/s', ['Forwarded: host=a'], {}, [ends(/not believed/), [expect.anything(), expect.anything()]]],
      ['/s', ['Forwarded: host=a'], trusting, [heard, [expect.anything(), expect.anything()]]],
      [
        '/s',
        ['Forwarded: host=a', 'X-Forwarded-For: 1.2.3.4'],
        trusting,
        [ends(/^not read: 10\.0\.0\.1 writes X-Forwarded-\*, .*`trustedFields`/), expect.anything()],
      ],
    ],
  ],
  [
    'the host',
    'X-Forwarded-Host',
    [
      ['/s', [], {}, [['tools.example', 'the host, as the client asked for it']]],
      ['/s', [], trusting, [['tools.example', 'the host, as the client asked for it']]],
      ['/s', ['X-Forwarded-Host: a'], trusting, [heard, ['a', 'the host, as the trusted proxy says']]],
      [
        '/s',
        ['X-Forwarded-Host: b, a'],
        trusting,
        [ends(/the last of its values was heard/), ['a', expect.anything()]],
      ],
      [
        '/s',
        ['X-Forwarded-Host: b', 'X-Forwarded-Host: a'],
        trusting,
        [ends(/^not read: .*nearer to the gateway/), heard, ['a', expect.anything()]],
      ],
      ['/s', ['X-Forwarded-Host: a/b'], trusting, [ends(/^not taken: a\/b is no host$/), expect.anything()]],
      [
        '/s',
        ['X-Forwarded-Host: a'],
        { ...trusting, trustedFields: 'forwarded' },
        [ends(/^not read: .* \(`trustedFields: forwarded`\)$/), expect.anything()],
      ],
      ['/own', ['X-Forwarded-Host: a'], trusting, [heard, ['localhost:3000', expect.stringMatching(/`host: target`/)]]],
    ],
  ],
  [
    'the prefix',
    'X-Forwarded-Prefix',
    [
      ['/s', ['X-Forwarded-Prefix: /t'], {}, [ends(/not believed/), ['/s', expect.stringMatching(/^the prefix that/)]]],
      [
        '/s',
        ['X-Forwarded-Prefix: /t'],
        { ...trusting, trustedFields: 'forwarded' },
        [ends(/^not read: .* \(`trustedFields: forwarded`\)$/), expect.anything()],
      ],
      ['/s', ['X-Forwarded-Prefix: //t'], trusting, [ends(/^not taken: \/\/t is no plain path$/), expect.anything()]],
      [
        '/s',
        ['X-Forwarded-Prefix: /t'],
        trusting,
        [
          heard,
          ['/t/s', expect.stringMatching(/^what the trusted proxy took off, and \/s, which was taken off here;/)],
        ],
      ],
      [
        '/keep',
        ['X-Forwarded-Prefix: /t'],
        trusting,
        [heard, ['/t', expect.stringMatching(/^what the trusted proxy took off;/)]],
      ],
    ],
  ],
  [
    'Referer',
    'Referer',
    [
      [
        '/own',
        ['Referer: https://tools.example/own/x'],
        {},
        [['http://localhost:3000/own/x', expect.stringMatching(/`host: target`\), and compares Referer/)]],
      ],
    ],
  ],
])('of %s', (_, name, cases) => {
  test.each(cases)('%s %j %j', (path, fields, config, expected) => {
    expect(reasons(`${path}/`, fields, name, config)).toEqual(expected);
  });
});

test('people are told the prefix of what the client sees', () => {
  const explanation = explained('/s/x', ['X-Forwarded-Prefix: /t'], trusting);
  expect(explanation.client).toMatchObject({ origin: 'https://tools.example', prefix: '/t' });
  expect(explanationLines(explanation)).toContain(
    '  client  10.0.0.1, who sees https://tools.example/t (a trusted proxy says so)',
  );
});
