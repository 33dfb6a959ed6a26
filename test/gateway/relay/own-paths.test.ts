import { startGateway, type TestGateway } from '../../support/gateway';
import { exchangeRaw } from '../../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';

let gateway: TestGateway;
let tool: RecordingUpstream;
beforeEach(async () => {
  tool = await recordingUpstream();
});
afterEach(async () => {
  await gateway.stop();
  await tool.close();
});

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n`;

test('the port that redirects to HTTPS gives nothing to a tool, whatever it is asked for', async () => {
  gateway = await startGateway({ mounts: [{ path: '/', target: tool.url }] });
  for (const target of ['/', '/page', '/.well-known/acme-challenge/x']) {
    expect(await exchangeRaw(gateway.httpPort, get(target), false)).toMatch(/^HTTP\/1\.1 30[78] /);
  }
  expect(tool.requests).toEqual([]);
  expect(await exchangeRaw(gateway.httpsPort, get('/page'))).toMatch(/^HTTP\/1\.1 200 /);
});

test('the gateway’s own paths stay its own where a tool is mounted at the root', async () => {
  gateway = await startGateway({ listen: { http: { mode: 'serve' } }, mounts: [{ path: '/', target: tool.url }] });
  for (const target of ['/-/up', '/-/healthy', '/-/portal', '/-/nothing', '/-', '/-?x']) {
    await exchangeRaw(gateway.httpPort, get(target), false);
  }
  expect(tool.requests).toEqual([]);
  await exchangeRaw(gateway.httpPort, get('/-x'), false);
  expect(tool.requests.map(({ url }) => url)).toEqual(['/-x']);
});
