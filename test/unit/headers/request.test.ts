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

function out(
  raw: string[],
  mount: Partial<RawMount> = {},
  facts: Partial<RequestFacts> = {},
  trusted = false,
): [string, string][] {
  const view = readForwarded(raw, 'tools.example', peer, () => trusted);
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
  expect(named(fields, 'x-forwarded-host')).toEqual(['localhost:3000']);
  expect(named(fields, 'x-forwarded-port')).toEqual(['3000']);
  expect(named(fields, 'x-forwarded-proto')).toEqual(['https']);
  expect(named(fields, 'forwarded')).toEqual(['for=203.0.113.9;host="localhost:3000";proto=https']);
  expect(named(out(['Origin', 'https://elsewhere.example'], { host: 'target' }), 'origin')).toEqual([
    'https://elsewhere.example',
  ]);
  expect(named(out(['Origin', 'https://tools.example']), 'origin')).toEqual(['https://tools.example']);
});

test.each([
  // As the browser writes it, at the address that the gateway knows.
  ['Origin', 'HTTPS://Tools.Example', 'http://localhost:3000'],
  ['Origin', 'https://tools.example:443', 'http://localhost:3000'],
  ['Referer', 'https://tools.example/kpow/x?y#z', 'http://localhost:3000/kpow/x?y#z'],
  ['Referer', 'https://tools.example', 'http://localhost:3000'],
  ['Origin', 'null', 'null'],
  ['Origin', 'https://tools.example.evil.example', 'https://tools.example.evil.example'],
  ['Origin', 'https://tools.example@evil.example', 'https://tools.example@evil.example'],
  ['Referer', 'https://elsewhere.example/?https://tools.example/', 'https://elsewhere.example/?https://tools.example/'],
  ['Referer', '/kpow/x', '/kpow/x'],
])('host: target, %s: %s goes out as %s', (name, value, told) => {
  expect(named(out([name, value], { host: 'target' }), name.toLowerCase())).toEqual([told]);
  expect(named(out([name, value]), name.toLowerCase())).toEqual([value]);
});

test('host: target agrees with the page’s Origin where a proxy does TLS of which nobody told the gateway', () => {
  const raw = ['Origin', 'https://tools.example'];
  const plain = { ...peer, secure: false };
  const view = readForwarded(raw, 'tools.example', plain, () => false);
  expect(named(out(raw, { host: 'target' }, { view: view!, peer: plain }), 'origin')).toEqual([
    'http://localhost:3000',
  ]);
});

test('host: target, at a usual port: host, port and scheme are one origin', () => {
  const fields = out([], { host: 'target', target: 'http://grafana.internal' });
  expect(named(fields, 'x-forwarded-host')).toEqual(['grafana.internal']);
  expect(named(fields, 'x-forwarded-port')).toEqual(['443']);
});

describe('fields that say who a person is', () => {
  const names = [
    'Remote-User',
    'X-Remote-User',
    'X-Remote-Group',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-Forwarded-Groups',
    'X-Forwarded-Preferred-Username',
    'X-Forwarded-Access-Token',
    'X-Auth-Request-User',
    'X-Auth-Request-Access-Token',
    'X-WEBAUTH-USER',
    'X-WEBAUTH-GROUPS',
    'X-Authenticated-Userid',
    'X-Authentik-Username',
    'X-Pomerium-Jwt-Assertion',
    'Tailscale-User-Login',
    'Cf-Access-Jwt-Assertion',
    'Cf-Access-Authenticated-User-Email',
    'X-Amzn-Oidc-Data',
    'X-Goog-Authenticated-User-Email',
    'X-Goog-Iap-Jwt-Assertion',
    'X-MS-CLIENT-PRINCIPAL',
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'Remote-Groups',
    'X-ProxiedEntitiesChain',
  ];
  const spellings = (name: string) => [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replace('-', '_'),
    name.replace(/-(?!.*-)/, '_'),
  ];
  const trusting = { trustedIdentity: true };

  test.each(names)(
    '%s passes from nobody, unless the configuration says that the proxy has authenticated them',
    (name) => {
      const raw = spellings(name).flatMap((spelling) => [spelling, 'evil']);
      expect(JSON.stringify(out(raw))).not.toContain('evil');
      expect(JSON.stringify(out(raw, trusting))).not.toContain('evil');
      expect(JSON.stringify(out(raw, {}, {}, true))).not.toContain('evil');
      for (const spelling of spellings(name)) expect(requestFieldEnds(spelling)).toBe(true);
      expect(named(out([name, 'alice'], trusting, {}, true), name.toLowerCase())).toEqual(['alice']);
    },
  );

  test.each(names)('of %s the nearest line passes, as the proxy spells it', (name) => {
    const others = spellings(name).filter((spelling) => spelling.includes('_'));
    const raw = [name, 'evil', ...others.flatMap((spelling) => [spelling, 'evil']), name.toLowerCase(), 'alice'];
    const passed = out([...raw, ...others.flatMap((spelling) => [spelling, 'evil'])], trusting, {}, true);
    expect(passed.filter(([, value]) => value === 'evil' || value === 'alice')).toEqual([
      [name.toLowerCase(), 'alice'],
    ]);
  });

  test.each(['OIDC_CLAIM_sub', 'MELLON_NAME_ID', 'SM_USER'])('%s, which is written with _, passes as such', (name) => {
    const dashed = name.replaceAll('_', '-');
    expect(JSON.stringify(out([name, 'evil', dashed, 'evil'], trusting))).not.toContain('evil');
    expect(named(out([dashed, 'evil', name, 'alice'], trusting, {}, true), name.toLowerCase())).toEqual(['alice']);
  });

  test.each([
    'X-Forwarded-Server',
    'X-Real-IP',
    'X-SSL-Client-DN',
    'X-SSL-Client-Verify',
    'Client-Cert',
    'X-Original-URL',
  ])('%s says something else, and a proxy’s word for a person does not let it pass', (name) => {
    expect(JSON.stringify(out([name, 'evil'], trusting, {}, true))).not.toContain('evil');
  });

  test('what Connection names ends here, from a trusted proxy too', () => {
    const raw = ['Connection', 'Remote-User', 'Remote-User', 'alice'];
    expect(named(out(raw, trusting, {}, true), 'remote-user')).toEqual([]);
  });
});

test('X-Forwarded-Prefix is sent when stripping, unless the mount has it off', () => {
  expect(named(out([]), 'x-forwarded-prefix')).toEqual(['/kpow']);
  expect(named(out([], { forwardedPrefix: false }), 'x-forwarded-prefix')).toEqual([]);
  expect(named(out([], { prefix: 'keep' }), 'x-forwarded-prefix')).toEqual([]);
  expect(named(out([], { path: '/' }), 'x-forwarded-prefix')).toEqual([]);
  expect(named(out(['X-Forwarded-Prefix', '/evil']), 'x-forwarded-prefix')).toEqual(['/kpow']);
});

test.each<[Partial<RawMount>, string[]]>([
  [{}, ['/tools/kpow']],
  [{ path: '/' }, ['/tools']],
  [{ prefix: 'keep' }, ['/tools']],
  [{ prefix: 'keep', path: '/' }, ['/tools']],
  // Its pages are rewritten for the whole of it, so it is to know nothing of that.
  [{ prefix: 'adopt' }, []],
  [{ forwardedPrefix: false }, []],
])('a mount %j behind a proxy that took /tools off is told %j', (mount, prefixes) => {
  expect(named(out(['X-Forwarded-Prefix', '/tools/'], mount, {}, true), 'x-forwarded-prefix')).toEqual(prefixes);
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

/* A tool that sees one could send people to a target of its choice, and a client's other spelling is nobody's cookie. */
test.each([
  ['a=b; kpow_gateway_target=x; c=d', 'a=b; c=d'],
  ['kpow_gateway_target=x; a=b', 'a=b'],
  ['a=b;  KPOW_gateway_at_1 = 1', 'a=b'],
  ['=kpow_gateway_x=1; a=b', 'a=b'],
  ['__Host-kpow_gateway_x=1;a=b', 'a=b'],
  ['kpow_gateway_target', undefined],
  ['a=kpow_gateway_x; my_kpow_gateway_x=1', 'a=kpow_gateway_x; my_kpow_gateway_x=1'],
])('of Cookie: %s the tool gets %s', (said, told) => {
  expect(named(out(['Cookie', said]), 'cookie')[0]).toBe(told);
});

test('Destination and the tags of If name the tool as it is asked', () => {
  const fields = out([
    'Destination',
    'https://tools.example/kpow/x',
    'if',
    '<https://tools.example/kpow/y> (<urn:uuid:1>)',
    'If-Match',
    '</kpow/z>',
  ]);
  expect(named(fields, 'destination')).toEqual(['http://tools.example/x']);
  expect(named(fields, 'if')).toEqual(['<http://tools.example/y> (<urn:uuid:1>)']);
  expect(named(fields, 'if-match')).toEqual(['</kpow/z>']);
});
