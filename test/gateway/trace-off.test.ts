import { startGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream } from '../support/upstreams';

/** What has been loaded. (jest lets a mock see names that begin so, and no others.) */
const mockLoaded: string[] = [];
// OpenTelemetry's API is not among them: prom-client loads it.
jest.mock('@opentelemetry/resources', () => {
  mockLoaded.push('resources');
  return jest.requireActual<object>('@opentelemetry/resources');
});
jest.mock('@opentelemetry/sdk-trace', () => {
  mockLoaded.push('sdk-trace');
  return jest.requireActual<object>('@opentelemetry/sdk-trace');
});
jest.mock('@opentelemetry/exporter-trace-otlp-http', () => {
  mockLoaded.push('exporter');
  return jest.requireActual<object>('@opentelemetry/exporter-trace-otlp-http');
});

test('OpenTelemetry’s SDK is loaded when traces are on, and not before', async () => {
  const tool = await recordingUpstream();
  const mounts = [{ path: '/kpow', target: tool.url }];
  const off = await startGateway({ mounts });
  await exchangeRaw(off.httpsPort, 'GET /kpow/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(tool.requests).toHaveLength(1);
  await off.stop();
  expect(mockLoaded).toEqual([]);

  const on = await startGateway({ mounts, traces: { endpoint: 'http://localhost:4318' } });
  await on.stop();
  expect(new Set(mockLoaded)).toEqual(new Set(['resources', 'sdk-trace', 'exporter']));
  await tool.close();
});
