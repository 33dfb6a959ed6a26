import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerName } from '../support/names';
import { useScenes } from './support/scene';

const scenes = useScenes();

async function listenAt(address: string, port: number, says: string): Promise<Server> {
  const server = createServer((_req, res) => res.end(says));
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  scenes.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

test('a tool whose first address refuses is reached at its second', async () => {
  const { port } = (await listenAt('127.0.0.3', 0, 'the second')).address() as AddressInfo;
  scenes.after(answerName('tool.test', () => ['127.0.0.2', '127.0.0.3']));
  const scene = await scenes.before(`http://tool.test:${port}`);
  expect((await scene.ask()).body).toBe('the second');
});

test('a name that leads to another machine is followed as soon as the first one is gone', async () => {
  let address = '127.0.0.2';
  scenes.after(answerName('tool.test', () => [address]));
  const first = await listenAt('127.0.0.2', 0, 'the first');
  const { port } = first.address() as AddressInfo;
  const scene = await scenes.before(`http://tool.test:${port}`);
  expect((await scene.ask()).body).toBe('the first');
  await listenAt('127.0.0.3', port, 'the second');
  address = '127.0.0.3';
  first.closeAllConnections();
  expect((await scene.ask()).body).toBe('the second');
});
