import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../../src/config/config';
import { ConfigSource, shipped } from '../../../src/config/default-file';

const before = process.cwd();
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'kpow-gateway-')));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

function write(name: string): void {
  mkdirSync('config', { recursive: true });
  writeFileSync('config/gateway.yaml', `mounts: [{ name: ${name}, path: /x, target: "http://127.0.0.1:1" }]`);
}

function told(source: ConfigSource): string[] {
  const lines: string[] = [];
  source.tell((line) => lines.push(line));
  return lines;
}
const mountOf = (source: ConfigSource) => source.load().mounts[0]?.name;

test('config/gateway.yaml in the working folder is read, and nothing is said of it', () => {
  write('Mine');
  const source = new ConfigSource();
  expect([source.file, mountOf(source), told(source)]).toEqual(['config/gateway.yaml', 'Mine', []]);
});

test('where there is none, the one that comes with the gateway is read, and said so', () => {
  const source = new ConfigSource();
  expect([source.file, mountOf(source)]).toEqual([shipped('config/gateway.yaml'), 'kPow']);
  expect(told(source)).toEqual([
    `There is no config/gateway.yaml in ${folder}; using the one that comes with the gateway, with kPow at KPOW_URL (http://localhost:3000 unless set). To have it here and edit it: kpow-gateway init`,
  ]);
});

test('a reload takes a file that has come to be since, once it is good, and misses it when it is gone', () => {
  const source = new ConfigSource();
  const lines = told(source);
  mkdirSync('config');
  writeFileSync('config/gateway.yaml', 'mounts: [');
  expect(() => source.load()).toThrow(/^config\/gateway\.yaml: /);
  write('Mine');
  expect([mountOf(source), source.file]).toEqual(['Mine', 'config/gateway.yaml']);
  expect(lines[1]).toBe(
    'There is a config/gateway.yaml now; using it, and no longer the one that comes with the gateway',
  );
  rmSync('config/gateway.yaml');
  expect(() => source.load()).toThrow('there is no such file');
  expect(lines).toHaveLength(2);
});

test('a file that was there at the start is not silently replaced when it is gone', () => {
  write('Mine');
  const source = new ConfigSource();
  source.load();
  rmSync('config/gateway.yaml');
  expect(() => source.load()).toThrow(ConfigError);
});

test('a file that is named is read, and missed when it is not there', () => {
  expect(() => new ConfigSource('config/gateway.yaml').load()).toThrow('there is no such file');
  const named = new ConfigSource(shipped('config/gateway.yaml'));
  write('Mine');
  expect([mountOf(named), told(named)]).toEqual(['kPow', []]);
});

test('a link that leads nowhere is a file that is missing', () => {
  mkdirSync('config');
  symlinkSync('nowhere.yaml', 'config/gateway.yaml');
  expect(() => new ConfigSource().load()).toThrow('there is no such file');
});
