import type { Socket } from 'node:net';
import { lineWith, until, useScenes, type Scene } from './support/scene';
import type { Tool } from './support/tool';
import { accepted, handshakeText, openWebsocket } from './support/websocket';

const scenes = useScenes();

/** Time for everybody to end by themselves: what is still there then would be cut off, and told of. */
const patient = { drain: { timeout: '20s' } };

/** RFC 6455 §5.5.1: a close frame with 1001, "going away". */
const goodbye = '\x88\x02\x03\xe9';
/** A client's answer, masked with zeros. */
const answer = '\x88\x82\0\0\0\0\x03\xe9';

async function openTunnel(tls = true) {
  const scene = await scenes.with((socket) => void socket.write(accepted), patient);
  const { client, open } = await openWebsocket(scene, { tls });
  await open();
  const { socket } = await scene.tool.request(0);
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
  return { scene, client, tool: socket, heard: () => heard, sent: () => client.text.split('\r\n\r\n')[1] ?? '' };
}

/** No connection is left on either side, and the websocket has its line in the log. */
async function expectNothingLeft(scene: Scene & { tool: Tool }): Promise<void> {
  await until(() => scene.tool.sockets.size === 0);
  await lineWith(scene, 101);
}

const write = (socket: Socket, text: string) => void socket.write(text, 'latin1');

describe.each([
  ['in plain HTTP', false],
  ['over TLS', true],
])('%s, a gateway that stops', (_, tls) => {
  test('tells the client of an idle websocket with 1001; its answer is what the tool hears', async () => {
    const { scene, client, tool, heard, sent } = await openTunnel(tls);
    write(tool, '\x81\x02hi');
    await client.until('\x02hi');
    const stopped = scene.gateway.stop();
    await client.until(goodbye);
    client.write(answer);
    await until(() => heard() === answer);
    // The tool answers the close frame and ends: the one is not for the client, the other is.
    write(tool, goodbye);
    tool.end();
    await client.end();
    await stopped;
    expect(sent()).toBe(`\x81\x02hi${goodbye}`);
    await expectNothingLeft(scene);
  });

  test('waits for the end of the frame under way, and throws away what comes behind it', async () => {
    const { scene, client, tool, heard, sent } = await openTunnel(tls);
    write(tool, '\x82\x05he');
    await client.until('\x05he');
    const stopped = scene.gateway.stop();
    // With nothing else under way, websockets are asked to end at once.
    await new Promise((next) => setImmediate(next));
    write(tool, 'l');
    await client.until('hel');
    write(tool, 'lo\x82\x05world');
    await client.until(goodbye);
    client.write(answer);
    await until(() => heard() === answer);
    tool.end();
    await client.end();
    await stopped;
    expect(sent()).toBe(`\x82\x05hello${goodbye}`);
    await expectNothingLeft(scene);
  });

  test('ends a client that does not answer', async () => {
    const { scene, client, sent } = await openTunnel(tls);
    await scene.gateway.stop();
    await client.end();
    expect(sent()).toBe(goodbye);
    await expectNothingLeft(scene);
  });

  test('puts nothing between bytes that are no frames: it ends them', async () => {
    const { scene, client, tool, sent } = await openTunnel(tls);
    write(tool, 'no frames');
    await client.until('no frames');
    await scene.gateway.stop();
    await client.end();
    expect(sent()).toBe('no frames');
    await expectNothingLeft(scene);
  });

  test('leaves a closing handshake that the tool has begun to both', async () => {
    const { scene, client, tool, heard, sent } = await openTunnel(tls);
    write(tool, '\x88\x02\x03\xe8');
    await client.until('\x88\x02\x03\xe8');
    const stopped = scene.gateway.stop();
    client.write(answer);
    await until(() => heard() === answer);
    tool.end();
    await client.end();
    await stopped;
    expect(sent()).toBe('\x88\x02\x03\xe8');
    await expectNothingLeft(scene);
  });

  test('lets a handshake under way end, and closes what it opens', async () => {
    const scene = await scenes.with(() => undefined, patient);
    const client = await scene.client(tls);
    client.write(handshakeText());
    const { socket } = await scene.tool.request(0);
    const stopped = scene.gateway.stop();
    write(socket, `${accepted}\x81\x02hi`);
    await client.until(`\r\n\r\n\x81\x02hi${goodbye}`);
    client.write(answer);
    await client.end();
    await stopped;
    await expectNothingLeft(scene);
  });
});

test('a websocket that is told counts as ended by the gateway', async () => {
  const { scene, client, tool } = await openTunnel();
  const metrics = await scene.ask('/-/metrics');
  expect(metrics.body).toContain('kpow_gateway_websockets_ended_total{mount="/tool",by="gateway"} 0');
  const stopped = scene.gateway.stop();
  await client.until(goodbye);
  tool.destroy();
  await client.end();
  await stopped;
  await expectNothingLeft(scene);
});
