interface Wrk {
  readonly parseReport: (output: string, url: string) => unknown;
}
const { parseReport } = jest.requireActual<Wrk>('../../../bench/load/wrk.cjs');

const report = (changed: object = {}, errors: object = {}) =>
  JSON.stringify({
    ...{ requests: 21_635, microseconds: 2_000_100, bytes: 9_000_000, p50: 1_440, p99: 5_850 },
    errors: { connect: 0, read: 0, write: 0, status: 0, timeout: 0, ...errors },
    ...changed,
  });
const output = (line: string) => `Running 2s test @ http://127.0.0.1:21001/kpow/api\n  1 threads\n\n${line}\n`;

test('the report is the line of JSON within what wrk prints; seconds and milliseconds come out', () => {
  expect(parseReport(output(report()), 'http://127.0.0.1:21001/')).toEqual({
    requests: 21_635,
    seconds: 2.0001,
    bytes: 9_000_000,
    p50: 1.44,
    p99: 5.85,
  });
});

test('failed requests are no measure of anything: they end the run, and are told', () => {
  const text = output(report({}, { status: 433, timeout: 2 }));
  expect(() => parseReport(text, 'http://proxy/')).toThrow(
    'wrk http://proxy/: 433 status, 2 timeout (of 21635 requests)',
  );
});

test('a run without a single answer is a failure', () => {
  expect(() => parseReport(output(report({ requests: 0 })), 'http://proxy/')).toThrow('no request was answered');
});

test('where wrk could not run, what it said is told', () => {
  expect(() => parseReport('unable to connect to 127.0.0.1:1 Connection refused', 'http://proxy/')).toThrow(
    /has no report; it said:\nunable to connect/,
  );
});
