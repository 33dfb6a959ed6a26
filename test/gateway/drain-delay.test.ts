import { startGateway } from '../support/gateway';
import { exchangeRaw, RawClient } from '../support/raw-client';
import { recordingUpstream } from '../support/upstreams';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: tools.example\r\n\r\n`;

test('during drain.delay it serves, tells balancers to go elsewhere and ends connections with their next answer', async () => {
  const tool = await recordingUpstream();
  const mounts = [{ path: '/tool', target: tool.url }];
  const gateway = await startGateway({ mounts, drain: { delay: '3s', timeout: '10s' } });
  const kept = await RawClient.connect(gateway.httpsPort);
  await kept.write(get('/tool/')).until('Connection: keep-alive');
  const stopped = gateway.stop();

  const health = await exchangeRaw(gateway.httpsPort, get('/-/healthy'));
  expect(health).toMatch(/^HTTP\/1\.1 503 [^]*"status":"stopping"/);
  expect(await exchangeRaw(gateway.httpsPort, get('/-/up'))).toMatch(/^HTTP\/1\.1 200 /);
  expect(await exchangeRaw(gateway.httpsPort, get('/tool/new'))).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close/);
  expect(kept.closed).toBe(false);
  expect(await kept.write(get('/tool/last')).end()).toMatch(/200 OK[^]*200 OK[^]*Connection: close/);

  await stopped;
  await expect(RawClient.connect(gateway.httpsPort)).rejects.toThrow('ECONNREFUSED');
  await tool.close();
});

test('a connection that was just made gets its first request answered when the gateway stops', async () => {
  const tool = await recordingUpstream();
  const gateway = await startGateway({ mounts: [{ path: '/tool', target: tool.url }], drain: { timeout: '10s' } });
  const fresh = await RawClient.connect(gateway.httpsPort);
  const stopped = gateway.stop();
  expect(await fresh.write(get('/tool/first')).end()).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close/);
  await stopped;
  expect(gateway.lines.filter(({ msg }) => /Cut off/.test(String(msg)))).toEqual([]);
  await tool.close();
});

test('one that brings none does not hold the end up', async () => {
  const gateway = await startGateway({
    mounts: [{ path: '/tool', target: 'http://127.0.0.1:9' }],
    drain: { timeout: '20s' },
  });
  const idle = await RawClient.connect(gateway.httpsPort);
  await gateway.stop();
  expect(await idle.end()).toBe('');
  expect(gateway.lines.filter(({ msg }) => /Cut off/.test(String(msg)))).toEqual([]);
});
