import { startGateway, testConfig, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

let gateway: TestGateway;
const startWith = async (keepAlive: string) => {
  gateway = await startGateway({ listen: { keepAlive }, mounts: [{ path: '/tool', target: 'http://127.0.0.1:1' }] });
};
afterEach(() => gateway.stop());

const up = 'GET /-/up HTTP/1.1\r\nHost: gateway\r\n\r\n';

test('a client is told how long its connection may be idle', async () => {
  await startWith('370s');
  const client = await RawClient.connect(gateway.httpsPort);
  expect(await client.write(up).until('up\n')).toContain('\r\nKeep-Alive: timeout=370\r\n');
  client.destroy();
});

test('then it is closed', async () => {
  await startWith('1s');
  const client = await RawClient.connect(gateway.httpsPort);
  expect(await client.write(up).end()).toContain('HTTP/1.1 200 ');
});

test('another time needs a restart, and a reload says so', async () => {
  await startWith('1s');
  const config = testConfig({ listen: { keepAlive: '2s' }, mounts: [{ path: '/tool', target: 'http://127.0.0.1:1' }] });
  expect(await gateway.gateway.reload(config)).toEqual(['listen.keepAlive']);
});
