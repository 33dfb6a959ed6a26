import type { Socket } from 'node:net';
import { lineWith, until, useScenes, type Scene } from './support/scene';
import { faults, type Fault } from './support/stages';
import type { Tool } from './support/tool';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();
const optionsFor = (fault: Fault) => (fault === 'goes silent' ? { mount: { timeouts: { idle: '150ms' } } } : {});

/** What one side has said when it fails; the other gets it all. */
const stages: readonly (readonly [when: string, bytes: string])[] = [
  ['before its first frame', ''],
  ['in the header of a frame', '\x82\x7e\x01'],
  ['in a frame', '\x82\x05he'],
  ['behind a frame', '\x82\x05hello'],
  ['between the fragments of a message', '\x01\x05hello'],
  ['behind its close frame', '\x82\x05hello\x88\x02\x03\xe8'],
];

async function openTunnel(fault: Fault, tls: boolean) {
  const scene = await scenes.with((socket) => void socket.write(accepted), optionsFor(fault));
  const { client, open } = await openWebsocket(scene, { tls });
  await open();
  const { socket } = await scene.tool.request(0);
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
  return { scene, client, tool: socket, heard: () => heard, told: () => client.text.split('\r\n\r\n')[1] };
}

async function expectNothingLeft(scene: Scene & { readonly tool: Tool }, status = 101): Promise<void> {
  await until(() => scene.tool.sockets.size === 0);
  await lineWith(scene, status);
}

const write = (socket: Socket, text: string) => void socket.write(text, 'latin1');

describe.each([
  ['in plain HTTP', false],
  ['over TLS', true],
])('%s', (_, tls) => {
  describe.each(Object.keys(faults) as Fault[])('a tool that %s', (fault) => {
    test.each(stages)('%s ends the client’s connection, and no byte is lost', async (_when, bytes) => {
      const { scene, client, tool, told } = await openTunnel(fault, tls);
      if (bytes !== '') write(tool, bytes);
      await until(() => told() === bytes);
      faults[fault](tool);
      await client.end();
      expect(told()).toBe(bytes);
      await expectNothingLeft(scene);
    });

    test('right behind its 101 ends the client’s connection', async () => {
      const scene = await scenes.with(
        (socket) => void socket.write(accepted, () => faults[fault](socket)),
        optionsFor(fault),
      );
      const { client } = await openWebsocket(scene, { tls });
      const text = await client.end();
      // A reset may be faster than what was said before it.
      expect(text).toMatch(fault === 'resets' ? /^HTTP\/1\.1 (101|502) / : /^HTTP\/1\.1 101 [^]*\r\n\r\n$/);
      await expectNothingLeft(scene, Number(text.slice(9, 12)));
    });
  });

  describe.each((Object.keys(faults) as Fault[]).filter((fault) => !tls || fault !== 'resets'))(
    'a client that %s',
    (fault) => {
      test.each(stages)('%s ends the tool’s connection, and no byte is lost', async (_when, bytes) => {
        const { scene, client, heard } = await openTunnel(fault, tls);
        if (bytes !== '') write(client.socket, bytes);
        await until(() => heard() === bytes);
        faults[fault](client.socket);
        await expectNothingLeft(scene);
        await client.end();
        expect(heard()).toBe(bytes);
      });

      test('while a frame of the tool’s is under way ends the tool’s connection', async () => {
        const { scene, client, tool, told } = await openTunnel(fault, tls);
        write(tool, '\x82\x05he');
        await until(() => told() === '\x82\x05he');
        faults[fault](client.socket);
        await expectNothingLeft(scene);
        await client.end();
      });
    },
  );
});

test.each(['closes', 'half-closes', 'resets'] as const)(
  'a client that %s while the tool is in the head of its 101 takes the tool’s connection along',
  async (fault) => {
    const scene = await scenes.with((socket) => void socket.write(accepted.slice(0, 60)));
    const { client } = await openWebsocket(scene, { tls: false });
    await scene.tool.request(0);
    faults[fault](client.socket);
    await expectNothingLeft(scene, 499);
    await client.end();
    expect(client.text).toBe('');
  },
);
