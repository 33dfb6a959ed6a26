import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';

const machine = { names: ['gateway-1'], addresses: ['127.0.0.1', '::1', '10.1.2.3'], noReusePort: null };
const kpow = { path: '/kpow', target: 'http://localhost:3000' };
const least = '{ path: /kpow, target: http://localhost:3000 }';

function problemsOf(raw: unknown): readonly string[] {
  try {
    resolveConfig(raw, { machine });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const withMount = (more: object) => ({ mounts: [{ ...kpow, ...more }] });
const withTop = (more: object) => ({ mounts: [kpow], ...more });

describe('a problem is one line that says where, what and how to mend it', () => {
  test.each<[string, unknown, string]>([
    [
      'no workers',
      withTop({ workers: 0 }),
      'workers: 0 does not fit here; write auto, or a whole number from 1 to 256',
    ],
    [
      'workers in words',
      withTop({ workers: 'many' }),
      'workers: "many" does not fit here; write auto, or a whole number from 1 to 256',
    ],
    [
      'HSTS of less than a second, which would be none',
      withTop({ listen: { https: { hsts: '500ms' } } }),
      'listen.https.hsts: "500ms" is too short; write at least 1s, 0s to have browsers forget it, or off',
    ],
    // who is let through
    [
      'a served name with scheme and port',
      withTop({ hosts: ['https://Tools.example.com:8443/'] }),
      'hosts[0]: "https://Tools.example.com:8443/" is more than a name; write tools.example.com',
    ],
    [
      'a star in the middle of a name',
      withTop({ hosts: ['tools.*.com'] }),
      'hosts[0]: "tools.*.com" is not a host name; a * stands first only, as in *.example.com',
    ],
    [
      'no names at all',
      withTop({ hosts: [] }),
      'hosts: is empty; write one such as [tools.example.com], or take the line out',
    ],
    [
      'a denied path that is all of the mount',
      withMount({ deny: ['/'] }),
      'mounts[0].deny[0]: "/" is all of the mount; take the mount out, or write a path inside it',
    ],
    [
      'a denied pattern',
      withMount({ deny: '/metrics/*' }),
      'mounts[0].deny: "/metrics/*" is a pattern; write a plain path such as /kpow',
    ],
    [
      'an unknown method',
      withMount({ methods: ['GTE'] }),
      'mounts[0].methods[0]: "GTE" is not a method; did you mean GET?',
    ],
    ['TRACE', withMount({ methods: ['trace'] }), 'mounts[0].methods[0]: "trace" is never let through; take it out'],
    [
      'an origin without its scheme',
      withMount({ origins: ['portal.example.com'] }),
      'mounts[0].origins[0]: "portal.example.com" is not an origin; write one such as https://portal.example.com',
    ],
    [
      'an origin with a path',
      withMount({ origins: ['https://portal.example.com/x'] }),
      'mounts[0].origins[0]: "https://portal.example.com/x" is more than an origin; write https://portal.example.com',
    ],
    [
      'allowed addresses that are none',
      withMount({ allow: ['10.0.0.0/99'] }),
      'mounts[0].allow[0]: "10.0.0.0/99" has no valid prefix length; write 10.0.0.0/24',
    ],

    // the file as a whole
    ['a number', 5, `5 is not a mapping; write one such as mounts: [${least}]`],
    ['a list', [], `a list is not a mapping; write one such as mounts: [${least}]`],
    ['no mounts', {}, `mounts: is missing; add at least one mount, such as - ${least}`],
    ['empty mounts', { mounts: [] }, `mounts: is empty; add at least one mount, such as - ${least}`],
    [
      'mounts with nothing behind it',
      { mounts: null },
      `mounts: is missing; add at least one mount, such as - ${least}`,
    ],
    [
      'mounts as a mapping',
      { mounts: { kpow } },
      `mounts: a mapping is not a list; begin each mount with a dash: - ${least}`,
    ],
    ['a mount that is a text', { mounts: ['x'] }, `mounts[0]: "x" is not a mapping; write one such as ${least}`],
    ['an empty mount', { mounts: [null] }, `mounts[0]: nothing is not a mapping; write one such as ${least}`],

    // unknown keys
    ['a near miss', withTop({ portl: {} }), 'portl: unknown key; did you mean portal?'],
    ['other case', withTop({ trusted_proxies: [] }), 'trusted_proxies: unknown key; did you mean trustedProxies?'],
    [
      'a word from another proxy',
      withMount({ upstream: 'x' }),
      'mounts[0].upstream: unknown key; did you mean target?',
    ],
    ['another one', withMount({ proxy_pass: 'x' }), 'mounts[0].proxy_pass: unknown key; did you mean target?'],
    [
      'a key that is near nothing',
      withTop({ log: { colour: true } }),
      'log.colour: unknown key; the keys here are level, format, access',
    ],
    [
      'a key that is no word',
      withTop({ log: { 'a b': 1 } }),
      'log["a b"]: unknown key; the keys here are level, format, access',
    ],
    [
      'a key in a long form',
      withMount({ health: { path: '/h', intervall: '5s' } }),
      'mounts[0].health.intervall: unknown key; did you mean interval?',
    ],

    // mount paths
    ['no path', { mounts: [{ target: kpow.target }] }, 'mounts[0].path: is missing; write one such as /kpow'],
    [
      'an empty path',
      withMount({ path: '' }),
      'mounts[0].path: is empty; write a path such as /kpow, or / for the root',
    ],
    ['a number for a path', withMount({ path: 5 }), 'mounts[0].path: 5 is not a path; write one such as /kpow'],
    ['no slash', withMount({ path: 'kpow' }), 'mounts[0].path: "kpow" does not begin with a slash; write /kpow'],
    ['a trailing slash', withMount({ path: '/kpow/' }), 'mounts[0].path: "/kpow/" ends with a slash; write /kpow'],
    ['an empty segment', withMount({ path: '/a//b' }), 'mounts[0].path: "/a//b" has an empty segment; write /a/b'],
    ['slashes alone', withMount({ path: '//' }), 'mounts[0].path: "//" has an empty segment; write /'],
    ['a query', withMount({ path: '/a?b' }), 'mounts[0].path: "/a?b" has a query or fragment; write /a'],
    ['a fragment', withMount({ path: '/a#b' }), 'mounts[0].path: "/a#b" has a query or fragment; write /a'],
    [
      'dot segments',
      withMount({ path: '/a/../b' }),
      'mounts[0].path: "/a/../b" has dot segments; write the path that is meant',
    ],
    [
      'percent-encoding',
      withMount({ path: '/a%2Fb' }),
      'mounts[0].path: "/a%2Fb" is percent-encoded; write a path of plain letters, digits and - . _ ~',
    ],
    [
      'a space',
      withMount({ path: '/a b' }),
      'mounts[0].path: "/a b" has " " in it; write a path of plain letters, digits and - . _ ~',
    ],
    [
      'a letter outside ASCII',
      withMount({ path: '/ä' }),
      'mounts[0].path: "/ä" has "ä" in it; write a path of plain letters, digits and - . _ ~',
    ],
    [
      'a semicolon',
      withMount({ path: '/a;b' }),
      'mounts[0].path: "/a;b" has ";" in it; write a path of plain letters, digits and - . _ ~',
    ],
    [
      'a pattern',
      withMount({ path: '/kpow/*' }),
      'mounts[0].path: "/kpow/*" is a pattern; write a plain path such as /kpow',
    ],
    [
      'a whole address',
      withMount({ path: 'https://host/kpow' }),
      'mounts[0].path: "https://host/kpow" is an address; write the path alone, such as /kpow',
    ],
    ...['/-', '/-/up', '/-/x/y'].map((path): [string, unknown, string] => [
      `the gateway's own ${path}`,
      withMount({ path }),
      `mounts[0].path: "${path}" is kept for the gateway's own pages; choose a path outside /-`,
    ]),
    [
      'a path twice',
      { mounts: [kpow, { ...kpow, name: 'other' }] },
      'mounts[1].path: "/kpow" is also the path of mounts[0]; give each mount a path of its own',
    ],

    // targets
    [
      'no target',
      { mounts: [{ path: '/a' }] },
      'mounts[0].target: is missing; write one such as http://localhost:3000',
    ],
    [
      'no scheme',
      { mounts: [kpow, { path: '/prometheus', target: 'localhost:9090' }] },
      'mounts[1].target: "localhost:9090" has no scheme; write http://localhost:9090',
    ],
    [
      'no scheme, with slashes',
      withMount({ target: '//a:1' }),
      'mounts[0].target: "//a:1" has no scheme; write http://a:1',
    ],
    [
      'half a scheme',
      withMount({ target: 'http:a:1' }),
      'mounts[0].target: "http:a:1" has no scheme; write http://a:1',
    ],
    [
      'a port alone',
      withMount({ target: '3000' }),
      'mounts[0].target: "3000" is a port alone; write http://localhost:3000',
    ],
    [
      'a number',
      withMount({ target: 3000 }),
      'mounts[0].target: 3000 is not a URL; write one such as http://localhost:3000',
    ],
    [
      'an empty one',
      withMount({ target: '' }),
      'mounts[0].target: is empty; write a URL such as http://localhost:3000',
    ],
    [
      'a socket file',
      withMount({ target: 'unix:/run/a' }),
      'mounts[0].target: "unix:/run/a" is a socket file; write an address such as http://localhost:3000',
    ],
    [
      'a websocket scheme',
      withMount({ target: 'wss://a/b' }),
      'mounts[0].target: "wss://a/b" names the websocket scheme; write https://a/b, websockets pass through it too',
    ],
    [
      'another scheme',
      withMount({ target: 'ftp://a' }),
      'mounts[0].target: "ftp://a" is neither http:// nor https://; write one of these',
    ],
    [
      'a query',
      withMount({ target: 'http://a/b?c' }),
      'mounts[0].target: "http://a/b?c" has a query or fragment; write http://a/b',
    ],
    [
      'a fragment',
      withMount({ target: 'http://a#c' }),
      'mounts[0].target: "http://a#c" has a query or fragment; write http://a',
    ],
    ['a space', withMount({ target: 'http://a b' }), 'mounts[0].target: "http://a b" has a space in it; take it out'],
    [
      'a line break',
      withMount({ target: 'http://a\n' }),
      'mounts[0].target: "http://a\\n" has a space in it; take it out',
    ],
    [
      'port 0',
      withMount({ target: 'http://a:0' }),
      'mounts[0].target: "http://a:0" has the port 0; write the port that the tool listens on',
    ],
    [
      'too large a port',
      withMount({ target: 'http://a:70000' }),
      'mounts[0].target: "http://a:70000" has a port that does not exist; write one from 1 to 65535',
    ],
    [
      'no host',
      withMount({ target: 'http://' }),
      'mounts[0].target: "http://" is not a URL; write one such as http://localhost:3000',
    ],
    [
      'a pattern',
      withMount({ target: 'http://*.a' }),
      'mounts[0].target: "http://*.a" has a * in it; a target is one address',
    ],
    [
      'a backslash',
      withMount({ target: 'http://a\\b' }),
      'mounts[0].target: "http://a\\\\b" has a backslash in it; write /',
    ],
    ...['http://me:s3cret@a', 'me:s3cret@a', '//me:s3cret@a', 'http:/me:s3cret@a', 'ws://me@a'].map(
      (target): [string, unknown, string] => [
        `a password, which is not repeated: ${target}`,
        withMount({ target }),
        'mounts[0].target: has a user name or password in it; take them out',
      ],
    ),

    // a mount's other fields
    [
      'a choice misspelt',
      withMount({ prefix: 'kepp' }),
      'mounts[0].prefix: "kepp" is not one of strip, keep, adopt; did you mean keep?',
    ],
    [
      'a choice unknown',
      withMount({ prefix: '/x' }),
      'mounts[0].prefix: "/x" is not known here; write strip, keep or adopt',
    ],
    [
      'a storage of its own for a tool that is not adopted',
      withMount({ storage: 'separate' }),
      'mounts[0].storage: is for prefix: adopt; the pages of other tools are passed as they are',
    ],
    ['yes', withMount({ required: 'yes' }), 'mounts[0].required: "yes" is neither true nor false; write true'],
    ['off', withMount({ required: 'off' }), 'mounts[0].required: "off" is neither true nor false; write false'],
    [
      'maybe',
      withMount({ required: 'maybe' }),
      'mounts[0].required: "maybe" is neither true nor false; write true or false',
    ],
    ['a number for a name', withMount({ name: 5 }), 'mounts[0].name: 5 is not text here; put quotes around it: "5"'],
    ['a list for a name', withMount({ name: [] }), 'mounts[0].name: a list is not text; write some words'],
    ['an empty name', withMount({ name: ' ' }), 'mounts[0].name: is empty; write some text, or take the line out'],
    [
      'a line break in a name',
      withMount({ name: 'a\nb' }),
      'mounts[0].name: "a\\nb" has a line break or control character; take it out',
    ],
    ['a long name', withMount({ name: 'a'.repeat(101) }), 'mounts[0].name: is 101 characters long; write at most 100'],
    [
      'a long icon',
      withMount({ icon: 'chart' }),
      'mounts[0].icon: "chart" is neither a character or two nor an .svg or .png file; write one of these',
    ],
    [
      'an icon elsewhere',
      withMount({ icon: 'https://a/b' }),
      'mounts[0].icon: "https://a/b" is on another site; write the name of an .svg or .png file here',
    ],
    ['a number for an icon', withMount({ icon: 5 }), 'mounts[0].icon: 5 is not an icon; write "5" in quotes'],
    [
      'an icon that is not there',
      withMount({ icon: '/none.svg' }),
      'mounts[0].icon: /none.svg does not exist; check the name',
    ],

    // health
    [
      'a health number',
      withMount({ health: 5 }),
      'mounts[0].health: 5 does not fit here; write a path such as /healthy, or off',
    ],
    ['no slash', withMount({ health: 'up' }), 'mounts[0].health: "up" does not begin with a slash; write /up'],
    [
      'an address',
      withMount({ health: 'http://a/up' }),
      'mounts[0].health: "http://a/up" is an address; write the path alone, such as /healthy',
    ],
    [
      'a space',
      withMount({ health: '/a b' }),
      'mounts[0].health: "/a b" has a space or a character outside ASCII; percent-encode it',
    ],
    ['a fragment', withMount({ health: '/a#b' }), 'mounts[0].health: "/a#b" has a fragment; write /a'],
    [
      'no path',
      withMount({ health: { interval: '5s' } }),
      'mounts[0].health.path: is missing; write one such as /healthy',
    ],
    ['no pause', withTop({ health: { interval: '1ms' } }), 'health.interval: "1ms" is too short; write at least 10ms'],
    [
      'off',
      withTop({ health: { interval: 'off' } }),
      'health.interval: "off" is not a duration; write it like 500ms, 5s, 2m or 1h',
    ],
    [
      'zero probes',
      withTop({ health: { healthyAfter: 0 } }),
      'health.healthyAfter: 0 does not fit here; write a whole number from 1 to 100',
    ],

    // durations and sizes
    ['no unit', withTop({ timeouts: { connect: 5 } }), 'timeouts.connect: 5 has no unit; write 5ms or 5s, or off'],
    [
      'an unknown unit',
      withTop({ timeouts: { idle: '5min' } }),
      'timeouts.idle: "5min" is not a duration; write it like 500ms, 5s, 2m or 1h, or off',
    ],
    [
      'longer than a timer runs',
      withMount({ timeouts: { idle: '30d' } }),
      'mounts[0].timeouts.idle: "30d" is too long; write at most 24d, or off',
    ],
    [
      'drain off',
      withTop({ drain: { timeout: 'off' } }),
      'drain.timeout: "off" is not a duration; write it like 500ms, 5s, 2m or 1h',
    ],
    ['a size without a unit', withTop({ limits: { head: 64 } }), 'limits.head: 64 has no unit; write 64b or 64kb'],
    [
      'not a size',
      withTop({ limits: { head: 'big' } }),
      'limits.head: "big" is not a size; write it like 64kb or 10mb',
    ],
    ['too small', withTop({ limits: { url: '1b' } }), 'limits.url: "1b" is too small; write from 1kb to 16mb'],
    ['too large', withTop({ limits: { head: '1gb' } }), 'limits.head: "1gb" is too large; write from 1kb to 16mb'],
    [
      'a URL larger than the head',
      withTop({ limits: { head: '8kb' } }),
      'limits.url: is larger than limits.head, which holds the URL too; make head the larger one',
    ],

    // listeners
    [
      'a listener',
      withTop({ listen: { https: 8443 } }),
      'listen.https: 8443 does not fit here; write off or a mapping',
    ],
    [
      'no port',
      withTop({ listen: { https: { port: 'https' } } }),
      'listen.https.port: "https" is not a port; write a number from 0 to 65535',
    ],
    [
      'too large a port',
      withTop({ listen: { http: { port: 70000 } } }),
      'listen.http.port: 70000 is not a port; write a number from 0 to 65535',
    ],
    [
      'a port of 0 outside',
      withTop({ listen: { https: { publicPort: 0 } } }),
      'listen.https.publicPort: 0 is not a port; write a number from 1 to 65535',
    ],
    [
      'a star',
      withTop({ listen: { http: { host: '*' } } }),
      'listen.http.host: "*" is not an address; write 0.0.0.0 (or :: for IPv6 too)',
    ],
    ['brackets', withTop({ listen: { http: { host: '[::1]' } } }), 'listen.http.host: "[::1]" has brackets; write ::1'],
    [
      'half an address',
      withTop({ listen: { http: { host: '10.0' } } }),
      'listen.http.host: "10.0" is not an address; write four numbers, such as 0.0.0.0',
    ],
    [
      'a port in the address',
      withTop({ listen: { http: { host: 'localhost:80' } } }),
      'listen.http.host: "localhost:80" is not an address or host name; write one such as 0.0.0.0, without scheme or port',
    ],
    [
      'both off',
      withTop({ listen: { https: 'off', http: 'off' } }),
      'listen: https and http are both off; leave at least one of them on',
    ],
    [
      'both off, by mode',
      withTop({ listen: { https: false, http: { mode: 'off' } } }),
      'listen: https and http are both off; leave at least one of them on',
    ],
    [
      'a redirect to nowhere',
      withTop({ listen: { https: 'off', http: { mode: 'redirect' } } }),
      'listen.http.mode: "redirect" leads to https, which is off; write serve',
    ],
    [
      'one port for both',
      withTop({ listen: { https: { port: 8080 } } }),
      'listen.http.port: 8080 is the port of https too; give each a port of its own',
    ],
    [
      'the metrics on a port of the users',
      withTop({ metrics: { port: 8443 } }),
      'metrics.port: 8443 is a port of listen too; choose another, or leave port out to serve the metrics there',
    ],
    [
      'readers of the metrics that are no addresses',
      withTop({ metrics: { allow: ['anyone'] } }),
      'metrics.allow[0]: "anyone" is not an address; write an address, a CIDR such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, any',
    ],
    [
      'one port, one address within the other',
      withTop({ listen: { https: { port: 8080, host: '127.0.0.1' } } }),
      'listen.http.port: 8080 is the port of https too; give each a port of its own',
    ],
    [
      'no file',
      withTop({ listen: { https: { cert: '' } } }),
      'listen.https.cert: is empty; write a file name, or take the line out',
    ],
    [
      'a number for a file',
      withTop({ listen: { https: { key: 5 } } }),
      'listen.https.key: 5 is not a file name; write one',
    ],
    [
      'a PEM text in place of its file',
      withTop({ listen: { https: { cert: '-----BEGIN CERTIFICATE-----' } } }),
      'listen.https.cert: holds a PEM text; write it to a file, and the name of the file here',
    ],

    // proxies
    [
      'a number',
      withTop({ trustedProxies: 5 }),
      'trustedProxies: 5 is not a list; write one such as [10.0.0.0/8, loopback]',
    ],
    [
      'a mapping',
      withTop({ trustedProxies: {} }),
      'trustedProxies: a mapping is not a list; write one such as [10.0.0.0/8, loopback]',
    ],
    [
      'a host name',
      withTop({ trustedProxies: ['proxy.local'] }),
      'trustedProxies[0]: "proxy.local" is not an address; write an address, a CIDR such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
    ],
    [
      'a group misspelt',
      withTop({ trustedProxies: ['::1', 'loopbak'] }),
      'trustedProxies[1]: "loopbak" is not an address; did you mean loopback?',
    ],
    [
      'too long a prefix',
      withTop({ trustedProxies: ['10.0.0.0/33'] }),
      'trustedProxies[0]: "10.0.0.0/33" has no valid prefix length; write 10.0.0.0/24',
    ],
    [
      'no prefix',
      withTop({ trustedProxies: ['fd00::/'] }),
      'trustedProxies[0]: "fd00::/" has no valid prefix length; write fd00::/64',
    ],
    [
      'short IPv4, which would mean something else',
      withTop({ trustedProxies: '127.1' }),
      'trustedProxies: "127.1" is not an address; write an address, a CIDR such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
    ],

    // the rest
    [
      'log level',
      withTop({ log: { level: 'inf' } }),
      'log.level: "inf" is not one of trace, debug, info, warn, error, fatal, silent; did you mean info?',
    ],
    [
      'tls of an http target',
      withMount({ tls: {} }),
      'mounts[0].tls: is for https targets, and the target is http://localhost:3000; write https:// there, or take tls out',
    ],
  ])('%s', (_, raw, problem) => {
    expect(problemsOf(raw)).toEqual([problem]);
  });
});

describe('a target that is the gateway itself', () => {
  test.each<[string, object, number]>([
    ['http://localhost:8443', {}, 8443],
    ['https://localhost:8443', {}, 8443],
    ['http://127.0.0.1:8080', {}, 8080],
    ['http://127.8.8.8:8080', {}, 8080],
    ['http://[::1]:8443', { https: { host: '::' } }, 8443],
    ['http://0.0.0.0:8443', {}, 8443],
    ['http://10.1.2.3:8443', {}, 8443],
    ['http://gateway-1:8443', {}, 8443],
    ['http://GATEWAY-1:8443/kpow', {}, 8443],
    ['http://localhost', { http: { port: 80 } }, 80],
    ['http://localhost:8443', { https: { host: '127.0.0.1' } }, 8443],
    ['http://10.9.9.9:8443', { https: { host: '10.9.9.9' } }, 8443],
  ])('%s is refused when listening on %j', (target, listen, port) => {
    const [problem] = problemsOf({ listen, mounts: [{ path: '/a', target }] });
    expect(problem).toMatch(/^mounts\[0\]\.target: "https?:\/\/.* is the gateway itself/);
    expect(problem).toContain(`(it listens on ${port}); write the tool's own port`);
  });

  test.each<[string, object]>([
    ['http://localhost:3000', {}],
    ['http://10.9.9.9:8443', {}],
    ['http://127.0.0.1:8443', { https: { host: '10.1.2.3' } }],
    ['http://10.1.2.3:8443', { https: { host: '127.0.0.1' } }],
    ['http://localhost:8080', { http: 'off' }],
    ['http://localhost:8080', { http: { mode: 'off' } }],
    ['http://localhost:8443', { https: { port: 0 } }],
  ])('%s is another program when listening on %j', (target, listen) => {
    expect(problemsOf({ listen, mounts: [{ path: '/a', target }] })).toEqual([]);
  });
});

test('every problem is told at once, the mounts last and in order, with rules between fields as far as they can be read', () => {
  const raw = {
    mounts: [
      { path: '/a', target: 'localhost:1', prefix: 'kep' },
      { path: '/a', target: 'http://localhost:8443', color: 'red' },
      'x',
    ],
    listen: { https: { host: '*' }, http: { port: 8443, prot: 1, host: '0.0.0.0' } },
    drain: 5,
  };
  expect(problemsOf(raw)).toEqual([
    expect.stringMatching(/^listen\.https\.host: /),
    expect.stringMatching(/^listen\.http\.prot: unknown key; did you mean port\?/),
    expect.stringMatching(/^drain: /),
    expect.stringMatching(/^mounts\[0\]\.target: "localhost:1" has no scheme/),
    expect.stringMatching(/^mounts\[0\]\.prefix: /),
    expect.stringMatching(/^mounts\[1\]\.color: /),
    expect.stringMatching(/^mounts\[1\]\.path: "\/a" is also the path of mounts\[0\]/),
    expect.stringMatching(/^mounts\[1\]\.target: "http:\/\/localhost:8443" is the gateway itself/),
    expect.stringMatching(/^mounts\[2\]: "x" is not a mapping/),
  ]);
});

test('no value, however odd, makes a message longer than a line', () => {
  const odd = ['\n'.repeat(500), 'x'.repeat(5000), '\u2028', {}, [], null, NaN, Infinity, -1, true];
  for (const value of odd) {
    for (const field of ['name', 'path', 'target', 'prefix', 'health', 'timeouts', 'tls', 'required', 'icon', 'kind']) {
      for (const problem of problemsOf(withMount({ [field]: value }))) {
        expect(problem).not.toMatch(/[\n\r]/);
        expect(problem.length).toBeLessThan(300);
      }
    }
  }
});

test('keys that objects have by themselves are unknown keys', () => {
  const raw = JSON.parse(
    '{"__proto__": {"mounts": []}, "mounts": [{"path": "/a", "target": "http://a", "constructor": 1}]}',
  );
  const problems = problemsOf(raw);
  expect(problems).toEqual([
    expect.stringMatching(/^__proto__: unknown key/),
    expect.stringMatching(/^mounts\[0\]\.constructor: unknown key/),
  ]);
});
