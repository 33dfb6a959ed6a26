import { startGateway, testConfig, type RawConfig, type TestGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import { httpUpstream, type Upstream } from '../../support/upstreams';
import { until } from '../../failure/support/scene';

let gateway: TestGateway;
let tools: Record<'old' | 'new', Upstream>;
let client: RawClient;
/** Ends the answer that waits. */
let finish: () => void;
beforeEach(async () => {
  const named = (name: string) =>
    httpUpstream((req, res) => {
      if (req.url !== '/held') res.end(`${name} tool.`);
      else {
        res.write(`${name} begins`);
        finish = () => res.end(`, ${name} ends.`);
      }
    });
  tools = { old: await named('old'), new: await named('new') };
  gateway = await startGateway(configOf('/tool', 'old'));
  client = await RawClient.connect(gateway.httpsPort);
});
afterEach(async () => {
  client.destroy();
  await gateway.stop();
  await Promise.all([tools.old.close(), tools.new.close()]);
});

const configOf = (path: string, tool: 'old' | 'new'): RawConfig => ({ mounts: [{ path, target: tools[tool].url }] });
const reload = (path: string, tool: 'old' | 'new') => gateway.gateway.reload(testConfig(configOf(path, tool)));
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: tools.example\r\n\r\n`;

test('the next request of a kept connection goes to the new target', async () => {
  await client.write(get('/tool/1')).until('old tool.');
  await reload('/tool', 'new');
  await client.write(get('/tool/2')).until('new tool.');
  expect(gateway.lines.filter(({ way }) => way === 'relay')).toHaveLength(2);
});

test('a mount that is gone is gone for a kept connection too', async () => {
  await client.write(get('/tool/1')).until('old tool.');
  await reload('/other', 'old');
  await client.write(get('/tool/1')).until('HTTP/1.1 404');
  await client.write(get('/other/1')).until(/404[^]*old tool\./);
});

test('a request under way ends at the target it began at, and its connection there is closed', async () => {
  await client.write(get('/tool/held')).until('old begins');
  await reload('/tool', 'new');
  finish();
  await client.until('old ends.');
  const closed = until(() => tools.old.sockets.size === 0);
  await client.write(get('/tool/2')).until('new tool.');
  await closed;
});

test('connections to a target that is gone are closed at once, and others are kept', async () => {
  const both = configOf('/tool', 'old').mounts.concat(configOf('/kept', 'new').mounts);
  await gateway.gateway.reload(testConfig({ mounts: both }));
  await client.write(get('/kept/1')).until('new tool.');
  await client.write(get('/tool/1')).until('old tool.');
  await reload('/kept', 'new');
  await until(() => tools.old.sockets.size === 0);
  // It has been idle for longer.
  expect(tools.new.sockets.size).toBeGreaterThan(0);
});
