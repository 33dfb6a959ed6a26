import fc from 'fast-check';
import { BodyUrls } from '../../../src/adopt/urls';
import { fixCookie } from '../../../src/headers/cookies';
import { fixLocation, fixRefresh, type AnswerContext } from '../../../src/headers/location';
import type { PublicOrigin } from '../../../src/headers/forwarded';
import { toolDestination, toolIf } from '../../../src/headers/webdav';
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
    // Browsers take a backslash for a slash: what looks like a host with a port that does not exist is a path all the same.
    ['/\\a:99999999/../..', '/kpow/'],
    ['/\\[/../../x', '/kpow/x'],
    ['//localhost:3000/\\%zz:x/../../..?y#z', '/kpow/?y#z'],
    ['\\\\a:99999999/../..', '\\\\a:99999999/../..'],
    ['..\\..\\x', '/kpow/x'],
    ['\\login\\x?y', '/kpow/login/x?y'],
    ['\\..\\x', '/kpow/x'],
    ['\\kpow\\x', '/kpow/x'],
    ['\\/idp.example/x', '\\/idp.example/x'],
    ['\\\t\\idp.example/x', '\\\t\\idp.example/x'],
    // What `URL.canParse` takes for a URL, and `new URL` does not.
    ['\\\\a\u00c3\u0097b/../x', '\\\\a\u00c3\u0097b/../x'],
    // The tool's own origin: with its port, without one, with a default one.
    ['http://localhost/x', '/kpow/x'],
    ['http://localhost:3000/x', '/kpow/x'],
    ['http://localhost:80/x', '/kpow/x'],
    ['https://localhost:443/x', '/kpow/x'],
    ['HTTP://LocalHost:3000/X', '/kpow/X'],
    ['http://127.0.0.1:3000/x', '/kpow/x'],
    ['http://[::1]:3000/x', '/kpow/x'],
    ['//localhost:3000/x', '/kpow/x'],
    ['http://localhost.:3000/x', '/kpow/x'],
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
    ['\\\\idp.example/../x', '\\\\idp.example/../x'],
    ['http://[::1', 'http://[::1'],
    ['http://[:::]:3000/..', 'http://[:::]:3000/..'],
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

describe('a tool that knows itself by other names, with names: [a1b2c3d4:20116, grafana.internal, "[::7]:1"]', () => {
  const names = ['a1b2c3d4:20116', 'Grafana.Internal', '[0::7]:1'];
  test.each([
    ['http://a1b2c3d4:20116/login?next=/', '/kpow/login?next=/'],
    ['https://A1B2C3D4:20116/login', '/kpow/login'],
    ['//a1b2c3d4:20116/login', '/kpow/login'],
    ['http://a1b2c3d4:20116', '/kpow/'],
    // As with the target: without a port, and with a scheme's default one.
    ['http://a1b2c3d4/login', '/kpow/login'],
    ['https://a1b2c3d4:443/login', '/kpow/login'],
    ['http://a1b2c3d4:20116/../../x', '/kpow/x'],
    ['http://grafana.internal/x', '/kpow/x'],
    ['http://grafana.internal.:80/x', '/kpow/x'],
    ['http://[::7]:1/x', '/kpow/x'],
    ['http://localhost:3000/x', '/kpow/x'],
    ['http://a1b2c3d4:20116/kpow/x', '/kpow/x'],
    // Another port is another server, and another name another host.
    ['http://a1b2c3d4:20117/login', 'http://a1b2c3d4:20117/login'],
    ['http://grafana.internal:3000/x', 'http://grafana.internal:3000/x'],
    ['http://a1b2c3d45:20116/', 'http://a1b2c3d45:20116/'],
    ['http://a1b2c3d4.example:20116/', 'http://a1b2c3d4.example:20116/'],
    ['http://user@a1b2c3d4:20116/', 'http://user@a1b2c3d4:20116/'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixLocation(value, context({ names }))).toBe(fixed);
    expect(fixRefresh(`1; url=${value}`, context({ names }))).toBe(`1; url=${fixed}`);
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
    ['http://localhost:3000/\\evil.example/x', 'https://tools.example/\\evil.example/x'],
    ['http://localhost:3000/\t/evil.example/x', 'https://tools.example/\t/evil.example/x'],
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
    // A space alone is enough (HTML, "shared declarative refresh steps", 8 to 10).
    ['3 /x', '3 /kpow/x'],
    ['3 url=/x', '3 url=/kpow/x'],
    ['5', '5'],
    ['5;', '5;'],
    ['5; url=https://idp.example/', '5; url=https://idp.example/'],
    ['nonsense', 'nonsense'],
  ])('%s becomes %s', (value, fixed) => {
    expect(fixRefresh(value, context())).toBe(fixed);
  });
});

/** What a tool may say and a client may ask for; 10,000 of each in some 100 ms. */
test('no text of a tool or a client makes it throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        '/',
        '\\',
        '//',
        '..',
        '.',
        '%2e',
        ':',
        '@',
        '[',
        ']',
        '?',
        '#',
        ';',
        '\t',
        ' ',
        '%',
        '%zz',
        '\xff',
        '\xc3\x97',
        '\0',
      ],
      ...['http:', 'https:', 'localhost', ':3000', ':99999999', 'tools.example', '[::1', '1.2.3.400', 'xn--', 'kpow'],
    ),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
  const prefix = fc.constantFrom('strip', 'keep', 'adopt');
  fc.assert(
    fc.property(text, text, text, prefix, (value, target, host, mode) => {
      const at = context(
        { prefix: mode, target: 'http://localhost:3000/base' },
        {
          publicTarget: `/kpow/${target}`,
          upstreamTarget: target,
          host,
          origin: { proto: 'http', authority: host, hostname: host, port: 1 },
        },
      );
      const view = { ...at, prefix: target };
      expect(typeof fixLocation(value, at)).toBe('string');
      expect(typeof fixRefresh(value, at)).toBe('string');
      expect(typeof fixCookie(`a=b; Domain=${value}; Path=${target}`, at)).toBe('string');
      expect(typeof new BodyUrls(at).fixed(value)).toBe('string');
      new BodyUrls(at).startFrom(value);
      expect(typeof toolDestination(value, at.mount, view)).toBe('string');
      expect(typeof toolIf(value, at.mount, view)).toBe('string');
    }),
    { numRuns: 3_000 },
  );
});
