import { detailSentence, latencyText, summarize } from '../../../src/portal/status-text';
import type { MountState } from '../../../src/upstream/status';

const summary = (...states: MountState[]) => summarize(states.map((state) => ({ state })));

test.each<[MountState[], string, string]>([
  [[], 'No tools yet', ''],
  [['healthy'], 'The tool is well', ''],
  [['unreachable'], 'The tool is not well', ''],
  [['unhealthy', 'unreachable'], 'None of 2 tools is well', ''],
  [['healthy', 'healthy'], 'Both tools are well', ''],
  [['healthy', 'healthy', 'healthy'], 'All 3 tools are well', ''],
  [['healthy', 'healthy', 'healthy', 'unhealthy'], '3 of 4 tools are well', ''],
  [['healthy', 'unreachable', 'unhealthy'], '1 of 3 tools is well', ''],
  [['unknown', 'unknown'], 'Checking 2 tools', '2 being checked'],
  [['unchecked', 'unchecked'], '2 tools', '2 not checked'],
  [['healthy', 'unchecked', 'unknown'], '1 of 2 checked tools is well', '1 being checked, 1 not checked'],
])('sums up %j', (states, headline, note) => {
  expect(summary(...states)).toMatchObject({ headline, note });
});

test('counts what is in trouble, and only that', () => {
  expect(summary('healthy', 'unknown', 'unchecked', 'unhealthy', 'unreachable').troubled).toBe(2);
});

test.each([
  [null, '–'],
  [0.4, '< 1 ms'],
  [12.4, '12 ms'],
  [999.7, '1.0 s'],
  [1340, '1.3 s'],
])('writes a latency of %p as %p', (milliseconds, text) => {
  expect(latencyText(milliseconds)).toBe(text);
});

test.each([
  ['refuses the connection', 'Grafana refuses the connection.'],
  ['kPow’s streams have stopped.', 'kPow’s streams have stopped.'],
  ['It speaks TLS!', 'It speaks TLS!'],
  ['', ''],
])('makes a sentence of the detail %p', (detail, sentence) => {
  expect(detailSentence('Grafana', { detail })).toBe(sentence);
});
