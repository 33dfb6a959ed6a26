import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../support/gateway';
import { startNginx, type Nginx } from '../support/nginx';
import type { RecordingUpstream } from '../support/upstreams';
import { startAnsweringTool } from './answering-tool';
import { heard, importServer, type Imported, type Probe } from './imported-gateway';

/**
 * Whether something is let through is compared with a real nginx: what nginx keeps from a tool, the gateway that
 * import-nginx makes of the same file keeps from it too, whatever is asked for, and however.
 */
interface Setup {
  readonly name: string;
  /** What stands in the server. */
  readonly server: string;
  /** How many protections are not in force; with none, the gateway lets through all that nginx lets through. */
  readonly gone: number;
}

const pass = 'proxy_pass http://tools;';
const setups: readonly Setup[] = [
  { name: 'limit_except', gone: 0, server: `location /a/ { limit_except GET { deny all; } ${pass} }` },
  {
    name: 'limit_except of some methods, with a location in it that has none',
    gone: 0,
    server: `location /a/ { limit_except GET POST { deny all; } ${pass} location /a/in/ { ${pass} } }`,
  },
  {
    name: 'limit_except by address: nobody asks otherwise than by GET',
    gone: 0,
    server: `location /a/ { limit_except GET { allow 10.0.0.0/8; deny all; } ${pass} }`,
  },
  {
    name: 'a method refused by if',
    gone: 0,
    server: `location /a/ { if ($request_method !~ ^(GET|HEAD|POST)$) { return 405; } ${pass} }`,
  },
  {
    name: 'a method refused in a server',
    gone: 0,
    server: `if ($request_method = DELETE) { return 403; } location / { ${pass} }`,
  },
  { name: 'if on a key', gone: 1, server: `location /a/ { if ($http_x_key != "s3cret") { return 403; } ${pass} }` },
  {
    name: 'if on what a map makes of a key, beside a tool without',
    gone: 1,
    server: `location / { ${pass} } location /admin/ { if ($known = 0) { return 401; } ${pass} }`,
  },
  {
    name: 'if in a location, and not in the one inside',
    gone: 1,
    server: `location /a/ { if ($http_x_key = "") { return 403; } ${pass} location /a/in/ { ${pass} } }`,
  },
  {
    name: 'if that goes on, or else a refusal',
    gone: 1,
    server: `location /a/ { if ($http_x_key = s3cret) { break; } return 403; ${pass} }`,
  },
  { name: 'if to a login', gone: 1, server: `location / { if ($cookie_session = "") { return 302 /login; } ${pass} }` },
  {
    name: 'if on an argument, answered by error_page',
    gone: 1,
    server: `location / { error_page 418 = @no; if ($arg_key = "") { return 418; } ${pass} } location @no { return 403; }`,
  },
  {
    name: 'a server that refuses by if',
    gone: 2,
    server: `if ($http_x_key = "") { return 444; } location /a/ { ${pass} } location /b/ { ${pass} }`,
  },
  { name: 'a server that refuses all', gone: 1, server: `return 403; location /a/ { ${pass} }` },
  { name: 'a password', gone: 1, server: `location /a/ { auth_basic x; auth_basic_user_file PASSWORDS; ${pass} }` },
  {
    name: 'a password for all but one',
    gone: 1,
    server: `auth_basic x; auth_basic_user_file PASSWORDS; location / { ${pass} } location /b/ { auth_basic off; ${pass} }`,
  },
  {
    name: 'a password within a tool without',
    gone: 1,
    server: `location / { ${pass} } location /admin/ { auth_basic x; auth_basic_user_file PASSWORDS; ${pass} }`,
  },
  {
    name: 'a password or an address that fits',
    gone: 1,
    server: `location /a/ { satisfy any; allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file PASSWORDS; ${pass} }`,
  },
  {
    name: 'a password or an address that does not fit',
    gone: 1,
    server: `location /a/ { satisfy any; allow 10.0.0.0/8; deny all; auth_basic x; auth_basic_user_file PASSWORDS; ${pass} }`,
  },
  {
    name: 'another server asked',
    gone: 1,
    server: `location /a/ { auth_request /ask; ${pass} } location = /ask { internal; return 403; }`,
  },
  {
    name: 'addresses with holes',
    gone: 0,
    server: `location /a/ { deny 127.0.0.1; allow 127.0.0.0/8; deny all; ${pass} }`,
  },
  {
    name: 'addresses with other holes',
    gone: 0,
    server: `location /a/ { deny 127.0.0.2; allow 127.0.0.0/8; deny all; ${pass} }`,
  },
  { name: 'an address refused', gone: 2, server: `location /a/ { deny 127.0.0.1; allow all; ${pass} }` },
  {
    name: 'addresses around, and others inside',
    gone: 0,
    server: `deny all; location /a/ { ${pass} } location /b/ { allow all; ${pass} }`,
  },
  {
    name: 'an address by if',
    gone: 0,
    server: `location /a/ { if ($remote_addr != 10.0.0.1) { return 403; } ${pass} }`,
  },
  {
    name: 'hidden files',
    gone: 2,
    server: `location ~ /\\. { deny all; } location / { ${pass} } location /a/ { ${pass} } location ^~ /b/ { ${pass} }`,
  },
  {
    name: 'paths by a plain pattern',
    gone: 0,
    server: `location ~ ^/(admin|in)(/|$) { return 404; } location / { ${pass} }`,
  },
  {
    name: 'a tool by a pattern, with a password',
    gone: 1,
    server: `location ~ ^/admin { auth_basic x; auth_basic_user_file PASSWORDS; ${pass} } location / { ${pass} }`,
  },
  {
    name: 'files with a password in a tool',
    gone: 0,
    server: `location /admin/ { auth_basic x; auth_basic_user_file PASSWORDS; root /nowhere; } location / { ${pass} }`,
  },
  {
    name: 'for nginx itself',
    gone: 0,
    server: `location / { ${pass} } location /admin/ { internal; ${pass} location /admin/x/ { ${pass} } }`,
  },
  {
    name: 'a single path that is open in a tool that is not',
    gone: 2,
    server: `location / { auth_basic x; auth_basic_user_file PASSWORDS; ${pass} } location = /b { ${pass} }`,
  },
  {
    name: 'an answer before the tool',
    gone: 0,
    server: `location /admin/ { return 301 /b/; ${pass} } location /a/ { ${pass} }`,
  },
  {
    name: 'a Referer',
    gone: 2,
    server: `location /a/ { valid_referers server_names; if ($invalid_referer) { return 403; } ${pass} }`,
  },
  {
    name: 'a signed link',
    gone: 2,
    server: `location /a/ { secure_link $arg_md5; secure_link_md5 "x$uri"; if ($secure_link = "") { return 403; } ${pass} }`,
  },
  { name: 'who it is', gone: 1, server: `location /a/ { proxy_set_header X-Role viewer; ${pass} }` },
  { name: 'who it is, taken out', gone: 1, server: `location /a/ { proxy_set_header X-Role ""; ${pass} }` },
  {
    name: 'fields of a place replace those around it',
    gone: 1,
    server: `proxy_set_header X-Role ""; location /a/ { ${pass} } location /b/ { proxy_set_header Host $host; ${pass} }`,
  },
  {
    name: 'a rewrite to what is refused',
    gone: 1,
    server: `location / { rewrite ^/admin/ /denied last; ${pass} } location = /denied { internal; return 403; }`,
  },
  {
    name: 'a rewrite to what is refused, in a server',
    gone: 1,
    server: `if ($request_uri ~ admin) { rewrite ^ /denied; } location /denied { deny all; } location / { ${pass} }`,
  },
  {
    name: 'a method that nginx answers',
    gone: 0,
    server: `location / { if ($request_method = DELETE) { return 200 no; } ${pass} }`,
  },
  {
    name: 'a place handed on to a named one with a password',
    gone: 1,
    server: `location /a/ { try_files /no @t; } location @t { auth_basic x; auth_basic_user_file PASSWORDS; ${pass} } location / { ${pass} }`,
  },
  {
    name: 'a file by the name of a key',
    gone: 1,
    server: `location /a/ { if (!-f /nowhere/$http_x_key) { return 503; } ${pass} }`,
  },
  { name: 'the root alone', gone: 1, server: `location = / { ${pass} }` },
  { name: 'no fields of clients', gone: 1, server: `location /a/ { proxy_pass_request_headers off; ${pass} }` },
];

interface Asked extends Probe {
  /** Whether the gateway may refuse it where nginx does not, being stricter with such requests everywhere. */
  readonly odd?: boolean;
}
const plain = ['X-Role: admin'];
const probes: readonly Asked[] = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) => ({
    method,
    target: '/a/x',
    fields: [...plain, 'Content-Length: 0'],
  })),
  ...[
    ...['/', '/x', '/a/', '/a/in/x', '/b', '/b/x', '/admin/', '/admin/x', '/admin/x/y', '/in/x', '/.git/config'],
    ...['/a/.env', '/a/x?key=1', '/login'],
  ].map((target) => ({ method: 'GET', target, fields: plain })),
  ...[
    ...['//admin/x', '/%61dmin/x', '/x/../admin/x', '/./admin/x', '/admin%2fx', '/admin/%2e%2e/admin/x', '/ADMIN/x'],
    ...['//a/x', '/a//x', '/admin;x/y', '/x/%2e%2e/admin/x'],
  ].map((target) => ({ method: 'GET', target, fields: plain, odd: true })),
  ...[
    ['X-Key: s3cret'],
    ['X-Key: other'],
    [`Authorization: Basic ${Buffer.from('me:mine').toString('base64')}`],
    ['Cookie: session=1'],
    ['Referer: https://evil.example/'],
  ].flatMap((fields) => ['/a/x', '/admin/x'].map((target) => ({ method: 'GET', target, fields }))),
  ...[['X-Forwarded-For: 10.0.0.1'], ['X-Real-IP: 127.0.0.1'], ['X-HTTP-Method-Override: DELETE']].map((fields) => ({
    ...{ method: 'GET', target: '/a/x', odd: true },
    fields,
  })),
];

let tool: RecordingUpstream;
let nginx: Nginx;
const gateways = new Map<string, Imported>();

const nameOf = (index: number) => `s${index}.test`;

beforeAll(async () => {
  tool = await startAnsweringTool();
  const passwords = path.join(temporaryFolder(), 'passwords');
  writeFileSync(passwords, 'me:{PLAIN}mine\n');
  const shared = `
    upstream tools { server 127.0.0.1:${tool.port}; }
    map $http_x_key $known { default 0; s3cret 1; }`;
  const servers = setups.map(({ server }, index) => ({
    locations: `server_name ${nameOf(index)}; ${server.replaceAll('PASSWORDS', passwords)}`,
  }));
  nginx = await startNginx(servers, shared);
  for (const [index, { name }] of setups.entries()) {
    gateways.set(name, await importServer(nginx.file, nameOf(index)));
  }
}, 60_000);
afterAll(async () => {
  await Promise.all([...gateways.values()].map(({ gateway }) => gateway.stop()));
  await nginx.stop();
  await tool.close();
});

test.each(setups.map((setup, index) => ({ ...setup, index })))(
  '$name',
  async ({ name, index, gone }) => {
    const { gateway, code, said } = gateways.get(name)!;
    expect([code, said.at(-1)?.startsWith(`${gone} protection`)]).toEqual(gone > 0 ? [3, true] : [0, false]);
    const wider: unknown[] = [];
    const narrower: unknown[] = [];
    for (const probe of probes) {
      const byNginx = await heard(tool, nginx.ports[index]!, nameOf(index), probe);
      const byGateway = await heard(tool, gateway.httpPort, nameOf(index), probe);
      const shown = [probe.method, probe.target, ...probe.fields, byNginx.url, byGateway.url];
      if (byGateway.url !== null && (byNginx.url === null || byGateway.headers['x-role'] !== byNginx.headers['x-role']))
        wider.push(shown);
      if (probe.odd !== true && byGateway.url === null && byNginx.url !== null) narrower.push(shown);
    }
    expect(wider).toEqual([]);
    if (gone === 0) expect(narrower).toEqual([]);
  },
  60_000,
);
