import { ConfigError } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';

const [a, b] = ['http://kpow-a:3000', 'http://kpow-b:3000'];

const configOf = (mount: object, more: object = {}) =>
  resolveConfig({ mounts: [{ path: '/tool', target: a, health: '/healthy', ...mount }], ...more });
const problemsOf = (mount: object, more: object = {}): readonly string[] => {
  try {
    configOf(mount, more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const warningsOf = (mount: object, more: object = {}) =>
  configWarnings(configOf(mount, more)).filter((text) => text.startsWith('mounts[0].'));

test('one target and a list of one are the same', () => {
  expect(configOf({ target: [a] })).toEqual(configOf({ target: a }));
});

test('several keep their order, and the first is the one that is spoken of', () => {
  const [mount] = configOf({ target: [b, a] }).mounts;
  expect(mount?.targets.map(({ hostname }) => hostname)).toEqual(['kpow-b', 'kpow-a']);
  expect(mount?.target).toBe(mount?.targets[0]);
  expect(mount?.kind).toBe('kpow');
});

test('a circuit of the mount goes before the top one, field by field', () => {
  const [mount] = configOf({ circuit: { failures: 9 } }, { circuit: { failures: 2, retry: '7s' } }).mounts;
  expect(mount?.circuit).toEqual({ failures: 9, retry: 7_000 });
});

test.each([
  [
    'an empty list',
    { target: [] },
    'mounts[0].target: is empty; write one such as [http://kpow-a:3000, http://kpow-b:3000], or take the line out',
  ],
  [
    'one of them broken',
    { target: [a, 'kpow-b:3000'] },
    'mounts[0].target[1]: "kpow-b:3000" has no scheme; write http://kpow-b:3000',
  ],
  ['one of them twice', { target: [a, b, `${a}/`] }, `mounts[0].target[2]: "${a}" stands there twice; take one out`],
  [
    'other paths',
    { target: [a, `${b}/base`] },
    `mounts[0].target[1]: "${b}/base" has another path than "${a}"; the targets of a mount serve the same paths`,
  ],
  [
    'the gateway itself among them',
    { target: [a, 'http://localhost:8080'] },
    'mounts[0].target[1]: "http://localhost:8080" is the gateway itself (it listens on 8080); write the tool\'s own port',
  ],
  [
    'sticky without balance',
    { target: [a, b], sticky: true },
    'mounts[0].sticky: is for balance: least-connections; with active-standby everyone is at the same target anyway',
  ],
  ['tls for plain targets', { target: [a, b], tls: { verify: false } }, /^mounts\[0\]\.tls: is for https targets/],
])('%s is refused', (_, mount, problem) => {
  const problems = problemsOf(mount);
  expect(problems).toEqual([typeof problem === 'string' ? problem : (expect.stringMatching(problem) as string)]);
});

test.each([
  ['a1b2c3d4:20116', [{ hostname: 'a1b2c3d4', port: 20116 }]],
  [
    ['Grafana.Internal', ' 10.1.2.3:80 '],
    [
      { hostname: 'grafana.internal', port: null },
      { hostname: '10.1.2.3', port: 80 },
    ],
  ],
  [
    ['[0:0::1]:20116', 'bücher.internal'],
    [
      { hostname: '[::1]', port: 20116 },
      { hostname: 'xn--bcher-kva.internal', port: null },
    ],
  ],
])('names: %j is read', (names, read) => {
  expect(configOf({ names }).mounts[0]?.names).toEqual(read);
});

test.each([
  ['http://a1b2c3d4:20116/login', 'names: "http://a1b2c3d4:20116/login" is more than a name; write a1b2c3d4:20116'],
  [['a:1', 'b/x'], 'names[1]: "b/x" is more than a name; write b'],
  [
    'a1b2c3d4:99999',
    /^names: "a1b2c3d4:99999" is not a name with or without a port; write one such as a1b2c3d4:20116$/,
  ],
  ['::1', /write \[::1\]$/],
  ['*.example.com', /is not a name/],
  ['user@a', /is not a name/],
  ['a b', /is not a name/],
  ['', /is not a name/],
  ['[::g]', /is not a name/],
  [[], /is empty; write one such as \[a1b2c3d4:20116\]/],
  [[{ a1b2c3d4: 20116 }], /names\[0\]: a mapping is not a name; write it as it stands in the tool's URLs/],
  [4, /4 is not a name/],
])('names: %j is refused', (names, problem) => {
  const [found, ...more] = problemsOf({ names }).map((text) => text.replace('mounts[0].', ''));
  expect(more).toEqual([]);
  if (typeof problem === 'string') expect(found).toBe(problem);
  else expect(found).toMatch(problem);
});

test('a secret that is too short is refused, and not shown', () => {
  expect(problemsOf({}, { secret: 'hunter2' })).toEqual([
    'secret: is too short to be one; write at least 16 characters',
  ]);
});

test('kPow with balance is warned of', () => {
  expect(warningsOf({ target: [a, b], balance: 'least-connections' })).toEqual([
    'mounts[0].balance: this looks like kPow, of which only one may run for the same clusters; take balance out, so that the other targets stand by (or write kind: other)',
  ]);
  expect(warningsOf({ target: [a, b], balance: 'least-connections', kind: 'other' })).toEqual([]);
  expect(warningsOf({ target: [a, b] })).toEqual([]);
});

test('balance with one target, and sticky without a secret, are warned of', () => {
  expect(warningsOf({ kind: 'other', balance: 'least-connections' })).toEqual([
    'mounts[0].balance: has no effect with one target; list the others in target',
  ]);
  const sticky = { kind: 'other', target: [a, b], balance: 'least-connections', sticky: true };
  expect(warningsOf(sticky)).toEqual([expect.stringMatching(/^mounts\[0\]\.sticky: without secret/)]);
  expect(warningsOf(sticky, { secret: 'a secret of many characters' })).toEqual([]);
});
