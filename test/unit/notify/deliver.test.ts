import { deliver } from '../../../src/notify/deliver';
import { rawUpstream } from '../../support/upstreams';

test('each message has a connection of its own, also where the receiver would keep it', async () => {
  let connections = 0;
  const receiver = await rawUpstream((socket) => {
    connections++;
    socket.on('data', (bytes: Buffer) => {
      if (bytes.includes('{}')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const to = { url: receiver.url, contentType: 'application/json', headers: {}, timeout: 10_000, ca: null };
  for (let message = 0; message < 2; message++)
    expect(await deliver(to, '{}', new AbortController().signal)).toMatchObject({ outcome: 'answered', status: 200 });
  expect(connections).toBe(2);
  await receiver.close();
});
