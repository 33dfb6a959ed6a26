import { constants } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './support/certificates';
import { useScenes } from './support/scene';

const scenes = useScenes();

test('a tool that breaks over a session to resume is asked without one the next time', async () => {
  const { cert, key, files } = await selfSigned('localhost');
  // Ids, not tickets: with these, the server is asked.
  const oldSessions = { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET } as const;
  const tool = createServer({ cert, key, ...oldSessions }, (_, res) => {
    res.setHeader('Connection', 'close');
    res.end('ok');
  });
  const known = new Set<string>();
  let broke = 0;
  tool.on('newSession', (id: Buffer, _data, done: () => void) => {
    known.add(id.toString('hex'));
    done();
  });
  tool.on('resumeSession', (id: Buffer, done: (error: Error | null, data: null) => void) => {
    const offered = known.has(id.toString('hex'));
    if (offered) broke++;
    done(offered ? new Error('out of order') : null, null);
  });
  await new Promise<void>((resolve) => tool.listen(0, '127.0.0.1', resolve));
  scenes.after(() => void tool.close());
  const scene = await scenes.before(`https://localhost:${(tool.address() as AddressInfo).port}`, {
    mount: { tls: { ca: files.cert } },
  });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await scene.ask()).status);
  expect(broke).toBeGreaterThan(0);
  expect(statuses).toEqual([200, 502, 200, 502]);
});
