import fc from 'fast-check';
import { framedFields } from '../../../src/headers/answer-framing';
import { fieldText } from '../../../src/headers/raw';
import { inboundFields } from '../../../src/headers/response';
import { readAnswerHead } from '../../../src/relay/answer-head';
import { inboundLines } from '../../../src/relay/answer-lines';
import { mountsOf } from '../../support/mounts';

/** Names with a meaning, and some that nearly have one. */
const names = [
  'Connection',
  'Content-Length',
  'Content-Location',
  'Date',
  'ETag',
  'HTTP2-Settings',
  'Keep-Alive',
  'Location',
  'P',
  'Prox',
  'Proxy-Authenticate',
  'Proxy-Connection',
  'Proxyy',
  'Refresh',
  'Set-Cookie',
  'Set-Cookie2',
  'Strict-Transport-Security',
  'TE',
  'Te2',
  'Trailer',
  'Trailers',
  'Transfer-Encoding',
  'Upgrade',
  'Vary',
  'X-Request-Id',
  'X-Request-Ie',
  '__proto__',
  'constructor',
];

const name = fc
  .tuple(
    fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,20}$/)),
    fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toLowerCase(),
      (text: string) => text.toUpperCase(),
    ),
  )
  .map(([text, cased]) => cased(text));

const value = fc.oneof(
  fc.constantFrom(
    '',
    '/login',
    '/tool/login',
    'http://localhost:3000/x?a=b',
    'https://tools.example/y',
    '//localhost:3000',
    'https://elsewhere.example/',
    '../up',
    '5; url=/next',
    'sid=1; Path=/; HttpOnly',
    'sid=1',
    'a=b; path=/api; Path=/x',
    'keep-alive',
    'close',
    'X-Request-Ie, etag',
    'close, Vary',
    '3',
    '0',
    'chunked',
    'Vary',
  ),
  fc.stringMatching(/^(?:[!-~\x80-\xff][\t -~\x80-\xff]{0,20})?$/),
);

/** As nearly everybody writes it. */
const usualLine = fc.tuple(name, value).map(([field, said]) => `${field}: ${said.trim()}\r\n`);
const oddLine = fc
  .tuple(name, fc.constantFrom(': ', ':', ':\t', ':  '), value, fc.constantFrom('', ' '))
  .map((parts) => `${parts.join('')}\r\n`);
const heads = fc.oneof(
  { weight: 3, arbitrary: fc.array(usualLine, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(usualLine, oddLine), { maxLength: 12 }) },
);

const mounts = mountsOf(
  { path: '/tool', target: 'http://localhost:3000' },
  { path: '/kept', target: 'http://localhost:3000', prefix: 'keep' },
  { path: '/', target: 'http://localhost:3000' },
);
const origin = { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 } as const;

test('lines that are passed on as they are, and fields taken apart, become the same', () => {
  let short = 0;
  let shared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(200, 201, 204, 302, 304, 404, 500),
      heads,
      fc.constantFrom(...mounts),
      fc.boolean(),
      (status, lines, mount, chunked) => {
        const head = readAnswerHead(`HTTP/1.1 ${status} OK\r\n${lines.join('')}`);
        fc.pre(head !== null);
        if (head.special !== null && head.special.length > 0) short++;
        const context = {
          mount,
          origin,
          host: 'tools.example',
          publicTarget: `${mount.base}/page`,
          upstreamTarget: '/page',
        };
        const text = fieldText(framedFields(inboundFields(head.raw, context, []), status, chunked));
        expect(inboundLines(head, context, chunked)).toBe(text);
        expect([text, null]).toContain(head.passed);
        if (head.passed !== null && head.passed !== head.lines) shared++;
      },
    ),
    { numRuns: 5_000 },
  );
  // Enough of them by the short way, with something on it to do.
  expect(short).toBeGreaterThan(500);
  expect(shared).toBeGreaterThan(100);
});
