import { resolveConfig } from '../../../src/config/load';
import { requestFieldEnds } from '../../../src/headers/request';
import { imported, server } from './import';

const pass = 'proxy_pass http://t:1;';
const webdav = ['MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK'];
const zones =
  'limit_req_zone $binary_remote_addr zone=ip:10m rate=10r/s; limit_req_zone $binary_remote_addr zone=slow:1m rate=5r/m;' +
  'limit_req_zone $server_name zone=all:1m rate=10r/s; limit_req_zone $http_x_key zone=key:1m rate=10r/s;' +
  'geo $some { default 0; } map $some $limited { 0 ""; 1 $binary_remote_addr; } limit_req_zone $limited zone=some:1m rate=2r/s;' +
  'limit_conn_zone $binary_remote_addr zone=perip:1m; limit_conn_zone $server_name zone=perserver:1m;';
const around = (inside: string) => `http { ${zones}\n${server(inside)} }`;

interface Mount {
  readonly path: string;
  readonly [field: string]: unknown;
}
function mountsOf(text: string) {
  const { config, text: yaml, notInForce, remarks } = imported(text);
  // What is written is what the gateway takes.
  resolveConfig(config, { env: {} });
  const lines = remarks.filter((remark) => remark?.includes('NOT IN FORCE'));
  expect(lines).toHaveLength(notInForce);
  return { mounts: config['mounts'] as Mount[], yaml, notInForce, lines };
}

describe('carried over: the same protection, and nothing that is not in force', () => {
  test.each<[string, object]>([
    ['limit_except GET { deny all; }', { methods: ['GET', 'HEAD'] }],
    ['limit_except GET POST OPTIONS { deny all; }', { methods: ['GET', 'HEAD', 'POST', 'OPTIONS'] }],
    ['limit_except POST { deny all; }', { methods: ['POST'] }],
    ['limit_except GET { allow 10.0.0.0/8; deny all; }', { methods: ['GET', 'HEAD'] }],
    ['limit_except GET HEAD { auth_basic "x"; }', { methods: ['GET', 'HEAD'] }],
    ['limit_except GET { allow all; }', {}],
    ['if ($request_method !~ ^(GET|HEAD|POST)$) { return 405; }', { methods: ['GET', 'HEAD', 'POST'] }],
    ['if ($request_method !~ "^(?:GET|HEAD)$" ) { return 444; }', { methods: ['GET', 'HEAD'] }],
    ['if ($request_method !~* ^(get|post)$) { return 405; }', { methods: ['GET', 'HEAD', 'POST'] }],
    ['if ($request_method != GET) { return 403; }', { methods: ['GET', 'HEAD'] }],
    [
      'if ($request_method = DELETE) { return 403; }',
      { methods: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', ...webdav] },
    ],
    [
      'if ($request_method ~* ^(PUT|PATCH|DELETE)$) { return 403; }',
      { methods: ['GET', 'HEAD', 'OPTIONS', 'POST', ...webdav] },
    ],
    ['limit_except GET POST { deny all; } if ($request_method = POST) { return 405; }', { methods: ['GET', 'HEAD'] }],
    ['if ($request_method = TRACE) { return 405; }', {}],
    [
      'if ($request_method ~ ^(TRACE|TRACK)$) { return 405; }',
      { methods: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', ...webdav] },
    ],
    [
      'if ($request_method ~ ^P) { return 405; }',
      { methods: ['GET', 'HEAD', 'DELETE', 'MKCOL', 'MOVE', 'LOCK', 'UNLOCK'] },
    ],
    ['if ($remote_addr != 10.0.0.7) { return 403; }', { allow: ['10.0.0.7'] }],
    ['allow 10.0.0.0/8; allow unix:; deny all;', { allow: ['10.0.0.0/8'] }],
    ['allow 10.1.1.7/16; deny all; allow all;', { allow: ['10.1.1.7/16'] }],
    ['allow all;', {}],
    [
      'deny 192.168.1.1; allow 192.168.1.0/30; allow 10.1.1.0/16; allow 2001:db8::/32; deny all;',
      { allow: ['192.168.1.0', '192.168.1.2/31', '10.1.0.0/16', '2001:db8::/32'] },
    ],
    ['limit_req zone=ip;', { rateLimit: { requests: 10, per: '1s' } }],
    ['limit_req zone=ip burst=20 nodelay;', { rateLimit: { requests: 20, per: '2s' } }],
    ['limit_req zone=ip burst=5 delay=3;', { rateLimit: { requests: 10, per: '1s' } }],
    ['limit_req zone=slow;', { rateLimit: { requests: 5, per: '1m' } }],
    ['limit_req zone=slow burst=10;', { rateLimit: { requests: 10, per: '2m' } }],
    ['limit_req zone=some;', { rateLimit: { requests: 2, per: '1s' } }],
    ['limit_req zone=all; limit_req_dry_run on;', {}],
    ['limit_conn perserver 20;', { limits: { connections: 20, queue: 0 } }],
    ['auth_basic off;', {}],
    ['auth_request off; auth_jwt off; modsecurity off;', {}],
    ['proxy_set_header Proxy "";', {}],
    ['proxy_set_header X-Forwarded-User "";', {}],
    ['proxy_set_header X-SSL-Client-DN "";', {}],
    ['if ($https != on) { return 301 https://$host$request_uri; }', {}],
    ['if ($http_x_key = abc) { set $known 1; }', {}],
    [
      'if ($request_method !~ ^(GET|HEAD|OPTIONS)$) { return 302 /read-only; }',
      { methods: ['GET', 'HEAD', 'OPTIONS'] },
    ],
    [
      'if ($request_method ~ ^(POST|PUT|DELETE)$) { proxy_pass http://writer; }',
      { methods: ['GET', 'HEAD', 'OPTIONS', 'PATCH', ...webdav] },
    ],
    ['if ($request_method = HEAD) { return 200; }', {}],
    ['if (-f /run/maintenance) { return 503; }', {}],
    ['if (-f $document_root/maintenance.html) { return 503; }', {}],
    ['proxy_set_header X-Client-IP $remote_addr;', {}],
    ['if ($request_method = OPTIONS) { add_header X-A b; return 204; }', {}],
  ])('%s', (inside, more) => {
    const { mounts, notInForce } = mountsOf(around(`location / { ${pass} ${inside} }`));
    expect([mounts, notInForce]).toEqual([[{ path: '/', target: 'http://t:1', host: 'target', ...more }], 0]);
  });

  test('what stands around the location is inherited as nginx inherits it', () => {
    const inside = `allow 10.0.0.0/8; deny all; limit_req zone=ip; auth_basic x;
      location /own/ { ${pass} allow 127.0.0.1; deny all; auth_basic off; }
      location /in/ { ${pass} auth_basic off; limit_except GET { deny all; } location /in/side/ { ${pass} } }`;
    const { mounts, notInForce } = mountsOf(around(inside));
    expect(notInForce).toBe(0);
    expect(mounts).toMatchObject([
      { path: '/own', allow: ['127.0.0.1'], rateLimit: {} },
      { path: '/in', allow: ['10.0.0.0/8'], methods: ['GET', 'HEAD'] },
      { path: '/in/side', allow: ['10.0.0.0/8'] },
    ]);
    expect(mounts[2]).not.toHaveProperty('methods');
  });

  test('a deny all around all locations lets nobody in, and needs no remark', () => {
    expect(mountsOf(around(`deny all; location / { ${pass} }`))).toMatchObject({
      mounts: [{ path: '/', allow: [] }],
      notInForce: 0,
    });
  });
});

describe('not carried over: told of above the mount, which is closed', () => {
  const inPlace = [
    ...['auth_basic "x";', 'auth_basic $realm;', 'auth_request /auth;', 'auth_jwt "x";', 'auth_digest "x";'],
    ...['auth_pam "x";', 'auth_ldap "x";', 'access_by_lua_block { ngx.exit(403) }', 'access_by_lua_file /x.lua;'],
    ...['rewrite_by_lua_block { x() }', 'js_access main.check;', 'modsecurity on;', 'SecRulesEnabled;'],
    ...['valid_referers none;', 'secure_link $arg_md5;', 'secure_link_secret x;', 'proxy_method GET;'],
    ...['proxy_pass_request_headers off;', 'deny 10.0.0.1; allow all;', 'deny 10.0.0.1;', 'allow nonsense; deny all;'],
    ...['limit_req zone=all;', 'limit_req zone=key;', 'limit_req zone=none;', 'limit_conn perip 10;'],
    ...['limit_req zone=ip burst=$x;', 'limit_req zone=ip; limit_req zone=slow;', 'limit_except FOO { deny all; }'],
    ...['proxy_set_header X-WEBAUTH-USER $remote_user;', 'proxy_set_header X-My-User "";'],
    ...['proxy_set_header X-Role viewer;', 'proxy_set_header X-Api-Key secret;', 'proxy_set_header Cookie "";'],
    ...['proxy_set_header X-Mine $upstream_http_x_user;', 'proxy_set_header X-SSL-Client-DN $ssl_client_s_dn;'],
    ...['if ($ssl_client_verify != SUCCESS) { return 403; }', 'if ($http_x_key != "s3cret") { return 401; }'],
    ...['if ($http_authorization = "") { return 401; }', 'if ($arg_key != a) { return 404; }'],
    ...['if ($invalid_referer) { return 403; }', 'if ($secure_link = "") { return 403; }', 'if ($x) { return 444; }'],
    ...['if ($remote_addr ~ ^10\\.) { return 403; }', 'if ($remote_addr = 10.0.0.1) { return 403; }'],
    ...['if ($http_user_agent ~* (bot|curl)) { return 403; }', 'if ($request_uri ~ /admin) { return 403; }'],
    ...['if ($cookie_session = "") { return 302 /login; }', 'if ($cookie_session = "") { return 302 https://sso/x; }'],
    ...['if ($cookie_session = "") { rewrite ^ /login last; }', 'if ($http_x_key = "") { proxy_pass http://no; }'],
    ...['if ($http_x_key = abc) { break; } return 403;', 'if ($request_method !~ ^P) { return 405; }'],
    ...['if ($host !~ ^a) { return 444; }', 'if ($scheme != https) { return 403; }'],
    ...['error_page 418 = @x; if ($http_k = "") { return 418; }', 'satisfy any; deny all; auth_basic x;'],
    ...['if (!-f /keys/$arg_key) { return 503; }', 'if (!-f /sessions/$cookie_sid) { return 302 /login; }'],
    ...['proxy_set_header X-Peer-Address $remote_addr;', 'proxy_set_header X-Country $geoip_country_code;'],
    ...[
      'if ($request_method = HEAD) { return 405; }',
      'set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP; allow 10.0.0.0/8; deny all;',
    ],
  ];
  test.each(inPlace)('%s', (inside) => {
    const { mounts, yaml, notInForce, lines } = mountsOf(around(`location / { ${pass} ${inside} }`));
    expect(notInForce).toBeGreaterThan(0);
    expect(mounts).toEqual([expect.objectContaining({ path: '/', allow: [] })]);
    for (const line of lines) expect(yaml.indexOf('mounts:')).toBeLessThan(yaml.indexOf(line!));
    expect(yaml).toMatch(/^ +# allow: .+\n +allow: \[\]$/m);
  });

  test.each([
    'auth_basic "x";',
    'auth_request /auth;',
    'access_by_lua_block { ngx.exit(403) }',
    'limit_conn perip 10;',
    'if ($http_x_key != "s3cret") { return 403; }',
    'proxy_set_header X-Role viewer;',
    'return 403;',
  ])('for all of a server: %s', (inside) => {
    const { mounts, notInForce } = mountsOf(around(`${inside} location /a/ { ${pass} } location /b/ { ${pass} }`));
    expect(mounts).toMatchObject([{ allow: [] }, { allow: [] }]);
    expect(notInForce).toBe(2);
  });

  test('the line that opens it keeps what is carried over', () => {
    const { yaml, mounts } = mountsOf(around(`location / { ${pass} allow 10.0.0.0/8; deny all; auth_basic x; }`));
    expect(mounts[0]).toMatchObject({ allow: [] });
    expect(yaml).toContain('# allow: ["10.0.0.0/8"]\n    allow: []');
  });

  test('where an address or a password was enough, the addresses still are', () => {
    const inside = 'satisfy any; allow 10.0.0.0/8; deny all; auth_basic x;';
    expect(mountsOf(around(`location / { ${pass} ${inside} }`))).toMatchObject({
      mounts: [{ allow: ['10.0.0.0/8'] }],
      notInForce: 1,
    });
  });

  test('fields of a place replace all those around it, as in nginx', () => {
    const inside = `proxy_set_header X-Role viewer; location /a/ { ${pass} proxy_set_header Host $host; } location /b/ { ${pass} }`;
    const { mounts, notInForce } = mountsOf(around(inside));
    expect(mounts).toMatchObject([{ path: '/a' }, { path: '/b', allow: [] }]);
    expect(mounts[0]).not.toHaveProperty('allow');
    expect(notInForce).toBe(1);
  });
});

describe('locations that are no mounts', () => {
  const tool = `location / { ${pass} }`;

  test.each<[string, string[]]>([
    ['location /x/ { deny all; }', ['/x']],
    ['location = /x { return 404; }', ['/x']],
    ['location ~ ^/(metrics|debug)(/|$) { return 403; }', ['/metrics', '/debug']],
    ['location ~* ^/server-status$ { deny all; }', ['/server-status']],
    ['location ~ ^/\\.git/ { deny all; }', ['/.git']],
    [`location /x/ { internal; ${pass} location /x/y/ { ${pass} } }`, ['/x', '/x/y']],
    [`location /old/ { return 410; ${pass} }`, ['/old']],
  ])('refused by nginx, and denied: %s', (inside, deny) => {
    expect(mountsOf(server(`${inside} ${tool}`))).toMatchObject({ mounts: [{ path: '/', deny }], notInForce: 0 });
  });

  test.each([
    'location ~ /\\. { deny all; }',
    'location ~* \\.(git|env|bak)$ { return 404; }',
    'location ~ ^/admin { auth_basic x; proxy_pass http://t:1; }',
    'location ~ ^/metrics { deny all; }',
    'location ~ ^/admin { proxy_set_header X-Role viewer; proxy_pass http://t:1; }',
    'location ~ ^/a|^/b/ { deny all; }',
    'location ~ \\.php$ { if ($http_k = "") { return 403; } fastcgi_pass x:1; }',
    'rewrite ^/admin /denied last; location /denied { return 403; }',
    'rewrite ^/admin /denied/x?why=$1 break; location = /denied/x { internal; return 403; }',
    'if ($request_uri ~ admin) { rewrite ^ /denied; } location ^~ /denied { deny all; }',
    'location = / { return 403; }',
    'location = / { auth_basic x; root /x; }',
  ])('guarded by nginx, and the mount that it falls to is closed: %s', (inside) => {
    expect(mountsOf(server(`${inside} ${tool}`))).toMatchObject({ mounts: [{ path: '/', allow: [] }], notInForce: 1 });
  });

  test.each([
    ['location /x/ { auth_basic x; proxy_pass http://unix:/x; }', 1],
    ['location /x/ { auth_basic x; fastcgi_pass x:1; }', 1],
    ['location /x/ { try_files /no @x; proxy_pass_header X; } location @x { auth_basic x; proxy_pass http://u:1; }', 1],
    [
      'location /x/ { error_page 418 = @x; return 418; } location @x { allow 10.0.0.0/8; deny all; proxy_pass http://u:1; }',
      1,
    ],
    ['location ~ ^/x/ { auth_basic x; proxy_pass http://u:1; }', 1],
    ['location = /x { auth_basic x; proxy_pass http://t/y; }', 1],
    // What nginx served by itself is gone with its password.
    ['location /x/ { auth_basic x; root /x; }', 0],
    ['location /x/ { allow 10.0.0.0/8; deny all; stub_status; }', 0],
  ])('guarded by nginx and left out: its path is closed, and the mount is not: %s', (inside, gone) => {
    const { mounts, notInForce, yaml } = mountsOf(server(`${inside} ${tool}`));
    expect(mounts).toEqual([{ path: '/', target: 'http://t:1', host: 'target', deny: ['/x'] }]);
    expect(notInForce).toBe(gone);
    expect(yaml).toMatch(/its path is (closed|denied)/);
  });

  test('patterns do not reach where nginx does not try them', () => {
    const inside = `location ~ /\\. { deny all; } location ^~ /a/ { ${pass} } location = /b { ${pass} } location ~ ^/c/x { deny all; } location /d/ { ${pass} }`;
    const { mounts } = mountsOf(server(inside));
    expect(mounts.map(({ path, allow }) => [path, allow])).toEqual([
      ['/a', undefined],
      ['/b', undefined],
      ['/d', []],
    ]);
  });

  test('a mount in another that is less guarded is not reached by another spelling', () => {
    const { mounts } = mountsOf(server(`${tool} location /admin/ { ${pass} allow 10.0.0.0/8; deny all; }`));
    expect(mounts).toMatchObject([
      { path: '/', deny: ['/admin'] },
      { path: '/admin', allow: ['10.0.0.0/8'] },
    ]);
  });

  test('a single path takes nothing that another location guarded', () => {
    const { mounts } = mountsOf(server(`location / { auth_basic x; ${pass} } location = /health { ${pass} }`));
    expect(mounts).toMatchObject([
      { path: '/', allow: [] },
      { path: '/health', allow: [] },
    ]);
  });

  test('a rewrite in the tool itself, and those that lead to what is open', () => {
    const inside = `location / { ${pass} rewrite ^/admin /denied last; rewrite ^/old /a/old last; } location /denied { return 403; }
      location /a/ { ${pass} rewrite ^/a/x /denied/in/x last; rewrite ^/a/(.*)$ /$1 break; } location /denied/in/ { ${pass} }`;
    const { mounts, notInForce } = mountsOf(server(inside));
    expect(mounts.map(({ path, allow }) => [path, allow])).toEqual([
      ['/', []],
      ['/a', undefined],
      ['/denied/in', undefined],
    ]);
    expect(notInForce).toBe(1);
  });

  test('a tool that try_files never asks, since it hands on to a named location with a password', () => {
    const inside = `location / { try_files /no @x; ${pass} } location @x { auth_basic x; ${pass} }`;
    expect(mountsOf(server(inside))).toMatchObject({ mounts: [{ path: '/', allow: [] }], notInForce: 1 });
    const open = `location / { try_files /no @x; ${pass} } location @x { ${pass} }`;
    expect(mountsOf(server(open)).notInForce).toBe(0);
  });

  test('the root alone is not all that is below it', () => {
    const { mounts, notInForce } = mountsOf(server(`location = / { ${pass} }`));
    expect(mounts).toMatchObject([{ path: '/', allow: [] }]);
    expect(notInForce).toBe(1);
  });

  test('two locations of one mount: what guarded either is told of', () => {
    const { mounts, notInForce } = mountsOf(
      server(`location = /a/ { ${pass} auth_basic x; } location /a/ { ${pass} }`),
    );
    expect(mounts).toMatchObject([{ path: '/a', allow: [] }]);
    expect(notInForce).toBe(1);
  });

  test('what nginx answers itself is no mount', () => {
    const { mounts } = mountsOf(server(`location /old/ { return 301 /new/; ${pass} } location /a/ { ${pass} }`));
    expect(mounts.map(({ path }) => path)).toEqual(['/a']);
  });

  test.each([
    ['location ~ ^/api/(.*)$ { proxy_pass http://u/$1; }', /no patterns.*falls to the mount \/ \(line 1\) now/],
    ['location /static/ { root /x; }', /is left out; what it took falls to the mount \/ \(line 1\) now/],
    ['location ~ \\.css$ { root /x; }', /falls to the mount \/ \(line 1\) now/],
  ])('says where it falls to: %s', (inside, remark) => {
    const { remarks, notInForce } = imported(server(`${tool} ${inside}`));
    expect(remarks).toEqual(expect.arrayContaining([expect.stringMatching(remark)]));
    expect(notInForce).toBe(0);
  });
});

describe('client certificates', () => {
  const tls = 'listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;';
  const asked = `${tls} ssl_client_certificate ca.crt;`;
  const https = (text: string) => imported(text).config['listen'].https;

  test('asked for on: required; optional with a refusal of those without one: required too', () => {
    expect(https(`server { ${asked} ssl_verify_client on; location / { ${pass} } }`)).not.toHaveProperty('clientAuth');
    const refusing = `server { ${asked} ssl_verify_client optional; if ($ssl_client_verify != "SUCCESS") { return 403; } location / { ${pass} } }`;
    expect(https(refusing)).toMatchObject({ clientCa: '/etc/nginx/ca.crt' });
    expect(https(refusing)).not.toHaveProperty('clientAuth');
    expect(imported(refusing).notInForce).toBe(0);
  });

  test.each([
    [
      'a location alone refuses',
      `${asked} ssl_verify_client optional;`,
      'if ($ssl_client_verify != SUCCESS) { return 403; }',
    ],
    [
      'the plain port refuses too',
      `listen 80; ${asked} ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }`,
      '',
    ],
    ['certain people', `${asked} ssl_verify_client on; if ($ssl_client_s_dn !~ CN=ops) { return 403; }`, ''],
    ['revoked ones', `${asked} ssl_verify_client on; ssl_crl crl.pem;`, ''],
    ['without an authority', `${tls} ssl_verify_client on;`, ''],
  ])('%s: closed', (_, inside, own) => {
    const { config, notInForce } = imported(`server { ${inside} location / { ${pass} ${own} } }`);
    expect(config['mounts']).toMatchObject([{ allow: [] }]);
    expect(notInForce).toBe(1);
  });

  test('of a server that asks for others than the first', () => {
    const { config, notInForce } = imported(
      `server { ${tls} server_name a; location /a/ { ${pass} } } server { ${asked} server_name b; ssl_verify_client on; location /b/ { ${pass} } }`,
    );
    expect(config['mounts']).toMatchObject([{ path: '/a' }, { path: '/b', allow: [] }]);
    expect(notInForce).toBe(1);
  });
});

test.each([
  ['another address', 'listen 80;', 'listen 127.0.0.1:80;'],
  ['a port more', 'listen 80; listen 443 ssl;', 'listen 443 ssl;'],
  ['https alone', 'listen 443 ssl;', 'listen 80;'],
])('a server is not served where nginx did not serve it: %s', (_, first, second) => {
  const { config } = imported(
    `server { ${first} server_name a; location /a/ { ${pass} } } server { ${second} server_name b; location /b/ { ${pass} } }`,
  );
  expect(config['mounts']).toEqual([expect.objectContaining({ path: '/a' })]);
  expect(config['hosts']).toEqual(['a']);
});

test.each<[string, string[] | undefined]>([
  ['set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;', ['10.0.0.0/8']],
  [
    'set_real_ip_from 10.0.0.1; set_real_ip_from unix:; set_real_ip_from lb.example; real_ip_header x-forwarded-for;',
    ['10.0.0.1'],
  ],
  ['set_real_ip_from 10.0.0.0/8;', undefined],
  ['set_real_ip_from 10.0.0.0/8; real_ip_header X-Real-IP;', undefined],
  ['set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP;', undefined],
  ['set_real_ip_from 10.0.0.0/8; real_ip_header proxy_protocol;', undefined],
])('trustedProxies: %s', (inside, proxies) => {
  const { config } = imported(server(`${inside} location / { ${pass} }`));
  resolveConfig(config, { env: {} });
  expect(config['trustedProxies']).toEqual(proxies);
});

test.each(['X-Forwarded-User', 'X-SSL-Client-DN', 'X-Real-IP', 'Proxy', 'X-WEBAUTH-USER', 'Remote-User', 'X-My-User'])(
  'taken out by nginx, and closed unless the gateway takes it out of every request itself: %s',
  (field) => {
    const { notInForce, mounts } = mountsOf(server(`location / { ${pass} proxy_set_header ${field} ""; }`));
    const isKept = requestFieldEnds(field.toLowerCase());
    expect([notInForce, mounts[0]?.['allow']]).toEqual(isKept ? [0, undefined] : [1, []]);
  },
);

test('what is off needs no word', () => {
  const { remarks } = imported(server(`auth_basic off; location / { ${pass} auth_request off; modsecurity off; }`));
  expect(remarks).toEqual([]);
});

test('a place that nginx guarded by the beginning of its name is told of, since a mount is whole segments', () => {
  for (const inside of [
    `location /adm { allow 10.0.0.0/8; deny all; ${pass} }`,
    `location /adm { deny all; }`,
    `location /adm { ${pass} allow 10.0.0.0/8; deny all; } location /adm/ { ${pass} allow 10.0.0.0/8; deny all; }`,
  ])
    expect(imported(server(`location / { ${pass} } ${inside}`)).remarks).toEqual([
      expect.stringMatching(/nginx (guarded|refused) \/admx as well/),
    ]);
});

test('a rate that nginx counted for several mounts together is said to count for each', () => {
  const inside = `limit_req zone=ip; location /a/ { ${pass} } location /b/ { ${pass} }`;
  const { config, remarks } = imported(around(inside));
  expect(config['mounts']).toMatchObject([{ rateLimit: {} }, { rateLimit: {} }]);
  expect(remarks).toEqual(
    expect.arrayContaining([expect.stringMatching(/limit_req zone=ip: each of 2 mounts counts/)]),
  );
});

test('a redirect to https that another has to make is told of', () => {
  const { config, remarks } = imported(
    server(`if ($http_x_forwarded_proto != https) { return 301 https://$host$request_uri; } location / { ${pass} }`),
  );
  expect(config['listen']).toMatchObject({ https: 'off', http: { mode: 'serve' } });
  expect(remarks).toEqual([expect.stringMatching(/if .*: there is no https here/)]);
});

test('too many locations for all to be looked at together end in a sentence', () => {
  const locations = Array.from({ length: 6_000 }, (_, i) => `location ~ ^/${i} { deny all; }`).join('\n');
  expect(() => imported(server(`${locations} location / { ${pass} }`))).toThrow(/too many to be looked at together/);
});

describe('a tool at the names of two servers: what guarded it at one name is told of, and the mount is closed', () => {
  const open = `server { listen 80; server_name a.test; location / { ${pass} } }`;
  const guarded = [
    `auth_basic x; location / { ${pass} }`,
    `allow 10.0.0.0/8; deny all; location / { ${pass} }`,
    `location / { limit_except GET { deny all; } ${pass} }`,
    `location / { if ($http_x_key = "") { return 403; } ${pass} }`,
    `location / { ${pass} } location /admin/ { deny all; }`,
  ];
  test.each(guarded)('%s', (inside) => {
    const other = `server { listen 80; server_name b.test; ${inside} }`;
    const { mounts, notInForce } = mountsOf(`${open} ${other}`);
    expect(mounts).toMatchObject([{ path: '/', allow: [] }]);
    expect(notInForce).toBeGreaterThan(0);
    // The first server's mount is the one that is served: this one is as guarded as it was.
    expect(mountsOf(`${other} ${open}`).mounts).toEqual(mountsOf(other).mounts);
  });

  test('a mount that another server refuses', () => {
    const one = `server { listen 80; server_name a.test; location /a/ { ${pass} } }`;
    const other = `server { listen 80; server_name b.test; location / { ${pass} } location /a/ { deny all; } }`;
    expect(mountsOf(`${one} ${other}`).mounts).toMatchObject([{ path: '/a', allow: [] }, { path: '/' }]);
  });

  test('the same guard at both is told of once', () => {
    const both = ['a', 'b'].map(
      (name) => `server { listen 80; server_name ${name}.test; auth_basic x; location / { ${pass} } }`,
    );
    expect(mountsOf(both.join(' '))).toMatchObject({ mounts: [{ path: '/', allow: [] }], notInForce: 1 });
  });

  test('another tool is another matter', () => {
    const other = 'server { listen 80; server_name b.test; location /b/ { auth_basic x; proxy_pass http://u:1; } }';
    const { mounts } = mountsOf(`${open} ${other}`);
    expect(mounts).toMatchObject([{ path: '/' }, { path: '/b', allow: [] }]);
    expect(mounts[0]).not.toHaveProperty('allow');
  });
});

test.each([
  'if ($scheme != https) { return 403; }',
  'ssl_client_certificate /c; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }',
])('a redirect of one name to https takes no guard off a server without https: %s', (inside) => {
  const { mounts, notInForce } = mountsOf(
    server(`if ($host = www.a.test) { return 301 https://a.test$request_uri; } ${inside} location / { ${pass} }`),
  );
  expect(mounts).toMatchObject([{ path: '/', allow: [] }]);
  expect(notInForce).toBe(1);
});
