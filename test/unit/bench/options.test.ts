interface Options {
  readonly readOptions: (
    args: readonly string[],
    known: { scenarios: readonly string[]; peers: readonly string[] },
  ) => Record<string, unknown>;
}
const { readOptions } = jest.requireActual<Options>('../../../bench/options.cjs');

const known = { scenarios: ['small', 'asset', 'websocket'], peers: ['gateway', 'nginx-tuned', 'caddy'] };
const read = (...args: string[]) => readOptions(args, known);

test('without options all is measured five times, and kept; longer as well', () => {
  expect(read()).toMatchObject({ ...known, rounds: 5, out: 'bench/results.json' });
  expect(read('--seconds', '10')).toMatchObject({ seconds: 10, out: 'bench/results.json' });
});

test('scenarios and peers can be chosen; their order stays', () => {
  expect(read('--only', 'websocket,small', '--peers', 'caddy, gateway')).toMatchObject({
    scenarios: ['small', 'websocket'],
    peers: ['gateway', 'caddy'],
  });
});

test.each([['--quick'], ['--only=small'], ['--peers=gateway'], ['--rounds=1']])(
  'what %s leaves out does not replace the results of a whole run',
  (option) => {
    expect(read(option)).toMatchObject({ out: null });
    expect(read(option, '--out', 'elsewhere.json')).toMatchObject({ out: 'elsewhere.json' });
  },
);

test.each([
  [['--only', 'smal'], '--only: there is no "smal"; there are small, asset, websocket'],
  [['--rounds', '0'], '--rounds: "0" is no whole number from 1 on'],
  [['--seconds', '1.5'], '--seconds: "1.5" is no whole number from 1 on'],
  [['--fast'], '--fast'],
])('%j is refused with a sentence and the help', (args, sentence) => {
  const { told, code } = read(...args);
  expect(code).toBe(2);
  expect(told).toContain(sentence);
  expect(told).toContain('npm run bench');
});
