import { createServer, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { freePorts, refusingPort } from '../support/free-ports';
import { blackHole } from './support/black-hole';
import { selfSigned } from './support/certificates';
import { expectFailure, expectNoAddress, lineOf, until, useScenes, type Scene } from './support/scene';
import { echoPath, startTool } from './support/tool';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();

/** Answers with its name and what it was sent, and is healthy. */
async function listen(says: string, port: number): Promise<Server> {
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (bytes: Buffer) => (body += bytes.toString()));
    req.on('end', () => res.end(`${says}${body && ` ${body}`}`));
  });
  server.on('upgrade', (_req, socket) => {
    // No connection of the server's any more, so `stop` leaves it alone.
    scenes.after(() => socket.destroy());
    socket.on('error', () => undefined).write(`${accepted}${says}`);
    socket.on('data', (bytes) => socket.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  scenes.after(() => stop(server));
  return server;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

const at = (port: number) => `http://127.0.0.1:${port}`;
const probed = { path: '/healthy', interval: '20ms', unhealthyAfter: 1 };

/** A gateway in front of so many ports. */
async function before(ports: readonly number[], mount: object = {}): Promise<Scene> {
  const target = ports.map(at);
  return scenes.before(at(0), { mount: { ...mount, target } });
}

const said = ({ gateway }: Scene, text: string) => gateway.line(({ msg }) => String(msg).includes(text));

describe('with one active and one that stands by', () => {
  test('the first gets everything', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await Promise.all([listen('one', one), listen('two', two)]);
    const scene = await before([one, two], { health: probed });
    for (let i = 0; i < 5; i++) expect((await scene.ask()).body).toBe('one');
  });

  test('requests that cannot connect to the first go to the second, with their bodies', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await listen('two', two);
    const scene = await before([one, two]);
    expect((await scene.ask()).body).toBe('two');
    const body = 'x'.repeat(300_000);
    const answer = await scene.ask('/tool/', { method: 'POST', fields: [`Content-Length: ${body.length}`], body });
    expect(answer.body).toBe(`two ${body}`);
    expect(await lineOf(scene, answer)).toMatchObject({ status: 200 });
  });

  test('a target that refused so many in a row is not asked again until it takes connections, which is noticed', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await listen('two', two);
    const scene = await before([one, two], { circuit: { failures: 2, retry: '20ms' } });
    for (let i = 0; i < 3; i++) expect((await scene.ask()).body).toBe('two');
    await said(scene, 'Tool (target 1) took none of 2 connections in a row');
    await said(scene, 'Requests for Tool go to target 2 from here on');
    await listen('one', one);
    await said(scene, 'Tool (target 1) takes connections again');
    await said(scene, 'Requests for Tool go to target 1 from here on');
    expect((await scene.ask()).body).toBe('one');
  });

  test('nobody waits for a target that takes no connection more often than the circuit allows', async () => {
    const hole = await blackHole(scenes);
    const [two = 0] = await freePorts(1);
    await listen('two', two);
    const scene = await before([hole, two], { circuit: { failures: 1 }, timeouts: { connect: '150ms' } });
    expect((await scene.ask()).body).toBe('two');
    const answer = await scene.ask();
    expect(answer.body).toBe('two');
    const lines = scene.gateway.lines.filter(({ way }) => way !== undefined);
    expect(lines.map(({ failure, status }) => [failure ?? null, status])).toEqual([
      [null, 200],
      [null, 200],
    ]);
  });

  test('a probe that fails sends requests to the second, and one that succeeds back to the first', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    const first = await listen('one', one);
    await listen('two', two);
    const scene = await before([one, two], { health: probed });
    expect((await scene.ask()).body).toBe('one');
    await stop(first);
    await said(scene, 'Requests for Tool go to target 2 from here on');
    expect((await scene.ask()).body).toBe('two');
    const { mounts } = JSON.parse((await scene.ask('/-/healthy')).body) as { mounts: object[] };
    expect(mounts).toMatchObject([
      {
        state: 'healthy',
        targets: [
          { number: 1, state: 'unreachable', active: false },
          { number: 2, state: 'healthy', active: true },
        ],
      },
    ]);
    await listen('one', one);
    await said(scene, 'Requests for Tool go to target 1 from here on');
    expect((await scene.ask()).body).toBe('one');
  });

  test('a websocket goes to the second as well, and stays there when the first is back', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await listen('two', two);
    const scene = await before([one, two], { circuit: { failures: 1, retry: '20ms' } });
    const { client, open } = await openWebsocket(scene);
    await open();
    await client.until('two');
    await listen('one', one);
    await said(scene, 'Requests for Tool go to target 1 from here on');
    expect((await scene.ask()).body).toBe('one');
    await client.write('still there').until('still there');
    client.destroy();
  });

  test('what has been sent is not sent to another target', async () => {
    const tool = await startTool((socket) => void socket.resetAndDestroy());
    scenes.after(() => tool.close());
    const [two = 0] = await freePorts(1);
    await listen('two', two);
    const scene = await before([tool.port, two]);
    const answer = await scene.ask('/tool/', { method: 'POST', fields: ['Content-Length: 4'], body: 'body' });
    await expectFailure(scene, answer, 502, 'UPSTREAM_CLOSED');
    await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_CLOSED');
  });

  test('when none can be reached, the failure says so and tells no address', async () => {
    const scene = await before(await freePorts(2), { health: probed });
    const answer = await scene.ask();
    await expectFailure(scene, answer, 502, 'UPSTREAM_REFUSED');
    expectNoAddress((await scene.ask('/')).body);
  });

  test('a redirect by either target’s own name comes back under the prefix', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    const server = createServer((_req, res) => res.writeHead(302, { Location: `http://127.0.0.1:${two}/login` }).end());
    await new Promise<void>((resolve) => server.listen(two, '127.0.0.1', resolve));
    scenes.after(() => stop(server));
    const scene = await before([one, two]);
    expect((await scene.ask()).headers['location']).toBe('/tool/login');
  });

  test('the Host that a target is given is its own', async () => {
    const [one = 0] = await freePorts(1);
    const tool = await startTool(echoPath);
    scenes.after(() => tool.close());
    const scene = await before([one, tool.port], { host: 'target' });
    await scene.ask();
    expect(tool.requests[0]?.head).toContain(`Host: 127.0.0.1:${tool.port}\r\n`);
  });
});

describe('with requests spread over targets', () => {
  const balance = 'least-connections';

  test('each goes to the one that has the fewest', async () => {
    const held: (() => void)[] = [];
    const tool = async (says: string) => {
      const server = createServer((req, res) => {
        if (req.url === '/held') held.push(() => res.end(says));
        else res.end(says);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      scenes.after(() => stop(server));
      return (server.address() as AddressInfo).port;
    };
    const ports = [await tool('one'), await tool('two')];
    const scene = await before(ports, { balance });
    const first = scene.ask('/tool/held');
    await until(() => held.length === 1);
    const others = [];
    for (let i = 0; i < 4; i++) others.push((await scene.ask()).body);
    held[0]?.();
    const free = (await first).body === 'one' ? 'two' : 'one';
    expect(others).toEqual([free, free, free, free]);
  });

  test('equal ones take turns, and one that is down is left out', async () => {
    const [one = 0, two = 0, three = 0] = await freePorts(3);
    await Promise.all([listen('one', one), listen('two', two)]);
    const scene = await before([one, two, three], { balance, circuit: { failures: 1 } });
    const bodies = new Set<string>();
    for (let i = 0; i < 9; i++) bodies.add((await scene.ask()).body);
    expect(bodies).toEqual(new Set(['one', 'two']));
  });
});

describe('a single target that lets connects time out', () => {
  test('is answered for at once after so many, and is reached again when it takes connections', async () => {
    const [port = 0] = await freePorts(1);
    // Takes the connection, and never shakes hands.
    const open = new Set<{ destroy(): void }>();
    const mute = createTcp((socket) => void open.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => mute.listen(port, '127.0.0.1', resolve));
    const scene = await scenes.before(`https://127.0.0.1:${port}`, {
      mount: { tls: { verify: false }, timeouts: { connect: '100ms' }, circuit: { failures: 2, retry: '20ms' } },
    });
    await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
    await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
    const fast = await scene.ask();
    await expectFailure(scene, fast, 503, 'UPSTREAM_CIRCUIT_OPEN');
    expect(fast.headers['retry-after']).toBe('10');
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 503, 'UPSTREAM_CIRCUIT_OPEN');
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
    const { cert, key } = await selfSigned('localhost');
    const server = createTls({ cert, key }, (_req, res) => res.end('up'));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    scenes.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await said(scene, 'Tool takes connections again');
    expect((await scene.ask()).body).toBe('up');
  });

  test('one that only refuses is tried with every request', async () => {
    const port = await refusingPort();
    const scene = await scenes.before(at(port), { mount: { circuit: { failures: 1 } } });
    for (let i = 0; i < 3; i++) await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_REFUSED');
    await listen('up', port);
    expect((await scene.ask()).body).toBe('up');
  });
});
