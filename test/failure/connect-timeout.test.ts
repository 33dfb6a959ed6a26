import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { rawUpstream } from '../support/upstreams';
import { expectFailure, until, useScenes, type Scenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const impatient = { mount: { timeouts: { connect: '150ms' } } };

/** Listens, then never accepts: its process is stopped for good inside its own callback. */
const listensOnly = `
  require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port) + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A port that takes packets and answers none: its queue of connections is full, and stays so. */
async function blackHole({ after }: Scenes): Promise<number> {
  const child = spawn(process.execPath, ['-e', listensOnly], { stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  const port = Number(await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve)));
  const queued = new Set<Socket>();
  after(() => queued.forEach((socket) => socket.destroy()));
  for (let waiting = false; !waiting;) {
    const socket = connect({ port, host: '127.0.0.1' });
    queued.add(socket);
    socket.on('error', () => undefined);
    waiting = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      // What is measured here is that nothing comes.
      setTimeout(() => resolve(true), 100);
    });
  }
  return port;
}

test('a tool whose machine takes no connection is a 504', async () => {
  const scene = await scenes.before(`http://127.0.0.1:${await blackHole(scenes)}`, impatient);
  await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
});

describe('a tool that accepts the connection but never shakes hands', () => {
  const mute = async () => {
    const tool = await rawUpstream((socket) => void socket.resume().once('end', () => socket.destroy()));
    scenes.after(() => tool.close());
    return { tool, scene: await scenes.before(`https://127.0.0.1:${tool.port}`, impatient) };
  };

  test('is a 504, and its connection is given up', async () => {
    const { tool, scene } = await mute();
    await expectFailure(scene, await scene.ask(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
    await until(() => tool.sockets.size === 0);
  });

  test('is a 504 to a websocket, and its connection is given up', async () => {
    const { tool, scene } = await mute();
    await expectFailure(scene, await (await openWebsocket(scene)).refused(), 504, 'UPSTREAM_CONNECT_TIMEOUT');
    await until(() => tool.sockets.size === 0);
  });
});
