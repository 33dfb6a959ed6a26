import { movedPolicy, passThrough, widened } from '../../../src/adopt/policy';

const script = { url: 'https://tools.example/-/assets/adopt.1.js', hash: "'sha256-AAAA'" };
const widen = (policy: string) => widened(policy, script, passThrough([policy]));

describe('a policy is widened by the source that the script needs, and no more', () => {
  test.each([
    ["script-src 'none'", `script-src ${script.url}`],
    ['script-src', `script-src ${script.url}`],
    ['script-src https://cdn.example', `script-src https://cdn.example ${script.url}`],
    ["default-src 'none'; img-src 'self'", `default-src 'none'; img-src 'self'; script-src ${script.url}`],
    ["default-src 'none';", `default-src 'none'; script-src ${script.url}`],
    [
      'default-src https://cdn.example; img-src *',
      `default-src https://cdn.example; img-src *; script-src https://cdn.example ${script.url}`,
    ],
    [
      "img-src *; script-src https://a.example; script-src-elem 'sha256-abc'",
      `img-src *; script-src https://a.example; script-src-elem 'sha256-abc' ${script.url}`,
    ],
    ["Script-Src 'sha256-abc'", `script-src 'sha256-abc' ${script.url}`],
    [
      "script-src 'strict-dynamic' 'sha256-abc' 'self'",
      `script-src 'strict-dynamic' 'sha256-abc' 'self' ${script.hash}`,
    ],
    // The first of a name counts.
    ["script-src 'none'; script-src *", `script-src ${script.url}; script-src *`],
    // Several in one field: each has to let it in.
    ["script-src 'self', script-src 'none'", `script-src 'self', script-src ${script.url}`],
    // The script makes what it maps trusted again.
    [
      "trusted-types a b; require-trusted-types-for 'script'",
      "trusted-types a b kpow-gateway; require-trusted-types-for 'script'",
    ],
    ["img-src *; trusted-types 'none'", 'img-src *; trusted-types kpow-gateway'],
  ])('%s', (policy, expected) => expect(widen(policy)).toBe(expected));
});

describe('a policy that lets it in already stays as it is', () => {
  test.each([
    '',
    'img-src *',
    "script-src 'self'",
    "default-src 'self'",
    "default-src 'none'; script-src 'SELF' 'unsafe-eval'",
    'script-src *',
    'script-src https:',
    "script-src 'nonce-abc123=='",
    "script-src 'nonce-abc' 'strict-dynamic'",
    "script-src 'none'; script-src-elem 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types * 'allow-duplicates'",
  ])('%s', (policy) => expect(widen(policy)).toBe(policy));
});

describe('how the page lets the script in', () => {
  test.each([
    [[], null, true],
    [["script-src 'self'"], null, false],
    [["script-src 'self' 'unsafe-inline'"], null, true],
    // A hash takes 'unsafe-inline' out of force.
    [["script-src 'self' 'unsafe-inline' 'sha256-x'"], null, false],
    [["script-src 'nonce-abc'"], 'abc', true],
    [["script-src 'nonce-abc'", "default-src 'self'"], 'abc', false],
    [["script-src 'nonce-abc', script-src 'nonce-def'"], 'abc', false],
    [["img-src 'none'"], null, true],
    // What is no nonce is none of ours to write into a page.
    [[`script-src 'nonce-"><b>'`], null, false],
  ] as const)('%j', (policies, nonce, inline) => expect(passThrough(policies)).toMatchObject({ nonce, inline }));

  test('by its hash where addresses mean nothing', () => {
    expect(passThrough(["script-src 'strict-dynamic' 'sha256-x'"]).hashed).toBe(true);
    expect(passThrough(["script-src 'strict-dynamic' 'nonce-x'"]).hashed).toBe(false);
    expect(passThrough(["script-src 'self'"]).hashed).toBe(false);
  });
});

test('sources and report addresses with a path are the public ones; keywords stay', () => {
  const fixed = (url: string) => `[${url}]`;
  expect(movedPolicy("script-src 'self' 'sha256-a/b' x.example/s/; report-uri /csp", fixed)).toBe(
    "script-src 'self' 'sha256-a/b' [x.example/s/]; report-uri [/csp]",
  );
});
