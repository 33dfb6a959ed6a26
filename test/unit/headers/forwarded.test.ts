import { forwardedFields, parseAuthority, readForwarded, tellsOfTheClient } from '../../../src/headers/forwarded';
import { compileTrust, normaliseAddress } from '../../../src/headers/trust';

const nobody = compileTrust([]);
const trust = compileTrust(['10.0.0.0/8', 'loopback']);
const stranger = { address: '203.0.113.9', secure: true, certificate: null };
const proxy = { address: '10.0.0.1', secure: false, certificate: null };

function fieldsOf(view: NonNullable<ReturnType<typeof readForwarded>>, peer = stranger, prefix = '/kpow') {
  const list = forwardedFields(view, peer, prefix);
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]]] : [])));
}

describe('a peer that is not a trusted proxy', () => {
  const lies = [
    ['X-Forwarded-For', '1.1.1.1'],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Port', '1'],
    ['Forwarded', 'for=1.1.1.1;host=evil.example;proto=http'],
  ].flat();

  test.each([nobody, trust])('is not heard', (trusts) => {
    const view = readForwarded(lies, 'tools.example:8443', stranger, trusts);
    expect(view && fieldsOf(view)).toEqual({
      'X-Real-IP': '203.0.113.9',
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'tools.example:8443',
      'X-Forwarded-Port': '8443',
      'X-Forwarded-Prefix': '/kpow',
      Forwarded: 'for=203.0.113.9;host="tools.example:8443";proto=https',
    });
  });

  test('the port is that of Host, or the scheme’s', () => {
    expect(readForwarded([], 'x', stranger, nobody)?.origin).toEqual({
      proto: 'https',
      authority: 'x',
      hostname: 'x',
      port: 443,
    });
    expect(readForwarded([], 'x', { ...stranger, secure: false }, nobody)?.origin.port).toBe(80);
    expect(readForwarded([], '[::1]:99', stranger, nobody)?.origin).toEqual({
      proto: 'https',
      authority: '[::1]:99',
      hostname: '[::1]',
      port: 99,
    });
  });
});

describe('a trusted proxy', () => {
  const read = (raw: string[], host = 'inner:8080') => readForwarded(raw, host, proxy, trust);

  test('is appended to, and heard of scheme, host and port', () => {
    const view = read([
      'X-Forwarded-For',
      '203.0.113.9, 10.0.0.7',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'tools.example',
    ]);
    expect(view && fieldsOf(view, proxy)).toMatchObject({
      'X-Real-IP': '203.0.113.9',
      'X-Forwarded-For': '203.0.113.9, 10.0.0.7, 10.0.0.1',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'tools.example',
      'X-Forwarded-Port': '443',
      Forwarded: 'for=10.0.0.1;host=tools.example;proto=https',
    });
  });

  test.each<[string[], string]>([
    [['X-Forwarded-Proto', 'https'], 'https://inner:8080'],
    [['X-Forwarded-Proto', 'HTTPS, http'], 'https://inner:8080'],
    [['X-Forwarded-Proto', 'wss'], 'https://inner:8080'],
    [['X-Forwarded-Proto', 'gopher'], 'http://inner:8080'],
    [['X-Forwarded-Host', 'a.example:444', 'X-Forwarded-Proto', 'https'], 'https://a.example:444'],
    [
      ['X-Forwarded-Host', 'a.example', 'X-Forwarded-Port', '444', 'X-Forwarded-Proto', 'https'],
      'https://a.example:444',
    ],
    [['X-Forwarded-Host', 'a.example', 'X-Forwarded-Port', '443', 'X-Forwarded-Proto', 'https'], 'https://a.example'],
    [['X-Forwarded-Host', 'a.example', 'X-Forwarded-Port', '99999'], 'http://a.example'],
    [['X-Forwarded-Host', 'a.example/evil'], 'http://inner:8080'],
    [['X-Forwarded-Host', 'user@a.example'], 'http://inner:8080'],
    [['Forwarded', 'for=1.2.3.4;host="a.example:444";proto=https'], 'https://a.example:444'],
    [['Forwarded', 'For="[2001:db8::1]"; Proto=https; Host=a.example, for=10.0.0.7'], 'https://a.example'],
    [['Forwarded', 'nonsense'], 'http://inner:8080'],
  ])('%j means %s', (raw, origin) => {
    const view = read(raw);
    expect(`${view?.origin.proto ?? ''}://${view?.origin.authority ?? ''}`).toBe(origin);
  });

  test.each<[string, string]>([
    ['203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['10.0.0.8, 10.0.0.7', '10.0.0.8'],
    ['203.0.113.9:1234, 10.0.0.7:5', '203.0.113.9'],
    ['[2001:db8::1]:1234', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['unknown, 10.0.0.7', 'unknown'],
  ])('of the chain %s, the client is %s', (chain, client) => {
    expect(read(['X-Forwarded-For', chain])?.address).toBe(client);
  });

  test('several lines of X-Forwarded-For are one list', () => {
    expect(read(['X-Forwarded-For', '1.1.1.1', 'x-forwarded-for', '2.2.2.2'])?.forwardedFor).toBe('1.1.1.1, 2.2.2.2');
  });

  test('clients are read from Forwarded where there is no X-Forwarded-For', () => {
    const view = read(['Forwarded', 'for=6.6.6.6, for="[2001:db8::7]:1234";proto=https;host=h, for=10.0.0.7']);
    expect(view).toMatchObject({ address: '2001:db8::7', forwardedFor: '6.6.6.6, [2001:db8::7]:1234, 10.0.0.7' });
  });

  test('Forwarded is appended to', () => {
    const view = read(['Forwarded', 'for=1.2.3.4']);
    expect(view && fieldsOf(view, proxy).Forwarded).toBe('for=1.2.3.4, for=10.0.0.1;host="inner:8080";proto=http');
  });
});

test.each(['', 'a b', 'a/b', 'user@a', 'a:x', 'a:99999', '[::1', '::1', 'a\r\nb', '"a"', 'a?b'])(
  '%j is no authority',
  (text) => {
    expect(parseAuthority(text)).toBeNull();
    expect(readForwarded([], text, stranger, nobody)).toBeNull();
  },
);

test('an IPv6 peer is quoted in Forwarded, and bare in X-Forwarded-For', () => {
  const peer = { address: '2001:db8::1', secure: true, certificate: null };
  const view = readForwarded([], 'x', peer, nobody);
  expect(view && fieldsOf(view, peer, '')).toMatchObject({
    Forwarded: 'for="[2001:db8::1]";host=x;proto=https',
    'X-Forwarded-For': '2001:db8::1',
  });
  expect(view && fieldsOf(view, peer, '')).not.toHaveProperty('X-Forwarded-Prefix');
});

test.each([
  'x-forwarded-for',
  'x-forwarded-anything',
  'x_forwarded_for',
  'x-forwarded_host',
  'forwarded',
  'x-real-ip',
  'x_real_ip',
  'x-proxied-https',
  'x-forwarded-server',
  'x-original-url',
  'x-request-id',
])('a client’s %s ends here', (name) => expect(tellsOfTheClient(name)).toBe(true));

test.each(['accept', 'x-custom', 'authorization', 'cookie', 'x-requested-with', 'x_custom'])('%s passes', (name) => {
  expect(tellsOfTheClient(name)).toBe(false);
});

describe('trust', () => {
  test.each<[string[], string, boolean]>([
    [['loopback'], '127.0.0.1', true],
    [['loopback'], '::1', true],
    [['loopback'], '::ffff:127.0.0.1', true],
    [['loopback'], '128.0.0.1', false],
    [['linklocal'], 'fe80::1', true],
    [['linklocal'], '169.254.1.1', true],
    [['uniquelocal'], '192.168.1.1', true],
    [['uniquelocal'], '172.32.0.1', false],
    [['uniquelocal'], 'fd00::1', true],
    [['203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], '203.0.113.8', false],
    [['2001:db8::/32'], '2001:db8::5', true],
    [['2001:db8::/32'], '203.0.113.9', false],
    [['0.0.0.0/0'], '::1', false],
    [['loopback'], 'nonsense', false],
    [['loopback'], '', false],
    [[], '127.0.0.1', false],
  ])('%j trusts %s: %s', (proxies, address, trusted) => {
    expect(compileTrust(proxies)(address)).toBe(trusted);
  });

  test.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['', ''],
  ])('%s is written %s', (address, written) => expect(normaliseAddress(address)).toBe(written));
});
