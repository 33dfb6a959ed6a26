import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

const kpow = { path: '/kpow', target: 'http://localhost:3000' };
const mountOf = (more: object, top: object = {}) =>
  resolveConfig({ ...top, mounts: [{ ...kpow, ...more }] }).mounts[0]!;
const listenOf = (listen: object) => resolveConfig({ mounts: [kpow], listen }).listen;

test('the least configuration has every default', () => {
  expect(resolveConfig({ mounts: [kpow] }, { folder: '/srv' })).toEqual({
    listen: {
      https: {
        port: 8443,
        host: '0.0.0.0',
        cert: '/srv/certs/tls.crt',
        key: '/srv/certs/tls.key',
        publicPort: 8443,
        hsts: null,
        acme: null,
        certificates: [],
        clientCa: null,
        clientAuth: 'required',
        forwardClientCert: false,
      },
      http: { port: 8080, host: '0.0.0.0', mode: 'redirect' },
      keepAlive: 75_000,
      reusePort: false,
    },
    hosts: null,
    trustedProxies: [],
    trustedFields: 'auto',
    metrics: { allow: ['loopback'], own: null },
    mounts: [
      {
        name: 'kpow',
        path: '/kpow',
        target: { protocol: 'http:', hostname: 'localhost', port: 3000, authority: 'localhost:3000', path: '' },
        targets: [{ protocol: 'http:', hostname: 'localhost', port: 3000, authority: 'localhost:3000', path: '' }],
        names: [],
        balance: 'active-standby',
        sticky: false,
        circuit: { failures: 3, retry: 1_000 },
        prefix: 'strip',
        trailingSlash: 'redirect',
        host: 'client',
        storage: 'shared',
        forwardedPrefix: true,
        trustedIdentity: false,
        tls: { ca: null, cert: null, key: null, verify: true },
        health: null,
        timeouts: { connect: 5000, response: 60_000, idle: 0 },
        required: false,
        kind: 'kpow',
        description: '',
        limits: { body: 1024 ** 3, connections: 8192, queue: 1024, queueTimeout: 10_000 },
        allow: null,
        deny: [],
        methods: null,
        origins: [],
        rateLimit: null,
        icon: '',
      },
    ],
    portal: { title: 'Tools' },
    log: { level: 'info', format: 'auto', access: true },
    traces: null,
    workers: 1,
    secret: null,
    limits: {
      head: 64 * 1024,
      url: 16 * 1024,
      fields: 500,
      headTimeout: 30_000,
      bodyTimeout: 60_000,
      sendTimeout: 60_000,
      connections: 16_384,
      connectionsPerClient: 2_048,
      requestsPerConnection: 10_000,
    },
    rateLimitStore: null,
    drain: { delay: 0, timeout: 10_000 },
    reload: { watch: true },
    notify: { link: null, webhooks: [] },
  });
});

describe('listeners', () => {
  test.each<[object, unknown]>([
    [{ http: 'off' }, null],
    [{ http: false }, null],
    [{ http: { mode: 'off' } }, null],
    [{ http: { mode: false } }, null],
    [{ http: null }, { port: 8080, host: '0.0.0.0', mode: 'redirect' }],
    [{ http: { port: 80 } }, { port: 80, host: '0.0.0.0', mode: 'redirect' }],
    [{ https: 'off' }, { port: 8080, host: '0.0.0.0', mode: 'serve' }],
    [
      { https: 'off', http: { mode: 'serve', host: '::1' } },
      { port: 8080, host: '::1', mode: 'serve' },
    ],
  ])('%j gives plain HTTP as %j', (listen, http) => {
    expect(listenOf(listen).http).toEqual(http);
  });

  test.each([
    ['off', null],
    [false, null],
    // RFC 6797 §6.1.1: "max-age=0" has browsers forget the host, which is another thing than to say nothing.
    [0, 0],
    ['0s', 0],
    ['1s', 1000],
    ['30d', 30 * 86_400_000],
  ])('hsts %j is %j ms', (hsts, milliseconds) => {
    expect(listenOf({ https: { hsts } }).https?.hsts).toBe(milliseconds);
  });

  test('the public port may differ, and https may be off', () => {
    expect(listenOf({ https: { publicPort: 443 } }).https).toMatchObject({ port: 8443, publicPort: 443 });
    expect(listenOf({ https: 'off' }).https).toBeNull();
    expect(listenOf({ https: false }).https).toBeNull();
  });

  test('port 0 may stand for both', () => {
    expect(listenOf({ https: { port: 0 }, http: { port: 0 } })).toMatchObject({
      https: { port: 0 },
      http: { port: 0 },
    });
  });

  test('one port may serve two addresses', () => {
    const listen = { https: { port: 443, host: '10.0.0.1' }, http: { port: 443, host: '10.0.0.2' } };
    expect(listenOf(listen)).toMatchObject(listen);
  });
});

test.each([
  ['http://localhost', 'http:', 'localhost', 80, 'localhost', ''],
  ['https://a.b/', 'https:', 'a.b', 443, 'a.b', ''],
  ['HTTP://A:80/x/', 'http:', 'a', 80, 'a', '/x'],
  ['https://[::1]:9/x/y', 'https:', '::1', 9, '[::1]:9', '/x/y'],
  ['http://my_kpow:3000', 'http:', 'my_kpow', 3000, 'my_kpow:3000', ''],
  ['http://a/%2Fx', 'http:', 'a', 80, 'a', '/%2Fx'],
])('target %s', (target, protocol, hostname, port, authority, path) => {
  expect(mountOf({ target }).target).toEqual({ protocol, hostname, port, authority, path });
});

test.each(['/', '/a', '/a/b', '/a.b', '/a-b', '/~a', '/-a', '/a:b@c', '/a,b=c', '/...'])('path %s is fine', (path) => {
  expect(mountOf({ path }).path).toBe(path);
});

test('a mount without a name has one from its path, or its host', () => {
  expect(mountOf({ path: '/a/b' }).name).toBe('a/b');
  expect(mountOf({ path: '/', target: 'http://grafana:3000' }).name).toBe('grafana');
});

test.each([
  [{ path: '/x', name: 'KPOW prod' }, 'kpow'],
  [{ path: '/my-kpow' }, 'kpow'],
  [{ path: '/x', target: 'http://kpow.internal' }, 'kpow'],
  [{ path: '/x', target: 'http://a/kpow' }, 'other'],
  [{ kind: 'other' }, 'other'],
  [{ path: '/x', kind: 'kpow' }, 'kpow'],
])('%j is of the kind %s', (mount, kind) => {
  expect(mountOf(mount).kind).toBe(kind);
});

test.each([
  [{ prefix: 'strip' }, 'redirect'],
  [{ prefix: 'keep' }, 'pass'],
  [{ prefix: 'keep', trailingSlash: 'redirect' }, 'redirect'],
])('%j without its slash: %s', (mount, trailingSlash) => {
  expect(mountOf(mount).trailingSlash).toBe(trailingSlash);
});

describe('health', () => {
  const full = {
    path: '/up',
    interval: 5000,
    timeout: 3000,
    healthyAfter: 1,
    unhealthyAfter: 2,
    whenUnhealthy: 'refuse',
  };
  test.each<[string, object, object, unknown]>([
    ['none', {}, {}, null],
    ['its path', { health: '/up' }, {}, full],
    ['off', { health: 'off' }, { health: { path: '/up' } }, null],
    ['false', { health: false }, { health: { path: '/up' } }, null],
    ['the path of the top', {}, { health: { path: '/up' } }, full],
    [
      'the top is the default',
      { health: '/up' },
      { health: { interval: '1s', timeout: '2s' } },
      { ...full, interval: 1000, timeout: 2000 },
    ],
    [
      'the mount has the last word',
      { health: { path: '/up?a=b', interval: '7s', whenUnhealthy: 'pass' } },
      { health: { path: '/x', interval: '1s', unhealthyAfter: 3 } },
      { ...full, path: '/up?a=b', interval: 7000, unhealthyAfter: 3, whenUnhealthy: 'pass' },
    ],
  ])('%s', (_, mount, top, health) => {
    expect(mountOf(mount, top).health).toEqual(health);
  });
});

test('timeouts of a mount stand over those of the top', () => {
  const timeouts = mountOf({ timeouts: { response: 'off' } }, { timeouts: { response: '1s', idle: '1m' } }).timeouts;
  expect(timeouts).toEqual({ connect: 5000, response: 0, idle: 60_000 });
});

test.each<[unknown, string[]]>([
  [
    ['10.0.0.0/8', 'fd00::/8', '::1', 'loopback', 'linklocal', 'uniquelocal'],
    ['10.0.0.0/8', 'fd00::/8', '::1', 'loopback', 'linklocal', 'uniquelocal'],
  ],
  ['10.0.0.1, loopback', ['10.0.0.1', 'loopback']],
  ['', []],
])('trusted proxies %j', (trustedProxies, addresses) => {
  expect(resolveConfig({ mounts: [kpow], trustedProxies }).trustedProxies).toEqual(addresses);
});

test('who has authenticated people is said at the top, and by mount', () => {
  const mounts = [
    kpow,
    { ...kpow, path: '/a', trustedIdentity: false },
    { ...kpow, path: '/b', trustedIdentity: true },
  ];
  const believed = (more: object) =>
    resolveConfig({ mounts, ...more }).mounts.map(({ trustedIdentity }) => trustedIdentity);
  expect(believed({})).toEqual([false, false, true]);
  expect(believed({ trustedIdentity: true })).toEqual([true, false, true]);
});

test('an icon may be an emoji of many code points', () => {
  expect(mountOf({ icon: '👩‍🚀' }).icon).toBe('👩‍🚀');
});

describe('warnings', () => {
  const warningsOf = (more: object) =>
    configWarnings(resolveConfig({ mounts: [{ ...kpow, health: '/healthy' }], ...more }));
  const https = { path: '/a', target: 'https://a' };
  test.each<[string, object, string[]]>([
    ['none', {}, []],
    [
      'everyone trusted',
      { trustedProxies: ['0.0.0.0/0'] },
      ['trustedProxies: everyone is trusted, so anyone can claim any client address; name your proxies'],
    ],
    [
      'identities of everyone',
      { trustedProxies: ['::/0'], trustedIdentity: true },
      [
        'trustedProxies: everyone is trusted, so anyone can claim any client address; name your proxies',
        'trustedIdentity: everyone is trusted, so anyone can be any person to kpow; name your proxies',
      ],
    ],
    [
      'identities of nobody',
      { mounts: [{ ...kpow, health: '/healthy', trustedIdentity: true }] },
      [
        'trustedIdentity: has no effect for kpow: nobody is in trustedProxies; name the proxies there that authenticate people',
      ],
    ],
    ['identities of proxies', { trustedProxies: ['10.0.0.1'], trustedIdentity: true }, []],
    [
      'plain HTTP for everyone',
      { listen: { http: { mode: 'serve' } } },
      ['listen.http.mode: logins travel unencrypted; if a proxy in front does TLS, name it in trustedProxies'],
    ],
    [
      'metrics for everyone',
      { metrics: { allow: 'any' } },
      ['metrics.allow: everyone who reaches the gateway can read its metrics; name your Prometheus'],
    ],
    ['metrics for everyone who reaches their own port', { metrics: { port: 9464 } }, []],
    ['plain HTTP for this machine', { listen: { http: { mode: 'serve', host: '127.0.0.1' } } }, []],
    [
      'no verification',
      { mounts: [{ ...https, tls: { verify: false } }] },
      ['mounts[0].tls.verify: any certificate is accepted from a; name its authority in tls.ca'],
    ],
    [
      'a name twice',
      {
        mounts: [
          { ...https, name: 'b' },
          { ...https, path: '/b' },
        ],
      },
      ['mounts[1].name: "b" is also the name of mounts[0]; people cannot tell them apart'],
    ],
    [
      'required without health',
      { mounts: [{ ...https, required: true }] },
      ["mounts[0].required: has no effect without health; write the tool's health path there"],
    ],
    [
      'kPow without health',
      { mounts: [kpow] },
      ['mounts[0].health: kPow says how it is at /healthy; write health: /healthy to see it on the portal'],
    ],
  ])('%s', (_, more, warnings) => {
    expect(warningsOf(more)).toEqual(warnings);
  });
});
