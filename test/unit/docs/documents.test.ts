import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../../src/config/load';
import { temporaryFolder } from '../../support/gateway';

const project = path.join(__dirname, '../../..');
const read = (file: string) => readFileSync(path.join(project, file), 'utf8');
const { scripts, license, files } = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly license: string;
  readonly files: readonly string[];
};
const within = (folder: string, recursive = true) =>
  readdirSync(path.join(project, folder), { recursive, encoding: 'utf8' }).map((name) => path.join(folder, name));
const documents = [within('.', false), ...['docs', 'bench', 'certs', 'deploy'].map((folder) => within(folder))]
  .flat()
  .filter((name) => name.endsWith('.md'));

/** What a heading is called in a link, as GitHub and GitLab make it. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} (.*)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .toLowerCase()
      .replaceAll(' ', '-'),
  );
}

test.each(documents)('every link within the project leads somewhere: %s', (file) => {
  const text = read(file).replaceAll(/^```[^]*?^```/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [name = '', anchor] = link.split('#', 2);
    const target = name === '' ? file : path.join(path.dirname(file), name);
    if (!existsSync(path.join(project, target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

// A newcomer reads it in ten minutes; what is longer has a document of its own.
test('the README has at most 1,500 words', () => {
  expect(read('README.md').trim().split(/\s+/).length).toBeLessThanOrEqual(1_500);
});

test('the index of docs names every document in it', () => {
  const index = read('docs/README.md');
  const missing = documents.filter(
    (file) => path.dirname(file) === 'docs' && !index.includes(`](${path.basename(file)})`),
  );
  expect(missing).toEqual(['docs/README.md']);
});

test.each(['README.md', 'docs/tools.md', 'docs/upstreams.md', 'docs/adopt.md'])(
  'the configurations in %s can be copied as they are',
  (document) => {
    const blocks = [...read(document).matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, block = '']) => block);
    const whole = blocks.filter((block) => /^mounts:/m.test(block));
    for (const block of whole) {
      const file = path.join(temporaryFolder(), 'gateway.yaml');
      writeFileSync(file, block);
      expect(loadConfig(file, { KPOW_GATEWAY_SECRET: 's'.repeat(40) }).mounts.length).toBeGreaterThan(0);
    }
    if (document === 'README.md') expect(whole).toHaveLength(3);
  },
);

test.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'bench/README.md', 'docs/kubernetes.md'])(
  'every npm command in %s is one of the project',
  (document) => {
    const named = [...read(document).matchAll(/(?:`|^ {4,}(?:\w+=\S+ )*)npm (?:run )?([a-z:]+)/gm)].map(
      ([, name = '']) => name,
    );
    const known = ['ci', 'install', 'pack', ...Object.keys(scripts)];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  },
);

test('CONTRIBUTING names each command that .ci/run calls', () => {
  const called = [...read('.ci/run').matchAll(/^npm .*?(?= -- |\n| &)/gm)].map(([command]) => command);
  expect(called).toEqual([
    expect.stringContaining('npm ci --ignore-scripts'),
    'npm run typecheck',
    'npm run lint',
    'npm test',
    'npm run test:real',
    'npm run test:containers',
  ]);
  const contributing = read('CONTRIBUTING.md');
  for (const command of ['npm ci --ignore-scripts', ...called.slice(1)]) expect(contributing).toContain(command);
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('the files that %s names are there', (document) => {
  const named = [...read(document).matchAll(/(?:[a-z-]+\/)+[a-z-]+(?:\.[a-z]+)*\.(?:ts|cjs)\b/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => ![name, `src/${name}`].some((file) => existsSync(path.join(project, file))))).toEqual(
    [],
  );
});

test('docs/command-line.md has every command', () => {
  const commands = [...read('src/main.ts').matchAll(/\.command\('([a-z-]+)/g)].map(([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(8);
  const listed = [...read('docs/command-line.md').matchAll(/^ {4}kpow-gateway \[?([a-z-]+)/gm)].map(([, name]) => name);
  expect(listed.filter((name) => !name?.startsWith('-')).toSorted()).toEqual(commands.toSorted());
});

test('the licence is where people and npm look for it', () => {
  expect(license).toBe('Apache-2.0');
  expect(read('LICENSE')).toMatch(/^\s+Apache License\n\s+Version 2\.0, January 2004\n[^]*END OF TERMS AND CONDITIONS/);
  expect(read('README.md')).toContain('[Apache-2.0](LICENSE)');
});

test('what the package links to is in the package', () => {
  for (const name of ['CHANGELOG.md', 'SECURITY.md', 'docs/*.md']) expect(files).toContain(name);
  expect(statSync(path.join(project, 'CHANGELOG.md')).isFile()).toBe(true);
});

test('every change is listed under a version, the newest first, and the upgrade notes are linked', () => {
  const changelog = read('CHANGELOG.md');
  const versions = [...changelog.matchAll(/^## \[(.*?)\](?: - (\d{4}-\d{2}-\d{2}))?$/gm)].map(([, name]) => name);
  expect(versions[0]).toBe('Unreleased');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(versions).toContain(version);
  const kinds = new Set([...changelog.matchAll(/^### (.*)$/gm)].map(([, kind]) => kind));
  for (const kind of kinds) expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  expect(changelog).toContain('docs/upgrading.md');
});

test.each(documents)('plain words: %s', (file) => {
  const riddles = /\b(?:to be had|cannot be had|vouch\w*(?!-)|whence|lest)\b(?!-)/i;
  expect(riddles.exec(read(file))?.[0]).toBeUndefined();
});
