import { ConfigError } from '../../../src/config/config-error';
import { resolveConfig } from '../../../src/config/load';
import { pathRecipe, standardRecipe } from '../../support/nginx';
import { imported, server } from './import';

const host = 'proxy_set_header Host $http_host;';
const mountOf = (inside: string) => imported(server(`location /a/ { proxy_pass http://t:1/; ${host} ${inside} }`));

test.each([
  ['standard', standardRecipe, { path: '/', target: 'http://localhost:3000' }],
  ['path', pathRecipe, { path: '/kpow', target: 'http://localhost:3000' }],
])('kPow’s documented configuration (%s) is carried over without a remark', (_, recipe, mount) => {
  const { config, remarks, count } = imported(server(recipe('localhost:3000')));
  expect(config['mounts']).toEqual([mount]);
  expect(config['listen']).toEqual({ https: 'off', http: { port: 80, host: '0.0.0.0', mode: 'serve' } });
  expect([remarks, count]).toEqual([[], 0]);
});

test.each<[string, object]>([
  ['location / { proxy_pass http://t:1; }', { path: '/', target: 'http://t:1', host: 'target' }],
  [
    `location /a/ { proxy_pass http://t:1; ${host} }`,
    { path: '/a', target: 'http://t:1', prefix: 'keep', trailingSlash: 'redirect' },
  ],
  [`location /a { proxy_pass http://t:1; ${host} }`, { path: '/a', target: 'http://t:1', prefix: 'keep' }],
  [`location /a { proxy_pass http://t:1/b; ${host} }`, { path: '/a', target: 'http://t:1/b', trailingSlash: 'pass' }],
  [`location ^~ /a/ { proxy_pass http://t:1/; ${host} }`, { path: '/a', target: 'http://t:1' }],
  [
    `set $t http://t:1; location /a/ { proxy_pass $t; ${host} }`,
    { path: '/a', target: 'http://t:1', prefix: 'keep', trailingSlash: 'redirect' },
  ],
  [`location /a/ { proxy_pass https://t/; ${host} }`, { path: '/a', target: 'https://t', tls: { verify: false } }],
  [`location /a/ { proxy_pass https://t/; proxy_ssl_verify on; ${host} }`, { path: '/a', target: 'https://t' }],
  [
    `location /a/ { proxy_pass http://t:1/; ${host} location /a/b/ { deny all; } }`,
    { path: '/a', target: 'http://t:1', deny: ['/b'] },
  ],
  [`location /a/ { rewrite /a(.*) $1 break; proxy_pass http://t:1; ${host} }`, { path: '/a', target: 'http://t:1' }],
  [
    `location /a { return 301 $scheme://$host/a/; } location ^~ /a/ { set $u t; set $p 1; set $s http; proxy_pass $s://$u:$p; rewrite ^/a(/.*)$ $1 break; ${host} }`,
    { path: '/a', target: 'http://t:1' },
  ],
  [
    `location /a { rewrite ^/a/(.*)$ /$1 break; rewrite ^/a$ /a/ permanent; proxy_pass http://t:1; ${host} }`,
    { path: '/a', target: 'http://t:1' },
  ],
  [
    `location /a/ { proxy_pass http://t:1/$request_uri; ${host} }`,
    { path: '/a', target: 'http://t:1', prefix: 'keep', trailingSlash: 'redirect' },
  ],
  [
    `location /a/ { proxy_pass http://t:1$uri$is_args$args; ${host} }`,
    { path: '/a', target: 'http://t:1', prefix: 'keep', trailingSlash: 'redirect' },
  ],
  [
    `location /a/ { proxy_pass http://t:1/base$request_uri; ${host} }`,
    { path: '/a', target: 'http://t:1/base', prefix: 'keep', trailingSlash: 'redirect' },
  ],
  [
    `location = /a { return 301 /a/; } location /a { proxy_pass http://t:1/a; ${host} }`,
    { path: '/a', target: 'http://t:1', prefix: 'keep', trailingSlash: 'redirect' },
  ],
])('%s', (inside, mount) => {
  const { config, remarks } = imported(server(inside));
  expect(config['mounts']).toEqual([mount]);
  expect(remarks).toEqual([]);
});

test.each<[string, object]>([
  [
    'proxy_read_timeout 90; proxy_connect_timeout 1m30s;',
    { timeouts: { connect: '90s', response: '90s', idle: '90s' } },
  ],
  ['client_max_body_size 50m;', { limits: { body: '50mb' } }],
  ['client_max_body_size 0;', { limits: { body: 'off' } }],
  ['allow 10.0.0.0/8; allow ::1; deny all;', { allow: ['10.0.0.0/8', '::1'] }],
  ['proxy_set_header X-Forwarded-Prefix /a;', {}],
  ['proxy_cookie_path / /a/;', {}],
  ['proxy_redirect http://t:1/ /a/;', {}],
  ['proxy_redirect off;', {}],
  ['proxy_redirect http://a1b2c3d4:20116/ /a/;', { names: ['a1b2c3d4:20116'] }],
  [
    'proxy_redirect http://one:1/ /a/; proxy_redirect http://two/ $scheme://$host/a/; proxy_cookie_domain .Two $host;',
    { names: ['one:1', 'two'] },
  ],
  ['proxy_cookie_domain t $host; proxy_cookie_domain localhost $http_host;', {}],
  ['proxy_cookie_domain off;', {}],
])('carried over: %s', (inside, more) => {
  const { config, remarks } = mountOf(inside);
  expect(config['mounts']).toEqual([{ path: '/a', target: 'http://t:1', ...more }]);
  expect(remarks).toEqual([]);
});

test.each([
  ['proxy_set_header X-Mine $x;', /adds no fields of your own/],
  ['proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;', /trustedProxies/],
  ['proxy_redirect http://else.example/b/ /a/;', /a path, or one of names in the mount/],
  ['proxy_redirect ~^http://x(.*) /a/$1;', /a path, or one of names in the mount/],
  ['proxy_cookie_domain one else.example;', /changes no other/],
  ['proxy_cookie_domain ~\\.one$ $host;', /changes no other/],
  ['proxy_cookie_path / "/a/; Secure";', /changes nothing else/],
  ['rewrite ^/a/old /a/new last;', /no path but by prefix/],
  ['frobnicate 7;', /has nothing for it/],
  ['rewrite ^/a(.*)$ /$1 break;', /\/\/ at the beginning/],
  ['proxy_set_header X-Forwarded-Proto https;', /plain HTTP here.*trustedProxies/],
  ['proxy_set_header X-Forwarded-Port 443;', /plain HTTP here.*trustedProxies/],
  ['proxy_set_header X-Forwarded-Ssl on;', /plain HTTP here.*trustedProxies/],
  ['proxy_set_header X-Forwarded-User $http_x_forwarded_user;', /trustedProxies/],
  ['proxy_set_header Remote-User $http_remote_user;', /trustedIdentity/],
  ['proxy_set_header X-Scheme https;', /plain HTTP here.*trustedProxies/],
])('told of, by the mount that it stands in: %s', (inside, remark) => {
  const { remarks, text, config } = mountOf(inside);
  expect(config['mounts']).toHaveLength(1);
  expect(remarks).toEqual(expect.arrayContaining([expect.stringMatching(remark)]));
  expect(text.indexOf('mounts:')).toBeLessThan(text.search(remark));
});

test.each([
  ['location ~ ^/x { proxy_pass http://t; }', /no patterns/],
  ['location /x/ { proxy_pass http://t/y; }', /end both with a slash/],
  ['location /x/ { proxy_pass http://unix:/run/x; }', /no socket files/],
  ['location /x/ { proxy_pass http://$backend; }', /known to nginx alone/],
  ['location = /x { proxy_pass http://t/y; }', /another name/],
  ['location @x { proxy_pass http://t; }', /no other after it/],
  ['location ~ \\.ht { deny all; }', /NOT IN FORCE/],
  ['location /x/ { root /var/www; }', /serves no files/],
  ['location /-/x { proxy_pass http://t; }', /kept for the gateway/],
])('left out, and told of: %s', (inside, remark) => {
  const { config, remarks } = imported(server(`location /a/ { proxy_pass http://t:1/; } ${inside}`));
  expect(config['mounts']).toHaveLength(1);
  expect(remarks).toEqual(expect.arrayContaining([expect.stringMatching(remark)]));
});

test.each([
  ['', '$host', 1],
  ['', '$proxy_host', 0],
  [host, '$host', 0],
])(
  'the public name beside Host, %j and X-Forwarded-Host %s: nginx would tell the tool two names',
  (own, value, told) => {
    const inside = `${own} proxy_set_header X-Forwarded-Host ${value};`;
    const { remarks } = imported(server(`location / { proxy_pass http://t:1; ${inside} }`));
    expect(remarks.filter((remark) => remark?.includes('with host: target the gateway names the target'))).toHaveLength(
      told,
    );
  },
);

test.each<[string, object]>([
  ['server a:1; server b:1 backup;', { target: ['http://a:1/x', 'http://b:1/x'] }],
  [
    'least_conn; server a:1; server b:1; keepalive 8;',
    { target: ['http://a:1/x', 'http://b:1/x'], balance: 'least-connections' },
  ],
  [
    'ip_hash; server a:1; server b:1;',
    { target: ['http://a:1/x', 'http://b:1/x'], balance: 'least-connections', sticky: true },
  ],
  ['server a:1; server b:1 down;', { target: 'http://a:1/x' }],
])('upstream { %s }', (inside, mount) => {
  const { config } = imported(`upstream t { ${inside} } ${server(`location / { proxy_pass http://t/x/; ${host} }`)}`);
  expect(config['mounts']).toEqual([{ path: '/', ...mount }]);
});

const tls = 'listen 443 ssl; ssl_certificate tls/a.crt; ssl_certificate_key tls/a.key;';
const pair = { cert: '/etc/nginx/tls/a.crt', key: '/etc/nginx/tls/a.key' };
const tool = (name: string, path = '/') =>
  `server_name ${name}; location ${path} { proxy_pass http://${name}:1; ${host} }`;

test.each([
  'server { listen 80; listen [::]:80; return 301 https://$host$request_uri; }',
  'server { listen 80; listen [::]:80; rewrite ^ https://$server_name$request_uri? permanent; }',
  'server { listen 80; listen [::]:80; location / { return 308 https://$host$request_uri; } }',
  'server { listen 80; listen [::]:80; server_name a.example; if ($host = a.example) { return 301 https://$host$request_uri; } return 404; }',
])('a server that sends to https is the redirect of the plain port: %s', (redirect) => {
  const { config, remarks } = imported(`http { ${redirect} server { ${tls} ${tool('a.example')} } }`);
  expect(config['listen']).toEqual({
    https: { port: 443, host: '0.0.0.0', ...pair },
    http: { port: 80, host: '::', mode: 'redirect' },
  });
  expect(config['hosts']).toEqual(['a.example']);
  expect(remarks).toEqual([]);
});

test.each([
  ['add_header Strict-Transport-Security "max-age=31536000" always;', { hsts: '365d' }],
  ['add_header Strict-Transport-Security max-age=90;', { hsts: '90s' }],
  ['add_header Strict-Transport-Security max-age=0;', { hsts: '0s' }],
  ['add_header X-Frame-Options DENY;', {}],
])('%s', (directive, hsts) => {
  const { config } = imported(`server { ${tls} ${directive} ${tool('a.example')} }`);
  expect(config['listen'].https).toEqual({ port: 443, host: '0.0.0.0', ...pair, ...hsts });
});

test('what is for nginx itself (internal) is served to nobody', () => {
  const inside =
    'location /a/ { proxy_pass http://t:1/; } location /a/x/ { internal; proxy_pass http://u/; } location /y/ { internal; proxy_pass http://u/; }';
  const { config } = imported(server(inside));
  expect(config['mounts']).toEqual([{ path: '/a', target: 'http://t:1', host: 'target', deny: ['/x'] }]);
});

describe('several servers', () => {
  const two = (path: string) =>
    `server { ${tls} ${tool('a.example')} }\nserver { ${tls.replaceAll('a.', 'b.')} ${tool('b.example', path)} }`;

  test('with different paths are one gateway, which is told of', () => {
    const { config, remarks } = imported(two('/b'));
    expect(config['mounts'].map(({ path }: { path: string }) => path)).toEqual(['/', '/b']);
    expect(config['hosts']).toEqual(['a.example', 'b.example']);
    expect(config['listen'].https.certificates).toEqual([
      { cert: '/etc/nginx/tls/b.crt', key: '/etc/nginx/tls/b.key' },
    ]);
    expect(remarks).toEqual([
      expect.stringMatching(/^2: server: its mounts are served at the names of all.*--server b\.example/),
    ]);
  });

  test('with the same path: the first has it, and the other can be had for itself', () => {
    const first = imported(two('/'));
    expect(first.config['mounts'].map(({ target }: { target: string }) => target)).toEqual(['http://a.example:1']);
    expect(first.remarks).toEqual([expect.stringMatching(/^2: location \/: is left out.*--server b\.example/)]);
    const second = imported(two('/'), 'b.example');
    expect(second.config['mounts'].map(({ target }: { target: string }) => target)).toEqual(['http://b.example:1']);
    expect(second.config['hosts']).toEqual(['b.example']);
    expect(second.remarks).toEqual([]);
  });

  test('one that listens elsewhere is never made reachable at the first one’s port', () => {
    const { config, remarks } = imported(
      `server { ${tls} ${tool('a.example')} }\nserver { listen 127.0.0.1:81; ${tool('b.example', '/b')} }`,
    );
    expect(config['mounts']).toHaveLength(1);
    expect(config['listen'].http).toBe('off');
    expect(remarks).toEqual([expect.stringMatching(/^2: server: is left out/)]);
  });

  test('one that refuses, and one without locations', () => {
    const { config, remarks } = imported(
      `server { listen 80 default_server; return 444; }\nserver { listen 80; server_name x; }\nserver { listen 80; ${tool('a')} }`,
    );
    expect(config['hosts']).toEqual(['a']);
    expect(remarks).toEqual([expect.stringMatching(/^2: server: is left out: it has no location/)]);
  });
});

test.each([
  ['server { listen 80; }', /no location that passes on to a tool/],
  ['events {}', /has no server/],
])('%s: nothing to serve', (text, message) => {
  expect(() => imported(text)).toThrow(ConfigError);
  expect(() => imported(text)).toThrow(message);
});

test('a fixed https needs no word where it is true', () => {
  const { remarks } = imported(
    `server { ${tls} location / { proxy_pass http://t:1; ${host} proxy_set_header X-Forwarded-Proto https; } }`,
  );
  expect(remarks).toEqual([]);
});

test.each([
  'server { listen 80; location ^~ /.well-known/acme-challenge/ { root /x; default_type text/plain; } location / { return 301 https://$host$request_uri; } }',
  'server { listen 80; location ~ /\\.well-known/acme-challenge { allow all; root /x; } return 301 https://$host$request_uri; }',
  'server { listen 80; server_name else; location /.well-known/acme-challenge/ { alias /x/; try_files $uri =404; } }',
])('where certbot lays its files, acme is advised: %s', (plain) => {
  const { remarks, notInForce } = imported(`${plain} server { ${tls} ${tool('a.example')} }`);
  expect(remarks.filter((remark) => remark?.includes('acme-challenge'))).toEqual([
    expect.stringMatching(/: is left out: write acme in listen\.https in place of cert and key/),
  ]);
  expect(notInForce).toBe(0);
});

test('what comes with one include is told of once', () => {
  const params = Array.from({ length: 25 }, (_, i) => `fastcgi_param P${i} $p${i};`).join('\n');
  const inside = `location / { proxy_pass http://t:1; } location ~ \\.php$ { ${params} fastcgi_index index.php; fastcgi_pass x:1; }`;
  const fastcgi = imported(server(inside)).remarks.filter((remark) => remark?.includes('fastcgi'));
  expect(fastcgi).toEqual([expect.stringMatching(/: fastcgi_pass x:1 \(and 26 more like it\): .*HTTP alone/)]);
});

test('each field has its own comment', () => {
  const { remarks } = mountOf('proxy_set_header X-A 1; proxy_set_header X-B 2; proxy_set_header X-C 3;');
  expect(remarks).toHaveLength(3);
});

test('a name that only a pattern says: every name is served, which is told of', () => {
  const { config, remarks } = imported(
    `server { listen 80 default_server; return 444; }\nserver { listen 80; server_name ~^a; location / { proxy_pass http://t:1; } }`,
  );
  expect(config['hosts']).toBeUndefined();
  expect(remarks).toEqual(expect.arrayContaining([expect.stringMatching(/^1: server: .*every name.*hosts/)]));
});

test('text of the configuration stays within its comment and its value', () => {
  const { config, text, remarks } = mountOf('frobnicate "x\ny: 1\u2028z: 2" "a\\nb";');
  expect(Object.keys(config)).toEqual(['listen', 'mounts']);
  expect(remarks).toHaveLength(1);
  expect(text).not.toMatch(/^y:/m);
});

test('a dollar sign in a path is no variable of the gateway', () => {
  const { config } = imported(server('location /a$b/ { proxy_pass http://t:1/; }'));
  expect(resolveConfig(config, { env: {} }).mounts[0]?.path).toBe('/a$b');
});
