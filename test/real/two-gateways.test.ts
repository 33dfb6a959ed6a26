import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import path from 'node:path';
import WebSocket from 'ws';
import { startKpow, type KpowStandIn } from '../../src/demo/kpow';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startNginx, type Nginx } from '../support/nginx';
import { startProgram, type Program } from '../support/program';

const main = builtProgram();

let kpow: KpowStandIn;
let ports: number[];
let gateways: Program[];
let nginx: Nginx;
const agent = new Agent({ keepAlive: true });

/** Two gateways as their users start them, and a balancer that knows nothing of sessions. */
beforeEach(async () => {
  kpow = await startKpow({ login: true, liveInterval: 20 });
  ports = await freePorts(2);
  gateways = await Promise.all(ports.map(startGateway));
  nginx = await startNginx(
    [
      {
        locations: `
    location / {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      add_header X-Gateway $upstream_addr;
    }`,
      },
    ],
    `
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream gateways {
    ${ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=1s;`).join('\n    ')}
    keepalive 16;
  }`,
  );
});
afterEach(async () => {
  await nginx.stop();
  await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')));
  await kpow.close();
});
afterAll(() => agent.destroy());

async function startGateway(port: number): Promise<Program> {
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      listen: { https: 'off', http: { port, host: '127.0.0.1', mode: 'serve' } },
      trustedProxies: ['loopback'],
      log: { access: false },
      mounts: [{ path: '/kpow', target: kpow.url }],
    }),
  );
  const program = await startProgram(process.execPath, [main, 'serve', '--config', file]);
  await program.until('Serving');
  return program;
}

interface Answer {
  readonly status: number;
  /** `127.0.0.1:port`, the last that nginx asked. */
  readonly by: string;
  readonly fields: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function ask(target: string, { method = 'GET', headers = {}, body = '' }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const [port = 0] = nginx.ports;
    const asked = request({ port, host: '127.0.0.1', path: target, method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const by =
          String(answer.headers['x-gateway'] ?? '')
            .split(', ')
            .at(-1) ?? '';
        resolve({ status: answer.statusCode ?? 0, by, fields: answer.headers, body: text });
      });
    });
    asked.on('error', reject).end(body);
  });
}

async function signIn(): Promise<string> {
  const form = 'j_username=admin&j_password=admin';
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(form.length) };
  const { fields } = await ask('/kpow/j_security_check', { method: 'POST', headers, body: form });
  return String(fields['set-cookie']).split(';')[0] ?? '';
}

async function openLive(cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${nginx.ports[0] ?? 0}/kpow/chsk`, { headers: { cookie } });
  socket.on('error', () => undefined);
  await once(socket, 'message');
  return socket;
}

/** Several clients that ask one request after the other, as long as they are let. */
function startLoad(cookie: string) {
  const answers: Answer[] = [];
  const broken: unknown[] = [];
  const waiting = new Set<() => void>();
  let on = true;
  const client = async () => {
    while (on) {
      try {
        answers.push(await ask('/kpow/me', { headers: { cookie } }));
      } catch (error) {
        broken.push(error);
      }
      for (const look of [...waiting]) look();
    }
  };
  const clients = Array.from({ length: 8 }, client);
  return {
    answers,
    broken,
    /** Resolves when so many more have been answered. */
    more: (count: number) =>
      new Promise<void>((resolve) => {
        const goal = answers.length + count;
        const look = () => {
          if (answers.length < goal) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      }),
    stop: async () => {
      on = false;
      await Promise.all(clients);
    },
  };
}

const addresses = (answers: readonly Answer[]) => new Set(answers.map(({ by }) => by));
const address = (index: number) => `127.0.0.1:${ports[index] ?? 0}`;

test('a session that began through one gateway goes on through the other', async () => {
  const cookie = await signIn();
  const load = startLoad(cookie);
  await load.more(100);
  await load.stop();
  expect(addresses(load.answers)).toEqual(new Set([address(0), address(1)]));
  expect(load.answers.every(({ status, body }) => status === 200 && body.includes('"admin"'))).toBe(true);
});

test('one that is killed under load costs no request; its websockets open again through the other', async () => {
  const cookie = await signIn();
  const sockets = await Promise.all(Array.from({ length: 6 }, () => openLive(cookie)));
  const load = startLoad(cookie);
  await load.more(200);
  const dropped = Promise.race(sockets.map((socket) => once(socket, 'close')));
  gateways[0]?.child.kill('SIGKILL');
  await Promise.all([gateways[0]?.ended, dropped]);
  await load.more(200);
  await load.stop();
  expect(load.broken).toEqual([]);
  expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(addresses(load.answers.slice(-50))).toEqual(new Set([address(1)]));

  const left = sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(sockets.length);
  await Promise.all(left.map((socket) => once(socket, 'message')));
  const again = await Promise.all(Array.from({ length: sockets.length - left.length }, () => openLive(cookie)));
  for (const socket of [...left, ...again]) socket.terminate();
});

test('one that is told to end under load ends with 0 and costs no request; once it is back, the other can follow', async () => {
  const cookie = await signIn();
  const load = startLoad(cookie);
  await load.more(200);
  for (const index of [0, 1]) {
    gateways[index]?.child.kill('SIGTERM');
    expect(await gateways[index]?.ended).toBe(0);
    await load.more(100);
    gateways[index] = await startGateway(ports[index] ?? 0);
    // nginx looks at it again after a second; until then there is only the other.
    do await load.more(10);
    while (!addresses(load.answers.slice(-10)).has(address(index)));
  }
  await load.stop();
  expect(load.broken).toEqual([]);
  expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
}, 60_000);
