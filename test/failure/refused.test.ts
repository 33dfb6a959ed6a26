import { createServer } from 'node:http';
import { refusingPort } from '../support/free-ports';
import { expectFailure, useScenes } from './support/scene';
import { openWebsocket } from './support/websocket';

const scenes = useScenes();

test('a tool that refuses the connection is a 502', async () => {
  const scene = await scenes.before(`http://127.0.0.1:${await refusingPort()}`);
  await expectFailure(scene, await scene.ask(), 502, 'UPSTREAM_REFUSED');
});

test('an upload to it is a 502 that arrives, whatever the size', async () => {
  const scene = await scenes.before(`http://127.0.0.1:${await refusingPort()}`);
  const body = 'x'.repeat(1_000_000);
  const answer = await scene.ask('/tool/', { method: 'POST', fields: [`Content-Length: ${body.length}`], body });
  await expectFailure(scene, answer, 502, 'UPSTREAM_REFUSED');
});

test('a websocket to it is a 502 before any handshake', async () => {
  const scene = await scenes.before(`http://127.0.0.1:${await refusingPort()}`);
  const answer = await (await openWebsocket(scene)).refused();
  await expectFailure(scene, answer, 502, 'UPSTREAM_REFUSED');
});

test('a tool that comes up is reached by the next request', async () => {
  const port = await refusingPort();
  const scene = await scenes.before(`http://127.0.0.1:${port}`);
  expect((await scene.ask()).status).toBe(502);
  const tool = createServer((_req, res) => res.end('up'));
  scenes.after(() => tool.close());
  await new Promise<void>((resolve) => tool.listen(port, '127.0.0.1', resolve));
  expect((await scene.ask()).body).toBe('up');
});
