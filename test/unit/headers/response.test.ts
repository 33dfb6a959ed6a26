import { inboundFields } from '../../../src/headers/response';
import { mountOf } from '../../support/mounts';

const context = {
  mount: mountOf(),
  origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 } as const,
  host: 'tools.example',
  publicTarget: '/kpow/',
  upstreamTarget: '/',
};
const inbound = (raw: string[], own: string[] = []) => inboundFields(raw, context, own);

test('fields keep their case, order and duplicates; cookies stay lines of their own', () => {
  const raw = ['X-B', '1', 'x-a', '2', 'X-B', '3', 'Set-Cookie', 'a=1; Path=/', 'SET-COOKIE', 'b=2', 'ETag', '"x"'];
  expect(inbound(raw)).toEqual([
    'X-B',
    '1',
    'x-a',
    '2',
    'X-B',
    '3',
    'Set-Cookie',
    'a=1; Path=/kpow',
    'SET-COOKIE',
    'b=2',
    'ETag',
    '"x"',
  ]);
});

test('hop-by-hop fields, and what Connection names, end here', () => {
  expect(
    inbound([
      'Connection',
      'close, X-Hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Transfer-Encoding',
      'chunked',
      'Upgrade',
      'h2c',
      'Proxy-Authenticate',
      'Basic',
      'X-End',
      '2',
    ]),
  ).toEqual(['X-End', '2']);
});

test('Location, Content-Location and Refresh point under the prefix', () => {
  expect(inbound(['location', '/x', 'Content-Location', 'http://localhost:3000/y', 'Refresh', '1; url=/z'])).toEqual([
    'location',
    '/kpow/x',
    'Content-Location',
    '/kpow/y',
    'Refresh',
    '1; url=/kpow/z',
  ]);
});

test('the gateway’s own fields replace the tool’s, and HSTS is never the tool’s', () => {
  const raw = ['X-Request-Id', 'tool', 'Strict-Transport-Security', 'max-age=0'];
  expect(inbound(raw, ['X-Request-Id', 'ours'])).toEqual(['X-Request-Id', 'ours']);
});

test('a tool’s security fields stay its own', () => {
  const raw = ['Content-Security-Policy', "default-src 'self'", 'X-Frame-Options', 'SAMEORIGIN'];
  expect(inbound(raw)).toEqual(raw);
});
