import { startGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { recordingUpstream } from '../support/upstreams';

const loaded: string[] = [];
const told = (name: string) => () => {
  loaded.push(name);
  return jest.requireActual<object>(name);
};
jest.mock('@opentelemetry/api', () => mockTold('@opentelemetry/api')());
jest.mock('@opentelemetry/resources', () => mockTold('@opentelemetry/resources')());
jest.mock('@opentelemetry/sdk-trace', () => mockTold('@opentelemetry/sdk-trace')());
jest.mock('@opentelemetry/exporter-trace-otlp-http', () => mockTold('@opentelemetry/exporter-trace-otlp-http')());
// jest lets a mock see no other names.
const mockTold = told;

test('OpenTelemetry is loaded when traces are on, and not before', async () => {
  const tool = await recordingUpstream();
  const mounts = [{ path: '/kpow', target: tool.url }];
  const off = await startGateway({ mounts });
  await exchangeRaw(off.httpsPort, 'GET /kpow/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(tool.requests).toHaveLength(1);
  await off.stop();
  expect(loaded).toEqual([]);

  const on = await startGateway({ mounts, traces: { endpoint: 'http://localhost:4318' } });
  await on.stop();
  expect(loaded).toContain('@opentelemetry/sdk-trace');
  await tool.close();
});
