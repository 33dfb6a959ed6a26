import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { healthcheck, placeToAsk } from '../../src/commands/healthcheck';
import { resolveConfig } from '../../src/config/load';
import { refusingPort } from '../support/free-ports';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import { httpUpstream, rawUpstream } from '../support/upstreams';

const mounts = [{ path: '/tool', target: 'http://127.0.0.1:9' }];
const patience = 10_000;
let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

/** The file of a gateway that listens on these ports. */
function fileOf(text: string): string {
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}
const httpsAt = (port: number, host = '127.0.0.1') =>
  fileOf(`listen: { https: { port: ${port}, host: "${host}" } }\nmounts: [{ path: /tool, target: "http://tool:1" }]`);
const httpAt = (port: number) =>
  fileOf(`listen: { https: off, http: { port: ${port} } }\nmounts: [{ path: /tool, target: "http://tool:1" }]`);

test('a gateway that serves is healthy, whatever its certificate and its tools', async () => {
  gateway = await startGateway({ mounts });
  expect(await healthcheck(httpsAt(gateway.httpsPort), patience)).toEqual({
    healthy: true,
    message: `https://127.0.0.1:${gateway.httpsPort}/-/up answers 200`,
  });
});

test('one that serves plain HTTP is asked there', async () => {
  gateway = await startGateway({ mounts, listen: { https: 'off' } });
  expect(await healthcheck(httpAt(gateway.httpPort), patience)).toMatchObject({ healthy: true });
});

test('one on every address of IPv6 is asked on ::1', async () => {
  gateway = await startGateway({ mounts, listen: { https: { host: '::1' } } });
  expect(await healthcheck(httpsAt(gateway.httpsPort, '::'), patience)).toEqual({
    healthy: true,
    message: `https://[::1]:${gateway.httpsPort}/-/up answers 200`,
  });
});

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
  ['192.0.2.7', '192.0.2.7'],
  ['localhost', 'localhost'],
])('a listener on %s is asked at %s', (host, asked) => {
  const { listen } = resolveConfig({ mounts, listen: { https: { port: 8443, host }, http: 'off' } });
  expect(placeToAsk(listen)).toEqual({ protocol: 'https', host: asked, port: 8443 });
});

test('a mistake elsewhere in the file, made since the gateway started, does not make it sick', async () => {
  gateway = await startGateway({ mounts });
  const file = fileOf(`listen: { https: { port: ${gateway.httpsPort} } }\nmounts: [{ path: nowhere }]\ndrain: 1`);
  expect(await healthcheck(file, patience)).toMatchObject({ healthy: true });
});

test('nothing that listens: where it was looked for', async () => {
  const port = await refusingPort();
  expect(await healthcheck(httpsAt(port), patience)).toEqual({
    healthy: false,
    message: `https://127.0.0.1:${port}/-/up cannot be reached (ECONNREFUSED); see the gateway's log`,
  });
});

test('one that takes the connection and never answers', async () => {
  const tool = await rawUpstream((socket) => socket.resume());
  expect(await healthcheck(httpAt(tool.port), 50)).toEqual({
    healthy: false,
    message: `http://127.0.0.1:${tool.port}/-/up does not answer within 50 ms; see the gateway's log`,
  });
  await tool.close();
});

test("another program's answer is not the gateway's", async () => {
  const tool = await httpUpstream((_req, res) => res.writeHead(404).end());
  expect((await healthcheck(httpAt(tool.port), patience)).message).toMatch(/answers 404 instead of 200/);
  await tool.close();
});

test('an answer that leaves HTTP is none, and ends the check all the same', async () => {
  const tool = await rawUpstream((socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    );
  });
  expect(await healthcheck(httpAt(tool.port), patience)).toEqual({
    healthy: false,
    message: `http://127.0.0.1:${tool.port}/-/up answers 101 instead of 200; is it another program's?`,
  });
  await tool.close();
});

test.each([
  ['listen: { https: { port: 70000 } }', /listen\.https\.port: 70000 is not a port/],
  ['listen: { https: { port: 0 } }', /listen\.https\.port is 0, so it is any free one; name a port/],
  ['listen: [', /line 1/],
])('a file that does not say where: %s', async (text, sentence) => {
  const { healthy, message } = await healthcheck(fileOf(text), patience);
  expect([healthy, message]).toEqual([false, expect.stringMatching(sentence)]);
});

test('no file: which one was looked for', async () => {
  expect((await healthcheck('nowhere.yaml', patience)).message).toMatch(/^nowhere\.yaml: there is no such file/);
});
