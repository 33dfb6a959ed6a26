import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './support/certificates';
import { accessLines, requestText, until, useScenes } from './support/scene';

const scenes = useScenes();

test('a client that reads late does not stall the connection to a tool behind TLS that its answer came on', async () => {
  const { cert, key, files } = await selfSigned('localhost');
  // Of a few TLS records, which arrive as one.
  const body = Buffer.alloc(60_000, 'x');
  let asked = 0;
  const tool = createServer({ cert, key }, (_, res) => {
    asked++;
    res.end(body);
  });
  await new Promise<void>((resolve) => tool.listen(0, '127.0.0.1', resolve));
  scenes.after(() => {
    tool.closeAllConnections();
    tool.close();
  });
  const scene = await scenes.before(`https://localhost:${(tool.address() as AddressInfo).port}`, {
    mount: { tls: { ca: files.cert }, timeouts: { response: '3s' } },
  });
  const client = await scene.client(false);
  client.socket.pause();
  const count = 95;
  client.write(requestText('/tool/').repeat(count));
  // Until the gateway waits for the client.
  for (let before = -1; before !== asked; await new Promise((resolve) => setTimeout(resolve, 300))) before = asked;
  expect(asked).toBeLessThan(count);
  client.socket.resume();
  await until(() => accessLines(scene.gateway.lines).length === count);
  expect(accessLines(scene.gateway.lines).filter(({ status }) => status !== 200)).toEqual([]);
});
