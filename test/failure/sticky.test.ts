import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expectNoAddress, requestText, useScenes, type Scene } from './support/scene';
import type { Answer } from './support/answer';
import { readAnswer } from './support/answer';
import { startGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const scenes = useScenes();
const secret = 'a secret of many characters';

interface NamedTool {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}

/** Says its name, and which cookies it was sent. */
async function toolNamed(says: string): Promise<NamedTool> {
  const server = createServer((req, res) => res.end(`${says}|${req.headers.cookie ?? ''}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scenes.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}

async function twoTools(): Promise<{ scene: Scene; tools: Record<string, NamedTool> }> {
  const tools = { one: await toolNamed('one'), two: await toolNamed('two') };
  const target = [tools.one.url, tools.two.url];
  const mount = { balance: 'least-connections', sticky: true, circuit: { failures: 1 } };
  return { tools, scene: await scenes.before('', { mount: { ...mount, target }, secret }) };
}

const cookieOf = ({ headers }: Answer) => headers['set-cookie']?.split(';')[0] ?? '';
const withCookie = (scene: Scene, cookie: string) => scene.ask('/tool/', { fields: [`Cookie: ${cookie}`] });

test('a browser stays with its target, of which its cookie tells nothing', async () => {
  const { scene, tools } = await twoTools();
  const first = await scene.ask();
  const [name = ''] = first.body.split('|');
  expect(first.headers['set-cookie']).toMatch(
    /^kpow_gateway_target=[\w-]{43}; Path=\/tool; HttpOnly; SameSite=Lax; Secure$/,
  );
  expectNoAddress(first.headers['set-cookie'] ?? '');
  expect(first.headers['set-cookie']).not.toContain(String(tools[name]?.port));
  for (let i = 0; i < 4; i++) {
    const next = await withCookie(scene, cookieOf(first));
    expect(next.body).toBe(`${name}|`);
    expect(next.headers['set-cookie']).toBeUndefined();
  }
});

test('over plain http the cookie is not for https alone', async () => {
  const { scene } = await twoTools();
  expect((await scene.ask('/tool/', { tls: false })).headers['set-cookie']).toMatch(/SameSite=Lax$/);
});

test('the tool gets its own cookies, and not the gateway’s', async () => {
  const { scene } = await twoTools();
  const cookie = cookieOf(await scene.ask());
  for (const [sent, arrives] of [
    [`a=1; ${cookie}; b=2`, 'a=1; b=2'],
    [`${cookie}; b=2`, 'b=2'],
    [`a=1;${cookie}`, 'a=1'],
    [`${cookie}; ${cookie}`, ''],
    ['a=kpow_gateway_target=x; my_kpow_gateway_target=y', 'a=kpow_gateway_target=x; my_kpow_gateway_target=y'],
  ] as const)
    expect((await withCookie(scene, sent)).body.split('|')[1]).toBe(arrives);
});

test('a cookie that nobody signed is as good as none', async () => {
  const { scene } = await twoTools();
  for (const forged of ['one', '', 'x'.repeat(43), '127.0.0.1', '__proto__', 'constructor']) {
    const answer = await withCookie(scene, `kpow_gateway_target=${forged}`);
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).toMatch(/^kpow_gateway_target=[\w-]{43}$/);
    expect(answer.body.split('|')[1]).toBe('');
  }
});

test('when its target is down, a browser gets another one and a cookie for it', async () => {
  const { scene, tools } = await twoTools();
  const first = await scene.ask();
  const [name = ''] = first.body.split('|');
  const other = name === 'one' ? 'two' : 'one';
  const server = tools[name]?.server;
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  const next = await withCookie(scene, cookieOf(first));
  expect(next.body).toBe(`${other}|`);
  expect(cookieOf(next)).not.toBe(cookieOf(first));
  const last = await withCookie(scene, cookieOf(next));
  expect([last.body, last.headers['set-cookie']]).toEqual([`${other}|`, undefined]);
});

test('a gateway with the same secret knows the cookie, one with another does not', async () => {
  const { scene, tools } = await twoTools();
  const first = await scene.ask();
  const target = [tools['two']?.url ?? '', tools['one']?.url ?? ''];
  const mounts = [{ path: '/tool', target, balance: 'least-connections', sticky: true }];
  const same = await startGateway({ secret, mounts });
  scenes.after(() => same.stop());
  const other = await startGateway({ secret: `${secret}!`, mounts });
  scenes.after(() => other.stop());
  const askAt = async (port: number) => {
    const client = await RawClient.connect(port);
    const fields = [`Cookie: ${cookieOf(first)}`, 'Connection: close'];
    return readAnswer(await client.write(requestText('/tool/', { fields })).end());
  };
  const known = await askAt(same.httpsPort);
  expect([known.body, known.headers['set-cookie']]).toEqual([first.body, undefined]);
  expect(cookieOf(await askAt(other.httpsPort))).not.toBe('');
});
