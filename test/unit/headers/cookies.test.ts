import { fixCookie } from '../../../src/headers/cookies';
import type { PublicOrigin } from '../../../src/headers/forwarded';
import type { RawMount } from '../../support/gateway';
import { mountOf } from '../../support/mounts';

const at = (hostname: string): PublicOrigin => ({ proto: 'https', authority: hostname, hostname, port: 443 });

const fix = (value: string, mount: Partial<RawMount> = {}, hostname = 'tools.example', host = hostname) =>
  fixCookie(value, { mount: mountOf(mount), origin: at(hostname), host });

test.each([
  ['JSESSIONID=a; Path=/', 'JSESSIONID=a; Path=/kpow'],
  ['JSESSIONID=a;Path=/;HttpOnly', 'JSESSIONID=a;Path=/kpow;HttpOnly'],
  ['a=b; path = /x/y ; Secure', 'a=b; path = /kpow/x/y ; Secure'],
  ['a=b; PATH=/x/', 'a=b; PATH=/kpow/x/'],
  ['a=b; Path=/kpow', 'a=b; Path=/kpow'],
  ['a=b; Path=/kpow/', 'a=b; Path=/kpow/'],
  ['a=b; Path=/kpow/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/kpow2', 'a=b; Path=/kpow/kpow2'],
  ['a=b', 'a=b'],
  ['a=b; HttpOnly; SameSite=Strict', 'a=b; HttpOnly; SameSite=Strict'],
  ['a=b; Path=', 'a=b; Path='],
  ['a=b; Path', 'a=b; Path'],
  ['a=b; Path=relative', 'a=b; Path=relative'],
  ['a="x; Path=/y"', 'a="x; Path=/kpow/y"'],
  [
    'a=Path=/; Domain=x.example; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/',
    'a=Path=/; Domain=x.example; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/kpow',
  ],
  ['path=/secret; Path=/', 'path=/secret; Path=/kpow'],
  ['__Host-id=a; Secure; Path=/', '__Host-id=a; Secure; Path=/'],
  ['__Secure-id=a; Secure; Path=/', '__Secure-id=a; Secure; Path=/kpow'],
  ['', ''],
])('stripping: %s becomes %s', (value, fixed) => {
  expect(fix(value)).toBe(fixed);
});

test.each([
  ['a=b; Path=/', 'a=b; Path=/kpow'],
  ['a=b; Path=/kpow/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/other', 'a=b; Path=/kpow/other'],
])('keeping: %s becomes %s, so that two tools do not share a cookie at /', (value, fixed) => {
  expect(fix(value, { prefix: 'keep' })).toBe(fixed);
});

test.each([
  ['a=b; Path=/base', 'a=b; Path=/kpow'],
  ['a=b; Path=/base/x', 'a=b; Path=/kpow/x'],
  ['a=b; Path=/', 'a=b; Path=/kpow'],
])('a tool at a base path: %s becomes %s', (value, fixed) => {
  expect(fix(value, { target: 'http://localhost:3000/base' })).toBe(fixed);
});

test('at the root mount nothing changes', () => {
  expect(fix('a=b; Path=/', { path: '/' })).toBe('a=b; Path=/');
  expect(fix('a=b; Path=/x', { path: '/' })).toBe('a=b; Path=/x');
});

/*
 * A browser refuses a cookie whose Domain is not its host or above it (RFC 6265 §5.3, step 6), and the login goes round in
 * a circle. nginx and Caddy pass such a Domain unless told (`proxy_cookie_domain localhost example.org`), in any case and
 * with or without a dot before it; here the tool's names are known.
 */
describe('a Domain that names the tool is left out', () => {
  test.each([
    ['localhost', {}],
    ['.localhost', {}],
    ['LocalHost', {}],
    ['localhost.', {}],
    ['localhost:3000', {}],
    ['"localhost"', {}],
    ['127.0.0.1', {}],
    ['[::1]', {}],
    ['10.1.2.3', { target: 'http://10.1.2.3:3000' }],
    ['.10.1.2.3', { target: 'http://10.1.2.3:3000' }],
    ['[2001:db8::1]', { target: 'http://[2001:DB8:0::1]:3000' }],
    ['2001:db8:0:0::1', { target: 'http://[2001:db8::1]:3000' }],
    ['[2001:db8::1]:3000', { target: 'http://[2001:db8::1]:3000' }],
    ['kpow.internal', { target: 'http://kpow.internal:3000' }],
    ['internal', { target: 'http://kpow.internal:3000' }],
    ['team.internal', { target: 'http://kpow.team.internal.:3000' }],
    ['xn--bcher-kva.internal', { target: 'http://bücher.internal:3000' }],
    [Buffer.from('bücher.internal').toString('latin1'), { target: 'http://bücher.internal:3000' }],
    ['kpow-b', { target: ['http://kpow-a:3000', 'http://kpow-b:3000'] }],
    ['a1b2c3d4', { names: 'a1b2c3d4:20116' }],
    ['grafana.corp.example', { names: ['a1b2c3d4:20116', 'grafana.corp.example'] }],
    ['corp.example', { names: ['Grafana.Corp.Example:1'] }],
    ['[::7]', { names: ['[0:0::7]:20116'] }],
  ])('%s %j', (domain, mount) => {
    expect(fix(`a=b; Domain=${domain}; HttpOnly`, mount)).toBe('a=b; HttpOnly');
    expect(fix(`a=b;DOMAIN = ${domain} ;Path=/`, mount)).toBe('a=b;Path=/kpow');
    expect(fix(`__Host-a=b; Path=/; Secure; domain=${domain}`, mount)).toBe('__Host-a=b; Path=/; Secure');
  });

  test('the Host that it was asked by counts, where a trusted proxy in front has another name', () => {
    expect(fix('a=b; Domain=inner.example', {}, 'tools.example', 'inner.example:8080')).toBe('a=b');
    expect(fix('a=b; Domain=tools.example.', {}, 'tools.example')).toBe('a=b');
    expect(fix('a=b; Domain=tools.example:8443', {}, 'tools.example')).toBe('a=b');
  });

  test('the last of several counts, and none of the others is put in force by it', () => {
    expect(fix('a=b; Domain=tools.example; Domain=localhost')).toBe('a=b');
    expect(fix('a=b; Domain=localhost; Domain=')).toBe('a=b');
    expect(fix('a=b; Domain=localhost; Domain=tools.example')).toBe('a=b; Domain=localhost; Domain=tools.example');
  });
});

describe('another Domain stays', () => {
  test.each([
    // One that covers the public host: the tool is told its address and shares a session with its siblings.
    ['tools.example', 'tools.example'],
    ['.tools.example', 'tools.example'],
    ['Tools.Example', 'tools.example'],
    ['example', 'tools.example'],
    ['example.com', 'a.b.example.com'],
    ['localhost', 'localhost'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
    // One of another site, and what is none.
    ['idp.example', 'tools.example'],
    ['ools.example', 'tools.example'],
    ['a.tools.example', 'tools.example'],
    ['0.0.1', 'tools.example'],
    ['localhosts', 'tools.example'],
    ['notlocalhost', 'tools.example'],
    ['', 'tools.example'],
    ['.', 'tools.example'],
    ['[', 'tools.example'],
    [':::', 'tools.example'],
    ['a b', 'tools.example'],
    ['%zz', 'tools.example'],
    ['localhost:99999999', 'tools.example'],
    ['\xff\xfe', 'tools.example'],
  ])('Domain=%s at %s', (domain, hostname) => {
    expect(fix(`a=b; Domain=${domain}; Secure`, {}, hostname)).toBe(`a=b; Domain=${domain}; Secure`);
  });

  test('the value of a cookie is no attribute', () => {
    expect(fix('domain=localhost')).toBe('domain=localhost');
    expect(fix('a=Domain=localhost')).toBe('a=Domain=localhost');
    expect(fix('a=b; Domains=localhost')).toBe('a=b; Domains=localhost');
  });
});

/*
 * The gateway reads these names back: a tool that sets one sends browsers to a target of its choice, or has requests of no
 * mount sent to it. As browsers read a cookie (RFC 6265bis §5.6): blanks around the name go; without a name it comes back
 * as its value alone (§5.8.3), which then looks like a name.
 */
describe('a tool sets no cookie of the gateway’s', () => {
  test.each([
    'kpow_gateway_target=x; Path=/',
    'kpow_gateway_at_0123456789ab=1; Path=/',
    'kpow_gateway_target',
    'kpow_gateway_=',
    ' kpow_gateway_target=x',
    '\tkpow_gateway_target \t= x',
    'KPOW_Gateway_Target=x',
    '=kpow_gateway_target=x',
    ' = kpow_gateway_target=x; Path=/',
    '==kpow_gateway_target=x',
    '__Host-kpow_gateway_session=x; Path=/; Secure',
    '__secure-KPOW_gateway_x=1; Secure',
    '__Host-Http-kpow_gateway_x=1; Secure',
    '=__Host-kpow_gateway_x=1; Secure',
  ])('%s', (value) => {
    expect(fix(value)).toBeNull();
    expect(fix(value, { path: '/' })).toBeNull();
    expect(fix(value, { prefix: 'keep' })).toBeNull();
  });

  test.each(['kpow_gateway=1', 'my_kpow_gateway_x=1', 'a=kpow_gateway_x', 'a=; kpow_gateway_x=1'])(
    '%s is the tool’s own',
    (value) => expect(fix(value)).toBe(value),
  );
});
