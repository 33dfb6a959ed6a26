import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAgent } from '../../../src/upstream/agent';
import { UpstreamPool } from '../../../src/relay/upstream-pool';
import { answerName } from '../../support/names';
import { mountOf } from '../../support/mounts';
import { askOf } from '../relay/ask';

/** A minute for people is a twentieth of a second here. */
const keepAlive = { idle: 60_000, life: 50 };

let address: string;
let endNames: () => void;
const servers: Server[] = [];

async function listenAt(host: string, port: number): Promise<number> {
  const server = createServer((_req, res) => res.end(host));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(() => {
  address = '127.0.0.2';
  endNames = answerName('tool.test', () => [address]);
});
afterEach(() => {
  endNames();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Asks without a pause, so that the connection is never idle for long, until another machine answers. */
async function askUntilMoved(ask: () => Promise<string>, port: number): Promise<void> {
  expect(await ask()).toBe('127.0.0.2');
  await listenAt('127.0.0.3', port);
  address = '127.0.0.3';
  while ((await ask()) !== '127.0.0.3');
}

test('the relay follows a name that moves while its connections are busy, and the first machine still answers', async () => {
  const port = await listenAt('127.0.0.2', 0);
  const { target } = mountOf({ target: `http://tool.test:${port}` }).config;
  const pool = new UpstreamPool({ target, tls: {}, maxHead: 16_384 }, keepAlive);
  await askUntilMoved(() => askOf(pool), port);
  pool.end();
});

test('the app follows it as well', async () => {
  const port = await listenAt('127.0.0.2', 0);
  const { config } = mountOf({ target: `http://tool.test:${port}` });
  const agent = createAgent(config, {}, keepAlive);
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      get({ agent, host: 'tool.test', port }, (answer) => {
        let body = '';
        answer.on('data', (bytes: Buffer) => (body += bytes.toString()));
        // The connection goes back to the agent right behind it.
        answer.on('end', () => setImmediate(resolve, body));
      }).on('error', reject);
    });
  await askUntilMoved(ask, port);
  agent.destroy();
});
