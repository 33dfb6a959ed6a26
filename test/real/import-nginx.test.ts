import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { builtProgram } from '../support/built-program';
import { startGateway, temporaryFolder, testConfig, type RawConfig, type TestGateway } from '../support/gateway';
import { pathRecipe, standardRecipe, startNginx, type Nginx, type NginxServer } from '../support/nginx';
import { startProgram } from '../support/program';
import { RawClient } from '../support/raw-client';
import type { Recorded, RecordingUpstream } from '../support/upstreams';
import { startAnsweringTool } from './answering-tool';
import { field, readAnswer, type Answer } from './read-answer';

/** A real nginx, and the gateway with what import-nginx makes of the file that this nginx runs with. */
interface Pair {
  readonly nginx: Nginx;
  readonly gateway: TestGateway;
  readonly yaml: string;
  readonly said: string;
  readonly checked: number | NodeJS.Signals;
}

let tool: RecordingUpstream;
const pairs = new Map<string, Pair>();

async function run(...args: string[]) {
  const program = await startProgram(process.execPath, [builtProgram(), ...args]);
  const code = await program.ended;
  return { code, output: program.output };
}

async function pairOf(server: NginxServer, shared = ''): Promise<Pair> {
  const nginx = await startNginx([server], shared);
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  const { output: said } = await run('import-nginx', nginx.file, '--output', file);
  const { code: checked } = await run('check', '--config', file);
  const yaml = readFileSync(file, 'utf8');
  const config = parse(yaml) as RawConfig & { listen: { https: unknown; http: unknown } };
  // nginx has these ports already.
  const free = (listen: unknown) => (listen === 'off' ? 'off' : { ...(listen as object), port: 0 });
  const listen = { ...config.listen, https: free(config.listen.https), http: free(config.listen.http) };
  return { nginx, gateway: await startGateway({ ...config, listen }), yaml, said, checked };
}

/** What is not kPow's recipe, and still usual: an upstream, a `map`, a base path, a path that is kept, a blocked one. */
const others = (port: number) => `
    location /kept { proxy_pass http://tools; proxy_set_header Host $host; }
    location /based/ {
      proxy_pass http://tools/base/path/;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_http_version 1.1;
      client_max_body_size 2k;
    }
    location ^~ /short { rewrite ^/short(/.*)$ $1 break; proxy_pass http://127.0.0.1:${port}; }
    location /based/metrics/ { deny all; }`;
const shared = (port: number) => `
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream tools { server 127.0.0.1:${port}; keepalive 4; }`;

beforeAll(async () => {
  tool = await startAnsweringTool();
  const at = `localhost:${tool.port}`;
  const { https } = testConfig({ mounts: [{ path: '/', target: tool.url }] }).listen;
  // Makes the certificate.
  await (await startGateway({ mounts: [{ path: '/', target: tool.url }] })).stop();
  pairs.set('standard', await pairOf({ locations: standardRecipe(at) }));
  pairs.set('path', await pairOf({ locations: pathRecipe(at) }));
  pairs.set('path over TLS', await pairOf({ locations: pathRecipe(at), tls: https! }));
  pairs.set('others', await pairOf({ locations: others(tool.port) }, shared(tool.port)));
}, 60_000);
afterAll(async () => {
  for (const { nginx, gateway } of pairs.values()) await Promise.all([nginx.stop(), gateway.stop()]);
  await tool.close();
});

interface Outcome {
  readonly tool: Recorded | null;
  readonly answer: Answer;
}

async function exchange(port: number, tls: boolean, request: string, bytes: string | null): Promise<Outcome> {
  tool.requests.length = 0;
  const client = await RawClient.connect(port, tls);
  client.write(request.replaceAll('{public}', String(port)));
  if (bytes !== null) {
    await client.until('\r\n\r\n');
    client.write(bytes);
  }
  const text = (await client.end()).replaceAll(`:${port}`, ':{public}');
  const [got] = tool.requests;
  return { tool: got ?? null, answer: readAnswer(text) };
}

interface Asked {
  readonly method?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
  readonly bytes?: string;
}

/** The same bytes to both. */
async function ask(
  setup: string,
  target: string,
  { method = 'GET', fields = ['Connection: close'], ...more }: Asked = {},
) {
  const { nginx, gateway } = pairs.get(setup)!;
  const tls = setup === 'path over TLS';
  const request = [`${method} ${target} HTTP/1.1`, 'Host: kpow.info:{public}', ...fields, '', more.body ?? ''].join(
    '\r\n',
  );
  return {
    nginx: await exchange(nginx.ports[0]!, tls, request, more.bytes ?? null),
    gateway: await exchange(tls ? gateway.httpsPort : gateway.httpPort, tls, request, more.bytes ?? null),
  };
}

/** What the recipe is about. */
const documented = ['upgrade', 'connection', 'x-real-ip', 'x-forwarded-for'];

function seen({ tool: got, answer }: Outcome, fields: readonly string[] = documented.slice(2)) {
  return {
    method: got?.method,
    url: got?.url,
    host: got?.headers.host?.replace(/^(kpow\.info):\d+$/, '$1:{public}'),
    body: got?.body.toString('latin1'),
    fields: fields.map((name) => [name, String(got?.headers[name]).toLowerCase()]),
    status: answer.status,
    answered: answer.body,
  };
}

test.each(['standard', 'path', 'path over TLS'])('%s: nothing is to be said of it, and check takes it', (setup) => {
  const { said, yaml, checked } = pairs.get(setup)!;
  expect(said).toMatch(/1 mount; everything is carried over/);
  expect(yaml).not.toContain('What could not be carried over');
  expect(checked).toBe(0);
});

describe.each([
  ['standard', ''],
  ['path', '/kpow'],
  ['path over TLS', '/kpow'],
])('%s: the same as through nginx', (setup, prefix) => {
  test.each(['/', '/x', '/x/', '/a%20b/c.js?x=%2F&y', '/x?next=/kpow/y', '/kpow/x', '/x?status=404', '/x?status=503'])(
    'the path %s',
    async (target) => {
      const { nginx, gateway } = await ask(setup, prefix + target);
      expect(nginx.tool).not.toBeNull();
      expect(seen(gateway)).toEqual(seen(nginx));
      expect(gateway.tool?.url).toBe(target);
      expect(gateway.tool?.headers.host).toMatch(/^kpow\.info:\d+$/);
    },
  );

  test('a body', async () => {
    const { nginx, gateway } = await ask(setup, `${prefix}/x`, {
      method: 'POST',
      fields: ['Connection: close', 'Content-Length: 5'],
      body: 'hello',
    });
    expect(seen(gateway)).toEqual(seen(nginx));
    expect(gateway.tool?.body.toString()).toBe('hello');
  });

  test('a websocket', async () => {
    const { nginx, gateway } = await ask(setup, `${prefix}/chsk?client-id=1`, {
      fields: [
        ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
        ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: two'],
      ],
      bytes: 'frame',
    });
    expect(nginx.answer.status).toBe(101);
    expect(seen(gateway, documented)).toEqual(seen(nginx, documented));
    expect(gateway.answer.body).toBe('frame');
  });

  const landing = (location: string | null) =>
    new URL(
      (location ?? 'nowhere:').replace('{public}', '1'),
      `${setup.endsWith('TLS') ? 'https' : 'http'}://kpow.info:1${prefix}/`,
    ).href;

  test.each([
    ...['next', '?a=1', 'https://login.example/x', '//login.example/x'],
    // nginx's default redirect of the standard recipe knows the target with its port, the path recipe the name without.
    prefix === '' ? 'http://localhost:{tool}/next' : 'http://localhost/next',
  ])('a redirect to %s', async (to) => {
    const { nginx, gateway } = await ask(
      setup,
      `${prefix}/redirect?to=${encodeURIComponent(to).replace('%7Btool%7D', String(tool.port))}`,
    );
    expect([gateway.answer.status, nginx.answer.status]).toEqual([302, 302]);
    expect(landing(field(gateway.answer, 'location'))).toBe(landing(field(nginx.answer, 'location')));
  });
});

describe('other usual configurations: the same as through nginx', () => {
  test('what differs is told of, and check takes it', () => {
    const { yaml, checked } = pairs.get('others')!;
    expect([...yaml.matchAll(/# \S*nginx\.conf:\d+: (.*)/g)].map(([, remark]) => remark)).toEqual([]);
    expect(checked).toBe(0);
  });

  test.each([
    ['/kept', '/kept'],
    ['/kept/x?y', '/kept/x?y'],
    ['/based/', '/base/path/'],
    ['/based/x/y?z', '/base/path/x/y?z'],
    ['/short/x', '/x'],
  ])('%s reaches the tool as %s', async (target, url) => {
    const { nginx, gateway } = await ask('others', target);
    for (const { tool: got, answer } of [nginx, gateway]) expect([answer.status, got?.url]).toEqual([200, url]);
  });

  test('what is denied, what is too large, and what nobody serves', async () => {
    const large = { method: 'POST', fields: ['Connection: close', 'Content-Length: 2049'], body: 'x'.repeat(2049) };
    const statuses = async (...args: Parameters<typeof ask>) => {
      const { nginx, gateway } = await ask(...args);
      expect([nginx.tool, gateway.tool]).toEqual([null, null]);
      return [nginx.answer.status, gateway.answer.status];
    };
    expect(await statuses('others', '/based/metrics/x')).toEqual([403, 403]);
    expect(await statuses('others', '/based/x', large)).toEqual([413, 413]);
    expect(await statuses('others', '/nobody')).toEqual([404, 404]);
  });
});

test('a long output arrives whole through a pipe', async () => {
  const file = path.join(temporaryFolder(), 'nginx.conf');
  const server = 'server { listen 80; location / { proxy_pass http://tool:1; } }';
  const unknown = Array.from({ length: 20_000 }, (_, i) => `frobnicate${i} 7;\n`);
  writeFileSync(file, `${unknown.join('')}${server}`);
  const { code, output } = await run('import-nginx', file);
  expect(code).toBe(0);
  expect(output.match(/: frobnicate\d+ 7: /g)).toHaveLength(20_000);
  expect((parse(output.replace(/^1 mount;.*$/m, '')) as RawConfig).mounts).toHaveLength(1);
});

test('what is not in force: the configuration is written, the last line counts it, and exit 3', async () => {
  const folder = temporaryFolder();
  const [file, output] = [path.join(folder, 'nginx.conf'), path.join(folder, 'gateway.yaml')];
  const guarded = (at: string) => `location ${at} { proxy_pass http://tool:1; auth_basic "x"; }`;
  writeFileSync(file, `server { listen 8080; server_name a; ${guarded('/a/')} ${guarded('/b/')} }`);
  const { code, output: said } = await run('import-nginx', file, '--output', output);
  expect([code, said.trim().split('\n').at(-1)]).toEqual([
    3,
    expect.stringMatching(/^2 protections of nginx are NOT IN FORCE/),
  ]);
  expect(readFileSync(output, 'utf8').match(/NOT IN FORCE/g)).toHaveLength(2);
  expect((await run('check', '--config', output)).code).toBe(0);
});

test('what is broken: exit 2, one sentence, and nothing is written', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, 'http {\n');
  const { code, output } = await run('import-nginx', file, '--output', path.join(folder, 'gateway.yaml'));
  expect([code, output]).toEqual([2, `${file}: line 1: the { of "http" is never closed; add its }\n`]);
  expect(readdirSync(folder)).toEqual(['nginx.conf']);
});
