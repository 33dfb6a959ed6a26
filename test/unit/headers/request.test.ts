import {
  framingByLength,
  outboundFields,
  requestFieldEnds,
  singleFields,
  type RequestFacts,
} from '../../../src/headers/request';
import { readForwarded } from '../../../src/headers/forwarded';
import type { RawMount } from '../../support/gateway';
import { mountOf } from '../../support/mounts';

const peer = { address: '203.0.113.9', secure: true, certificate: null };

function out(raw: string[], mount: Partial<RawMount> = {}, facts: Partial<RequestFacts> = {}): [string, string][] {
  const view = readForwarded(raw, 'tools.example', peer, () => false);
  if (!view) throw new Error('no view');
  const fields = outboundFields(raw, mountOf(mount), {
    view,
    peer,
    framing: 'none',
    websocket: false,
    expectsContinue: false,
    traced: false,
    ...facts,
  });
  return fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []));
}
const named = (fields: [string, string][], name: string) =>
  fields.filter(([it]) => it.toLowerCase() === name).map(([, value]) => value);

test('the client’s fields keep their case, order and duplicates', () => {
  const raw = ['aCCept', 'x', 'X-B', '1', 'x-a', '2', 'X-B', '3', 'Cookie', 'a=b', 'Cookie', 'c=d'];
  expect(out(raw).slice(1, 7)).toEqual([
    ['aCCept', 'x'],
    ['X-B', '1'],
    ['x-a', '2'],
    ['X-B', '3'],
    ['Cookie', 'a=b'],
    ['Cookie', 'c=d'],
  ]);
});

test.each([
  'Connection',
  'Keep-Alive',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
  'Proxy-Connection',
  'Proxy-Authorization',
  'Proxy-Anything',
  'Trailer',
  'Expect',
  'Proxy',
])('%s does not get past the gateway', (name) => {
  expect(named(out([name, 'x']), name.toLowerCase())).toEqual(name === 'Connection' ? ['keep-alive'] : []);
});

test.each(['Content_Length', 'TRANSFER_ENCODING', 'keep_alive', 'Proxy_Connection', 'Http2_Settings'])(
  '%s does not get past the gateway either, which some tools take for the same with a hyphen',
  (name) => {
    expect(named(out([name, 'x']), name.toLowerCase())).toEqual([]);
  },
);

test.each([
  ['5', '5'],
  ['0', '0'],
  ['000', '0'],
  ['010', '10'],
])('a length of %s is told as %s: with a zero before it, some read it in base eight', (said, told) => {
  expect(framingByLength('POST', said)).toEqual({ length: told });
});

test.each([
  ['Expect', true],
  ['Host', true],
  ['X_Forwarded_For', true],
  ['Transfer_Encoding', true],
  ['X-Sum', false],
])('a trailer %s ends at the gateway: %s', (name, ends) => {
  expect(requestFieldEnds(name)).toBe(ends);
});

test('what Connection names goes as well, in any case and over several lines', () => {
  const fields = out([
    'Connection',
    'close, X-Secret',
    'X-SECRET',
    '1',
    'connection',
    'x-other',
    'X-Other',
    '2',
    'X-Kept',
    '3',
  ]);
  expect(named(fields, 'x-secret')).toEqual([]);
  expect(named(fields, 'x-other')).toEqual([]);
  expect(named(fields, 'x-kept')).toEqual(['3']);
});

test('Connection cannot take out what the gateway says itself', () => {
  const fields = out(
    ['Connection', 'host, x-forwarded-for, content-length, x-real-ip'],
    {},
    { framing: { length: '5' } },
  );
  expect(named(fields, 'host')).toEqual(['tools.example']);
  expect(named(fields, 'x-forwarded-for')).toEqual(['203.0.113.9']);
  expect(named(fields, 'x-real-ip')).toEqual(['203.0.113.9']);
  expect(named(fields, 'content-length')).toEqual(['5']);
});

test('a client’s own Host, Content-Length and forwarded fields are never copied', () => {
  const fields = out(
    [
      'Host',
      'other',
      'Content-Length',
      '7',
      'X-Forwarded-For',
      '1.1.1.1',
      'X_Forwarded_For',
      '1.1.1.1',
      'X-Request-Id',
      'mine',
    ],
    {},
    { framing: 'chunked' },
  );
  expect(named(fields, 'host')).toEqual(['tools.example']);
  expect(named(fields, 'content-length')).toEqual([]);
  expect(named(fields, 'transfer-encoding')).toEqual(['chunked']);
  expect(named(fields, 'x-forwarded-for')).toEqual(['203.0.113.9']);
  expect(named(fields, 'x_forwarded_for')).toEqual([]);
  expect(named(fields, 'x-request-id')).toEqual([]);
});

test('host: target sends the tool’s own Host, and an Origin that agrees with it', () => {
  const fields = out(['Origin', 'https://tools.example'], { host: 'target' });
  expect(named(fields, 'host')).toEqual(['localhost:3000']);
  expect(named(fields, 'origin')).toEqual(['http://localhost:3000']);
  expect(named(fields, 'x-forwarded-host')).toEqual(['tools.example']);
  expect(named(out(['Origin', 'https://elsewhere.example'], { host: 'target' }), 'origin')).toEqual([
    'https://elsewhere.example',
  ]);
  expect(named(out(['Origin', 'https://tools.example']), 'origin')).toEqual(['https://tools.example']);
});

test('X-Forwarded-Prefix is sent when stripping, unless the mount has it off', () => {
  expect(named(out([]), 'x-forwarded-prefix')).toEqual(['/kpow']);
  expect(named(out([], { forwardedPrefix: false }), 'x-forwarded-prefix')).toEqual([]);
  expect(named(out([], { prefix: 'keep' }), 'x-forwarded-prefix')).toEqual([]);
  expect(named(out([], { path: '/' }), 'x-forwarded-prefix')).toEqual([]);
});

test('a websocket asks for its upgrade, and for nothing else of the kind', () => {
  const fields = out(
    [
      'Connection',
      'keep-alive, Upgrade',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Key',
      'k',
      'Sec-WebSocket-Extensions',
      'e',
      'Sec-WebSocket-Protocol',
      'p',
    ],
    {},
    { websocket: true },
  );
  expect(named(fields, 'connection')).toEqual(['Upgrade']);
  expect(named(fields, 'upgrade')).toEqual(['websocket']);
  expect(fields.filter(([name]) => name.startsWith('Sec-'))).toHaveLength(3);
});

test('a request has its own id, and the fields of the gateway’s trace where it has one', () => {
  expect(singleFields('id-1', null)).toEqual(['X-Request-Id', 'id-1']);
  expect(singleFields('id-1', ['traceparent', 'x'])).toEqual(['X-Request-Id', 'id-1', 'traceparent', 'x']);
});
