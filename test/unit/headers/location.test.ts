import { fixLocation, fixRefresh, type AnswerContext } from '../../../src/headers/location';
import type { PublicOrigin } from '../../../src/headers/forwarded';
import { mountOf } from '../../support/mounts';
import type { RawMount } from '../../support/gateway';

const https = (authority: string): PublicOrigin => {
  const [hostname = '', port = '443'] = authority.split(':');
  return { proto: 'https', authority, hostname, port: Number(port) };
};

function context(mount: Partial<RawMount> = {}, more: Partial<AnswerContext> = {}): AnswerContext {
  const origin = more.origin ?? https('tools.example');
  return {
    mount: mountOf(mount),
    origin,
    host: origin.authority,
    publicTarget: '/kpow/a/b?c',
    upstreamTarget: '/a/b?c',
    ...more,
  };
}

describe('stripping /kpow from a tool at http://localhost:3000, seen at https://tools.example', () => {
  test.each([
    // Relative references are right under any prefix ...
    ['x', 'x'],
    ['./x', './x'],
    ['../x', '../x'],
    ['?q=1', '?q=1'],
    ['#top', '#top'],
    ['', ''],
    // ... unless they climb above the tool's root.
    ['../../x', '/kpow/x'],
    ['../../../x?y#z', '/kpow/x?y#z'],
    // Path-absolute.
    ['/x', '/kpow/x'],
    ['/x?next=/y#z', '/kpow/x?next=/y#z'],
    ['/', '/kpow/'],
    ['/?q', '/kpow/?q'],
    ['/a%2Fb;c=d//e', '/kpow/a%2Fb;c=d//e'],
    ['/kpow2/x', '/kpow/kpow2/x'],
    ['/../x?y', '/kpow/x?y'],
    ['/a/../../x', '/kpow/x'],
    ['http://localhost:3000/%2e%2e/x', '/kpow/x'],
    ['/a/../x', '/kpow/a/../x'],
    // The tool's own origin: with its port, without one, with a default one.
    ['http://localhost/x', '/kpow/x'],
    ['http://localhost:3000/x', '/kpow/x'],
    ['http://localhost:80/x', '/kpow/x'],
    ['https://localhost:443/x', '/kpow/x'],
    ['HTTP://LocalHost:3000/X', '/kpow/X'],
    ['http://127.0.0.1:3000/x', '/kpow/x'],
    ['http://[::1]:3000/x', '/kpow/x'],
    ['//localhost:3000/x', '/kpow/x'],
    // Exactly the root, in all its forms.
    ['http://localhost:3000', '/kpow/'],
    ['http://localhost:3000/', '/kpow/'],
    ['http://localhost:3000?q', '/kpow/?q'],
    ['http://localhost:3000#f', '/kpow/#f'],
    ['https://tools.example', '/kpow/'],
    // The public origin, http or https, with and without the default port.
    ['https://tools.example/x', '/kpow/x'],
    ['https://tools.example:443/x', '/kpow/x'],
    ['http://tools.example/x', '/kpow/x'],
    ['http://tools.example:80/x', '/kpow/x'],
    ['//tools.example/x', '/kpow/x'],
    // Already prefixed: not doubled, and left alone where nothing is wrong with it.
    ['/kpow/x', '/kpow/x'],
    ['/kpow', '/kpow'],
    ['/kpow?q', '/kpow?q'],
    ['https://tools.example/kpow/x', 'https://tools.example/kpow/x'],
    ['https://tools.example/kpow', 'https://tools.example/kpow'],
    ['http://tools.example/kpow/x', '/kpow/x'],
    ['http://tools.example:80/kpow/x', '/kpow/x'],
    ['http://localhost:3000/kpow/x', '/kpow/x'],
    // Another site.
    ['https://idp.example/login', 'https://idp.example/login'],
    ['https://idp.example/kpow/', 'https://idp.example/kpow/'],
    ['//idp.example/x', '//idp.example/x'],
    ['https://tools.example.evil/x', 'https://tools.example.evil/x'],
    ['https://tools.example:9443/x', 'https://tools.example:9443/x'],
    ['http://localhost:3001/x', 'http://localhost:3001/x'],
    ['http://user@localhost:3000/x', 'http://user@localhost:3000/x'],
    ['http://localhost:99999/x', 'http://localhost:99999/x'],
    ['mailto:someone@localhost', 'mailto:someone@localhost'],
    ['ftp://localhost/x', 'ftp://localhost/x'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context())).toBe(fixed);
  });

  test('a reference that climbs from a shallow page is fixed as well', () => {
    const at = { publicTarget: '/kpow/login', upstreamTarget: '/login' };
    expect(fixLocation('../x', context({}, at))).toBe('/kpow/x');
    expect(fixLocation('x/../y', context({}, at))).toBe('x/../y');
  });
});

describe('other public addresses', () => {
  test.each([
    ['https://tools.example:8443/x', '/kpow/x'],
    ['http://tools.example:8443/x', '/kpow/x'],
    ['https://tools.example/x', '/kpow/x'],
    ['http://tools.example/x', '/kpow/x'],
    ['https://tools.example:8443/kpow/x', 'https://tools.example:8443/kpow/x'],
    ['https://tools.example/kpow/x', '/kpow/x'],
    ['https://tools.example:9443/x', 'https://tools.example:9443/x'],
  ])('behind port 8443, %s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context({}, { origin: https('tools.example:8443') }))).toBe(fixed);
  });

  test('the tool’s own name with a default port spelled out, as kPow on Kubernetes writes it', () => {
    const named = { target: 'http://kpow.info:3000' };
    expect(fixLocation('http://kpow.info:80/x', context(named))).toBe('/kpow/x');
    expect(fixLocation('http://kpow.info:80/x', context({}, { host: 'kpow.info', origin: https('kpow.info') }))).toBe(
      '/kpow/x',
    );
  });

  test('the Host that was sent counts as the tool’s own name, also when a trusted proxy names another origin', () => {
    const behind = context({}, { host: 'inner.example:8080', origin: https('tools.example') });
    expect(fixLocation('http://inner.example:8080/x', behind)).toBe('/kpow/x');
    expect(fixLocation('https://tools.example/x', behind)).toBe('/kpow/x');
  });

  test('an IPv6 target and an IPv6 public address', () => {
    const at = context(
      { target: 'http://[2001:db8::1]:3000' },
      { origin: { proto: 'https', authority: '[2001:db8::2]', hostname: '[2001:db8::2]', port: 443 } },
    );
    expect(fixLocation('http://[2001:db8::1]:3000/x', at)).toBe('/kpow/x');
    expect(fixLocation('http://[2001:DB8::2]/x', at)).toBe('/kpow/x');
  });
});

describe('keeping the prefix', () => {
  test.each([
    ['/kpow/x', '/kpow/x'],
    ['/elsewhere', '/elsewhere'],
    ['x', 'x'],
    ['http://localhost:3000/kpow/x', '/kpow/x'],
    ['http://tools.example/kpow/x', '/kpow/x'],
    ['https://tools.example/sso', 'https://tools.example/sso'],
    ['https://idp.example/', 'https://idp.example/'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context({ prefix: 'keep' }))).toBe(fixed);
  });
});

describe('a tool at a base path', () => {
  test.each([
    ['/base/x', '/kpow/x'],
    ['/base', '/kpow/'],
    ['http://localhost:3000/base/x?y', '/kpow/x?y'],
    ['/kpow/x', '/kpow/x'],
    ['/other/x', '/other/x'],
    ['/basement', '/basement'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context({ target: 'http://localhost:3000/base' }))).toBe(fixed);
  });
});

describe('a tool at the root', () => {
  test.each([
    ['/x', '/x'],
    ['http://localhost:3000/x', '/x'],
    ['http://localhost:3000', '/'],
    ['http://tools.example/x', '/x'],
    // A path of two slashes alone would be read as another host.
    ['http://localhost:3000//evil.example/x', 'https://tools.example//evil.example/x'],
    ['//evil.example/x', '//evil.example/x'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context({ path: '/' }))).toBe(fixed);
  });
});

describe('Refresh', () => {
  test.each([
    ['5; url=/x', '5; url=/kpow/x'],
    ['0;URL=http://localhost:3000/x', '0;URL=/kpow/x'],
    ['0; url="/x"', '0; url="/kpow/x"'],
    ["0; url='/x' ", "0; url='/kpow/x' "],
    ['3, /x', '3, /kpow/x'],
    ['5', '5'],
    ['5;', '5;'],
    ['5; url=https://idp.example/', '5; url=https://idp.example/'],
    ['nonsense', 'nonsense'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixRefresh(value, context())).toBe(fixed);
  });
});
