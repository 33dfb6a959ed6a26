import { lineWith, useScenes, type SceneOptions } from './support/scene';
import { accepted, openWebsocket } from './support/websocket';

const scenes = useScenes();

/*
 * Browsers fail a websocket whose handshake is redirected (Fetch, "WebSocket opening handshake"). nginx redirects it all
 * the same, which many reports of many tools are about.
 */
describe.each<[string, SceneOptions['mount'] & object, string]>([
  ['strip', {}, '/'],
  ['strip, with a base path', {}, '/base/'],
  ['keep', { prefix: 'keep', trailingSlash: 'redirect' }, '/tool/'],
  ['adopt', { prefix: 'adopt' }, '/'],
])('a handshake at the mount’s path without its slash: %s', (name, mount, path) => {
  test.each(['', '?token=a/b'])('goes to the tool as though it had it, with the query %j', async (query) => {
    const tool = await scenes.with((socket) => void socket.write(accepted), { mount });
    const scene = name.includes('base') ? await scenes.before(`${tool.tool.url}/base`, { mount }) : tool;
    for (const tls of [true, false]) {
      const { client, open } = await openWebsocket(scene, { tls, target: `/tool${query}` });
      await open();
      client.destroy();
      await lineWith(scene, 101);
    }
    expect(tool.tool.requests.map((request) => request.path)).toEqual([path + query, path + query]);
  });
});

test('where the tool is asked without the slash, so is it for a websocket', async () => {
  const scene = await scenes.with((socket) => void socket.write(accepted), { mount: { prefix: 'keep' } });
  const { client, open } = await openWebsocket(scene, { target: '/tool' });
  await open();
  expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/tool']);
  client.destroy();
  await lineWith(scene, 101);
});

test('an upgrade that is no handshake is redirected as ever', async () => {
  const scene = await scenes.with(() => undefined);
  const answer = await scene.ask('/tool', { fields: ['Upgrade: h2c'] });
  expect([answer.status, answer.headers['location']]).toEqual([308, '/tool/']);
});
