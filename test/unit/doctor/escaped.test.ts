import { escapedCounts, escapedFindings } from '../../../src/doctor/findings/escaped';

test('requests that left their mount are read from the metrics, and told where there are any', () => {
  const text = [
    '# TYPE kpow_gateway_escaped_requests_total counter',
    'kpow_gateway_escaped_requests_total{mount="Node-RED"} 12',
    'kpow_gateway_escaped_requests_total{mount="Other"} 0',
    'kpow_gateway_requests_total{mount="Node-RED"} 99',
  ].join('\n');
  const counts = escapedCounts(text);
  expect([...counts]).toEqual([
    ['Node-RED', 12],
    ['Other', 0],
  ]);
  expect(escapedFindings(12)).toEqual([expect.objectContaining({ severity: 'warning' })]);
  expect(escapedFindings(0)).toEqual([]);
  expect(escapedCounts('').size).toBe(0);
});
