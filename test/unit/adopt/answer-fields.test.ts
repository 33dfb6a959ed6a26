import { adoptedAnswerFields } from '../../../src/adopt/answer-fields';
import type { BodyKind } from '../../../src/adopt/body-kind';
import { mountOf } from '../../support/mounts';

const context = {
  mount: mountOf({ prefix: 'adopt' }),
  origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 } as const,
  host: 'tools.example',
  publicTarget: '/kpow/a',
  upstreamTarget: '/a',
};
const script = { url: 'https://tools.example/-/assets/adopt.1.js', hash: "'sha256-A'" };
const answer = (raw: string[], kind: BodyKind | null = null, escaped = false) =>
  adoptedAnswerFields(raw, {
    context,
    kind,
    tagged: kind !== null,
    pass: kind === 'document' ? { nonce: null, hashed: false, inline: false } : null,
    script,
    escaped,
  });

test.each([
  [
    'Link',
    '</a.css>; rel=preload, <b.js>;rel=x, <https://cdn.example/c>',
    '</kpow/a.css>; rel=preload, <b.js>;rel=x, <https://cdn.example/c>',
  ],
  ['SourceMap', '/a.map', '/kpow/a.map'],
  ['X-SourceMap', 'https://tools.example/a.map', '/kpow/a.map'],
  ['Speculation-Rules', '"/rules.json", "/more"', '"/kpow/rules.json", "/kpow/more"'],
  ['Reporting-Endpoints', 'main="/reports"', 'main="/kpow/reports"'],
  [
    'Content-Security-Policy',
    "script-src https://tools.example/js/ 'self'; report-uri /csp",
    "script-src https://tools.example/kpow/js/ 'self'; report-uri /kpow/csp",
  ],
  [
    'Content-Security-Policy',
    'img-src cdn.example/a/ tools.example/kpow/i/',
    'img-src cdn.example/a/ tools.example/kpow/i/',
  ],
  ['X-Other', '/a', '/a'],
])('%s: %s', (name, before, after) => expect(answer([name, before])).toEqual([name, after]));

test('what is only true of the body that the tool sent goes with it', () => {
  const raw = ['Content-Length', '9', 'ETag', 'W/"1"', 'Accept-Ranges', 'bytes', 'Repr-Digest', 'sha-256=:x:'];
  expect(answer(raw)).toEqual(raw);
  expect(answer(raw, 'style')).toEqual(['ETag', 'W/"1.adopted"']);
});

test('only a document’s policy is widened', () => {
  const raw = ['Content-Security-Policy', "script-src 'none'"];
  expect(answer(raw, 'style')).toEqual(raw);
  expect(answer(raw, 'document')).toEqual(['Content-Security-Policy', `script-src ${script.url}`]);
});

test('an answer to a request outside the mount keeps nothing of how the tool would have it kept', () => {
  expect(answer(['Cache-Control', 'max-age=60', 'Expires', 'later', 'X-A', '1'], null, true)).toEqual(['X-A', '1']);
});
