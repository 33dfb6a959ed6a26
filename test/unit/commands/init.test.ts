import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { init } from '../../../src/commands/init';

const root = path.join(__dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run() {
  const lines = { out: [] as string[], error: [] as string[] };
  const code = init(folder, { out: (line) => lines.out.push(line), error: (line) => lines.error.push(line) });
  return { code, ...lines };
}
const text = (base: string, name: string) => readFileSync(path.join(base, 'config', name), 'utf8');

test('the configuration that comes with the gateway is written, with the schema that its first line names', () => {
  expect(run()).toEqual({
    code: 0,
    out: [
      'Wrote config/gateway.yaml: edit it, then see whether it is right with kpow-gateway check',
      'Wrote config/schema.json, from which editors complete it',
    ],
    error: [],
  });
  for (const name of ['gateway.yaml', 'schema.json']) expect(text(folder, name)).toBe(text(root, name));
});

test('what is there stays, and exit 1', () => {
  mkdirSync(path.join(folder, 'config'));
  writeFileSync(path.join(folder, 'config', 'gateway.yaml'), 'mine');
  expect(run()).toEqual({
    code: 1,
    out: [],
    error: ['config/gateway.yaml is there already and was left as it is; to have a new one, move it away first'],
  });
  expect(text(folder, 'gateway.yaml')).toBe('mine');
});

test('a schema that is there stays', () => {
  mkdirSync(path.join(folder, 'config'));
  writeFileSync(path.join(folder, 'config', 'schema.json'), 'mine');
  expect(run().code).toBe(0);
  expect(text(folder, 'schema.json')).toBe('mine');
});

test('where nothing can be written it says so, and exit 1', () => {
  writeFileSync(path.join(folder, 'config'), 'a file');
  const { code, error } = run();
  expect(code).toBe(1);
  expect(error).toEqual([expect.stringMatching(/^config\/gateway\.yaml cannot be written in .* \(EEXIST\); /)]);
});
