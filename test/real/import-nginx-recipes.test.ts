import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../support/gateway';
import { startNginx, type Nginx } from '../support/nginx';
import type { RecordingUpstream } from '../support/upstreams';
import { startAnsweringTool } from './answering-tool';
import { heard, importServer, type Imported } from './imported-gateway';

/**
 * Servers as people have them. Each path reaches the tool as `[by nginx, by the gateway]`; one text is for both, null for
 * not at all.
 */
interface Recipe {
  readonly file: string;
  readonly paths: Readonly<Record<string, string | null | readonly [string | null, string | null]>>;
  /** The mounts that are closed, and how many lines say that something is not in force. */
  readonly closed: readonly string[];
  readonly gone: number;
  readonly remarks: readonly RegExp[];
}

const recipes: readonly Recipe[] = [
  {
    file: 'metrics-and-dashboards.conf',
    paths: {
      '/grafana/d/1?x=y': ['/grafana/d/1?x=y', null],
      '/grafana/api/live/ws': '/grafana/api/live/ws',
      '/grafana/metrics': null,
      '/prometheus/graph': null,
      '/alertmanager/api/v2/alerts?active=true': '/api/v2/alerts?active=true',
    },
    closed: ['/grafana', '/prometheus'],
    gone: 2,
    remarks: [],
  },
  {
    file: 'one-file-per-tool.conf',
    paths: {
      '/sonarr': null,
      '/sonarr/': '/',
      '/sonarr/calendar?x=1': '/calendar?x=1',
      '/sonarr/api/v3/series': '/sonarr/api/v3/series',
      '/files/x': null,
      '/signalr/negotiate': ['/signalr/negotiate', null],
    },
    closed: ['/files'],
    gone: 1,
    remarks: [/X-Script-Name/, /location ~ \(\/sonarr\)\?\/signalr.*no patterns.*what it took gets 404 now/],
  },
  {
    file: 'behind-a-balancer.conf',
    paths: {
      '/job/1/': '/job/1/',
      '/manage/': null,
      '//manage/': null,
      '/static/0a1b2c3d/logo.png': ['/logo.png', '/static/0a1b2c3d/logo.png'],
    },
    closed: ['/manage'],
    gone: 1,
    remarks: [
      /X-Forwarded-Proto https: nginx listens in plain HTTP here.*trustedProxies/,
      /X-Forwarded-Port 443: nginx listens in plain HTTP/,
      /location ~ .*falls to the mount \/ \(line \d+\)/,
    ],
  },
  {
    file: 'pages-and-an-api.conf',
    paths: {
      '/api/v1/x?y=z': ['//api/v1/x?y=z', '/api/v1/x?y=z'],
      '/registry/subjects': '/subjects',
      '/shop/cart': ['/cart', null],
      '/shop/.env': null,
      '/.git/config': null,
    },
    closed: ['/shop'],
    gone: 1,
    remarks: [
      /acme-challenge\/: is left out: write acme in listen\.https/,
      /fastcgi_pass unix:\/run\/php.sock \(and 7 more like it\)/,
      /location ~ \\\.php\$: is left out: the gateway knows no patterns; what it took falls to the mount \/shop/,
    ],
  },
  {
    file: 'signed-in-elsewhere.conf',
    paths: {
      '/oauth2/start': '/oauth2/start',
      '/oauth2/auth': null,
      '/public/x': '/public/x',
      '/reports': ['/reports', null],
    },
    closed: ['/'],
    gone: 2,
    remarks: [],
  },
];

const folder = path.join(__dirname, 'nginx-recipes');
const nameOf = (index: number) => `r${index}.test`;
let tool: RecordingUpstream;
let nginx: Nginx;
const imports: Imported[] = [];

beforeAll(async () => {
  tool = await startAnsweringTool();
  const passwords = path.join(temporaryFolder(), 'passwords');
  writeFileSync(passwords, 'me:{PLAIN}mine\n');
  const servers = recipes.map(({ file }, index) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const filled = text.replaceAll('PASSWORDS', passwords).replaceAll('TOOLPORT', String(tool.port));
    return { locations: `server_name ${nameOf(index)};\n${filled}` };
  });
  const shared = `
    upstream tools { server 127.0.0.1:${tool.port}; }
    limit_req_zone $binary_remote_addr zone=each:1m rate=100r/s;
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }`;
  nginx = await startNginx(servers, shared);
  for (const index of recipes.keys()) imports.push(await importServer(nginx.file, nameOf(index)));
}, 60_000);
afterAll(async () => {
  await Promise.all(imports.map(({ gateway }) => gateway.stop()));
  await nginx.stop();
  await tool.close();
});

describe.each(recipes.map((recipe, index) => ({ ...recipe, index })))('$file', ({ index, paths, ...expected }) => {
  test.each(Object.entries(paths))('%s', async (target, reached) => {
    const [byNginx, byGateway] = typeof reached === 'string' || reached === null ? [reached, reached] : reached;
    const probe = { method: 'GET', target, fields: [] };
    expect((await heard(tool, nginx.ports[index]!, nameOf(index), probe)).url).toBe(byNginx);
    expect((await heard(tool, imports[index]!.gateway.httpPort, nameOf(index), probe)).url).toBe(byGateway);
  });

  test('what is not in force is told of, counted, and closed', () => {
    const { yaml, config, said, code } = imports[index]!;
    const closed = config.mounts.filter(({ allow }) => Array.isArray(allow) && allow.length === 0);
    expect(closed.map((mount) => mount.path)).toEqual(expected.closed);
    expect(yaml.match(/NOT IN FORCE/g) ?? []).toHaveLength(expected.gone);
    expect([code, said.at(-1)]).toEqual(
      expected.gone > 0
        ? [3, expect.stringMatching(`^${expected.gone} protections? of nginx`)]
        : [0, expect.anything()],
    );
    for (const remark of expected.remarks) expect(yaml).toMatch(remark);
  });
});
