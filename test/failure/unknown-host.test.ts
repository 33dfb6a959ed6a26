import { expectFailure, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();
const unknown = 'http://kpow.unknown.invalid:3000';

test('a target whose name leads nowhere is a 502 that does not tell the name', async () => {
  const scene = await scenes.before(unknown);
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_UNKNOWN_HOST');
});

test('so it is for a websocket', async () => {
  const scene = await scenes.before(unknown);
  await expectFailure(scene, await (await openWebsocket(scene)).refused(), 502, 'UPSTREAM_UNKNOWN_HOST');
});
