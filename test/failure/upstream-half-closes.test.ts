import { expectFailure, requestText, useScenes } from './support/scene';
import { readAnswer } from './support/answer';

const scenes = useScenes();

test('a tool that ends its side in the middle of an upload, and reads no further, is a 502 at once', async () => {
  const scene = await scenes.with((socket) => void socket.pause());
  const client = await scene.client();
  const length = 20_000_000;
  client.write(requestText('/tool/', { method: 'POST', fields: [`Content-Length: ${length}`] }));
  client.write(Buffer.alloc(length));
  const { socket } = await scene.tool.request(0);
  // Until nothing moves any more.
  for (let before = -1; before !== client.tcp.bytesWritten - client.tcp.writableLength;) {
    before = client.tcp.bytesWritten - client.tcp.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  socket.end();
  await client.until('"requestId"');
  await expectFailure(scene, readAnswer(client.text), 502, 'UPSTREAM_CLOSED');
});
