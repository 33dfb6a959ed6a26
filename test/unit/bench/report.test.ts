type Rounds = Record<string, Record<string, Record<string, readonly number[]>>>;
interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly shown: readonly string[];
  readonly cases: readonly { readonly id: string; readonly title: string; readonly base?: string }[];
}
interface Report {
  readonly full: (results: object) => string;
  readonly goalsMet: (results: object) => string;
  readonly overview: (results: object) => string;
}
const { summarise } = jest.requireActual<{
  readonly summarise: (
    scenario: Scenario,
    found: { measured: Rounds; notes: readonly string[]; failed: readonly string[] },
  ) => object;
}>('../../../bench/results.cjs');
const { full, goalsMet, overview } = jest.requireActual<Report>('../../../bench/report.cjs');

const variations: Scenario = {
  id: 'variations',
  title: 'Small JSON',
  shown: ['cpu'],
  cases: [
    { id: 'usual', title: 'One mount' },
    { id: 'mounts', title: '500 mounts', base: 'usual' },
  ],
};
const measured: Rounds = {
  usual: {
    gateway: { cpu: [40, 44, 60], requests: [25_000, 22_000, 16_000] },
    'nginx-tuned': { cpu: [40, 40, 50], requests: [25_000, 25_000, 20_000] },
  },
  mounts: {
    gateway: { cpu: [42, 44, 66], requests: [24_000, 22_000, 15_000] },
    'nginx-tuned': { cpu: [40, 40, 50], requests: [25_000, 25_000, 20_000] },
  },
};

const results = () => ({
  about: {
    ...{ date: '2026-01-01', command: 'npm run bench', rounds: 3, seconds: 3 },
    machine: { cpu: 'A processor', cores: 2, memory: '4 GB', kernel: 'Linux 6', node: '20', wrk: '4.1' },
    peers: {
      gateway: { title: 'kpow-gateway', version: '0.1.0' },
      'nginx-tuned': { title: 'nginx, tuned', version: '1.22.1' },
    },
    tls: { wrk: 'TLSv1.3 A', gateway: 'TLSv1.3 A X25519' },
    ways: { 'GET over HTTP': 'relay', 'GET over HTTPS': 'relay' },
    missing: [{ peer: 'Caddy', why: 'caddy is not installed' }],
  },
  scenarios: [summarise(variations, { measured, notes: ['9000 requests/s.'], failed: ['Caddy is out of it.'] })],
});

test('the results have median, spread, and both ratios, each within its round', () => {
  expect(results().scenarios[0]).toMatchObject({
    cases: [
      { peers: { gateway: { cpu: { median: 44, min: 40, max: 60, toTuned: { median: 1.1, min: 1, max: 1.2 } } } } },
      { peers: { gateway: { cpu: { toBase: { rounds: [1.05, 1, 1.1] } } } } },
    ],
  });
});

test('the overview has a row a figure, a column a proxy, and the ratio beside all but tuned nginx', () => {
  const lines = overview(results()).split('\n');
  expect(lines[0]).toBe('|  | kpow-gateway | nginx, tuned |');
  expect(lines[2]).toBe('| Small JSON: One mount, CPU µs | 44.0 · ×1.10 (1.00–1.20) | 40.0 (40.0–50.0) |');
});

test('the tables of all figures have the spread of each, and what a variation costs', () => {
  expect(full(results())).toContain(
    '| kpow-gateway | 44.0 (42.0–66.0) · ×1.10 (1.05–1.32) · ×1.05 (1.00–1.10) of the first case | ',
  );
});

test('beside the figures stands where they come from, and who was left out', () => {
  for (const text of [overview(results()), full(results())]) {
    expect(text).toContain('Measured on 2026-01-01 with `npm run bench`, 3 × 3 s each');
    expect(text).toContain('TLS, all: TLSv1.3 A X25519.');
    expect(text).toContain("The gateway's way, by its access log: relay.");
    expect(text).toContain('9000 requests/s.');
    expect(text).toContain('Caddy is out of it.');
    expect(text).toContain('Caddy is left out: caddy is not installed.');
  }
});

test('a goal is met by its median; goals that nothing was measured for are not told of', () => {
  expect(goalsMet(results()).split('\n').slice(2)).toEqual([
    '| CPU with 500 mounts, against one | 1.05 | mounts 1.05 (1.00–1.10) | yes |',
  ]);
});
