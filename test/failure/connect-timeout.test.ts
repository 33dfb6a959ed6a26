import { rawUpstream } from '../support/upstreams';
import { blackHole } from './support/black-hole';
import { expectFailure, until, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const impatient = { mount: { timeouts: { connect: '150ms' } } };

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
