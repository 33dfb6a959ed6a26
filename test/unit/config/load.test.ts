import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { ConfigError } from '../../../src/config/config';
import { generated } from '../../../src/config/generate';
import { loadConfig, resolveConfig } from '../../../src/config/load';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(text: string | Buffer, env: Record<string, string> = {}): readonly string[] {
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  return problemsOfFile(file, env);
}

function problemsOfFile(file: string, env: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(file, env, folder);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const mount = 'mounts:\n  - path: /kpow\n    target: http://localhost:3000\n';
const least = 'mounts: [{ path: /kpow, target: "http://localhost:3000" }]';

test('a YAML file becomes a configuration', () => {
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, `${mount}drain: { timeout: 1.5s }\nlimits: { head: 128KB }\n`);
  const config = loadConfig(file, {}, '/srv/gateway');
  expect(config.mounts[0]).toMatchObject({ path: '/kpow', target: { hostname: 'localhost', port: 3000 } });
  expect(config.drain.timeout).toBe(1500);
  expect(config.limits.head).toBe(128 * 1024);
  expect(config.listen.https).toMatchObject({ cert: '/srv/gateway/certs/tls.crt', key: '/srv/gateway/certs/tls.key' });
});

describe('a file that is no configuration', () => {
  test('there is none', () => {
    expect(problemsOfFile(path.join(folder, 'none.yaml'))).toEqual([
      'there is no such file; name another with --config FILE, or start from one of config/examples/',
    ]);
  });

  test('its message begins with the file', () => {
    const file = path.join(folder, 'none.yaml');
    expect(() => loadConfig(file)).toThrow(`${file}: there is no such file; `);
  });

  test('a folder', () => {
    expect(problemsOfFile(folder)).toEqual(['is a folder; name the file in it']);
  });

  test.each<[string, string | Buffer, string]>([
    ['empty', '', `is empty; write at least ${least}`],
    ['comments alone', '# mounts:\n', `is empty; write at least ${least}`],
    ['a list', '- 1\n', `is not a mapping of keys to values; write at least ${least}`],
    ['a text', 'hello\n', `is not a mapping of keys to values; write at least ${least}`],
    ['not UTF-8', Buffer.from([0x30, 0x82, 0xff]), 'is not a text file in UTF-8; save it as one'],
    ['a key twice', `${mount}mounts: []\n`, 'line 4, column 1: Map keys must be unique; take one of the two out'],
    [
      'two documents',
      `${mount}---\n${mount}`,
      'line 4, column 1: a second document begins here; leave one, without --- in between',
    ],
    [
      'an alias to itself',
      'mounts: &a [*a]\n',
      'has an alias (*name) that leads back into itself; write the values out',
    ],
    [
      'an unknown alias',
      'mounts: *none\n',
      'uses *none without an anchor &none before it; add the anchor, or put quotes around it',
    ],
    [
      'an alias bomb',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...Array.from('bcdefghi').map(
          (key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
        ),
      ].join('\n'),
      'repeats its aliases (*name) too often; write the values out',
    ],
    ['deep nesting', `a: ${'['.repeat(20_000)}`, 'is nested too deeply; write it flatter'],
    ['deep nesting with keys between', `a: ${'[{a: '.repeat(5_000)}`, 'is nested too deeply; write it flatter'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('syntax errors have line and column', () => {
    expect(problemsOf('mounts:\n\t- path: /a\n')[0]).toMatch(/^line 2, column 1: .*; indent with spaces$/i);
    expect(problemsOf('mounts:\n  - path: "/a\n')[0]).toMatch(/^line \d, column \d+: .*; correct the YAML there$/);
  });

  test('a variable in braces without quotes is told how to be written', () => {
    const [problem] = problemsOf('listen: { https: { port: ${PORT:-8443} } }\n');
    expect(problem).toMatch(/^line 1, .*; put quotes around each value with \$\{\.\.\.\} within \{ \} or \[ \]$/);
  });
});

describe('variables', () => {
  const withTarget = (target: string) => `mounts:\n  - path: /kpow\n    target: ${target}\n`;

  test.each([
    ['${URL}', { URL: 'http://a:1' }, 'a:1'],
    ['${URL:-http://b:2}', {}, 'b:2'],
    ['${URL:-http://b:2}', { URL: '' }, 'b:2'],
    ['${URL:-http://b:2}', { URL: 'http://a:1' }, 'a:1'],
    ['http://${HOST}:${PORT:-80}0', { HOST: 'c', PORT: '9' }, 'c:90'],
  ])('%s with %j', (target, env, authority) => {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(file, withTarget(target));
    expect(loadConfig(file, env).mounts[0]?.target.authority).toBe(authority);
  });

  test('one that is not set is told once, with its field', () => {
    expect(problemsOf(withTarget('${URL}'))).toEqual([
      'mounts[0].target: the environment variable URL is not set; set it, or write ${URL:-default}',
    ]);
  });

  test.each([
    ['http://$HOST/', 'mounts[0].target: "$HOST" has no braces; write ${HOST}, or $$ for a plain dollar sign'],
    ['${URL', 'mounts[0].target: "${URL" has no closing brace; write ${NAME}, or $$ for a plain dollar sign'],
    [
      '${URL-x}',
      'mounts[0].target: "${URL-x}" is not understood; write ${NAME} or ${NAME:-default}, or $$ for a plain dollar sign',
    ],
    [
      '${}',
      'mounts[0].target: "${}" is not understood; write ${NAME} or ${NAME:-default}, or $$ for a plain dollar sign',
    ],
  ])('%s is refused', (target, problem) => {
    expect(problemsOf(withTarget(target))).toEqual([problem]);
  });

  test('numbers and switches may come from the environment, and a text of digits stays a text', () => {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(
      file,
      `${mount}    name: \${N}\n    required: \${R}\nlisten: { https: { port: "\${PORT:-9443}" } }\n`,
    );
    const config = loadConfig(file, { N: '42', R: 'true' });
    expect(config.mounts[0]).toMatchObject({ name: '42', required: true });
    expect(config.listen.https?.port).toBe(9443);
  });

  test('a value that comes out empty is as if it were not there', () => {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(file, `${mount}    name: \${N:-}\n`);
    expect(loadConfig(file, {}).mounts[0]?.name).toBe('kpow');
    expect(problemsOf(withTarget('${URL:-}'))).toEqual([
      'mounts[0].target: is missing; write one such as http://localhost:3000',
    ]);
  });

  test('$$ is a plain dollar sign, and what a variable holds is not looked at again', () => {
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(file, `${mount}    name: $\${A} \${B} $5\n`);
    expect(loadConfig(file, { B: '${C} {x: [1' }).mounts[0]?.name).toBe('${A} ${C} {x: [1 $5');
  });

  test('keys are not replaced', () => {
    expect(problemsOf(`${mount}"\${KEY}": 1\n`, { KEY: 'log' })[0]).toMatch(/^\["\$\{KEY\}"\]: unknown key/);
  });

  test('an object of a program is taken as it stands', () => {
    const config = resolveConfig({ mounts: [{ path: '/a', target: 'http://a', name: '${A}' }] });
    expect(config.mounts[0]?.name).toBe('${A}');
  });
});

test('anchors, aliases and merge keys work', () => {
  const file = path.join(folder, 'gateway.yaml');
  const text =
    'timeouts: &slow { response: 5m }\nmounts:\n  - { path: /a, target: "http://a", timeouts: { <<: *slow, idle: 1m } }\n';
  writeFileSync(file, text);
  expect(loadConfig(file, {}).mounts[0]?.timeouts).toEqual({ connect: 5000, response: 300_000, idle: 60_000 });
});

test('five hundred mounts are no trouble', () => {
  const entries = Array.from(
    { length: 500 },
    (_, i) => `  - { path: /tool-${i}, target: "http://tool-${i}:80", health: /up }\n`,
  );
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, `mounts:\n${entries.join('')}`);
  expect(loadConfig(file, {}).mounts).toHaveLength(500);
});

describe('the files that come with the gateway', () => {
  const root = path.join(__dirname, '../../..');

  test('the default serves kPow from where the environment says', () => {
    const file = path.join(root, 'config/gateway.yaml');
    expect(loadConfig(file, {}).mounts).toMatchObject([
      {
        name: 'kPow',
        kind: 'kpow',
        path: '/kpow',
        target: { authority: 'localhost:3000' },
        health: { path: '/healthy' },
      },
    ]);
    expect(loadConfig(file, { KPOW_URL: 'https://kpow', KPOW_PATH: '/' }).mounts).toMatchObject([
      { path: '/', target: { protocol: 'https:', port: 443 } },
    ]);
  });

  const examples = readdirSync(path.join(root, 'config/examples'));
  test.each(examples)('example %s', async (name) => {
    const { cert } = await generate();
    mkdirSync(path.join(folder, 'certs'));
    writeFileSync(path.join(folder, 'certs/kpow-ca.crt'), cert);
    const file = path.join(root, 'config/examples', name);
    const config = loadConfig(file, {}, folder);
    expect(config.mounts[0]).toMatchObject({ name: 'kPow', kind: 'kpow' });
  });

  test('there are examples', () => {
    expect(examples).toEqual([
      'behind-another-proxy.yaml',
      'kpow-at-root.yaml',
      'kpow-prometheus-grafana.yaml',
      'private-ca.yaml',
    ]);
  });

  test('the siblings of the default work as soon as they are commented in', () => {
    const text = readFileSync(path.join(root, 'config/gateway.yaml'), 'utf8');
    const siblings = text.replace(/^ {2}# (- | {2})/gm, '  $1');
    const file = path.join(folder, 'gateway.yaml');
    writeFileSync(file, siblings);
    expect(loadConfig(file, {}).mounts.map(({ name }) => name)).toEqual([
      'kPow',
      'Prometheus',
      'Grafana',
      'Schema Registry',
    ]);
  });

  test.each(Object.entries(generated))(
    '%s is what the schema says (npm run build && node dist/config/generate.js)',
    (name, text) => {
      expect(readFileSync(path.join(root, name), 'utf8')).toBe(text());
    },
  );
});
