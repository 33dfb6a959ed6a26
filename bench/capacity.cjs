// What one gateway process holds and spends: memory for each open websocket, CPU for each request, message and TLS
// handshake. CPU is the process's own (user and system), so other load on the machine shows little.
//
//   npm run build && node bench/capacity.cjs [most websockets, 9000 unless given]
//
// Gateway, tool and clients are processes of their own on this machine. Descriptors: two for each websocket in the
// gateway (`ulimit -n`).
const { fork } = require('node:child_process');
const http = require('node:http');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { mkdtempSync, rmSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { WebSocket, WebSocketServer } = require('ws');

const roles = { gateway, tool, clients };
const role = roles[process.argv[2]];
if (role) role();
else main(Number(process.argv[2] ?? 9_000));

/** A process of its own that answers each message with what `run` of it returns. */
function start(name, given) {
  const child = fork(__filename, [name, JSON.stringify(given)], { execArgv: ['--expose-gc'] });
  let turn = Promise.resolve();
  const ask = (question) =>
    (turn = turn.then(
      () =>
        new Promise((resolve, reject) => {
          child.once('message', ({ value, error }) => (error ? reject(new Error(error)) : resolve(value)));
          child.send(question);
        }),
    ));
  return { ask, end: () => child.kill('SIGKILL') };
}

function serve(handlers) {
  process.on('message', ({ what, ...rest }) => {
    Promise.resolve()
      .then(() => handlers[what](rest))
      .then(
        (value) => process.send({ value }),
        (error) => process.send({ error: String(error?.stack ?? error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}

function gateway() {
  const { createGateway } = require('../dist/gateway.js');
  const { resolveConfig } = require('../dist/config/load.js');
  const { target, folder } = JSON.parse(process.argv[3]);
  let running;
  serve({
    async start() {
      const files = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
      const listen = { https: { port: 0, host: '127.0.0.1', ...files }, http: 'off' };
      const mounts = [{ path: '/kpow', target }];
      running = createGateway(resolveConfig({ listen, mounts, log: { level: 'error', access: false } }));
      return (await running.start()).https.port;
    },
    cpu() {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    memory() {
      global.gc();
      return process.memoryUsage.rss();
    },
  });
}

function tool() {
  const server = http.createServer((_req, res) => res.setHeader('Content-Type', 'text/plain').end('x'.repeat(1024)));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  serve({
    start: () => new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, () => resolve(server.address().port))),
    send({ bytes }) {
      const message = Buffer.alloc(bytes);
      for (const socket of sockets.clients) socket.send(message);
      return sockets.clients.size;
    },
  });
}

function clients() {
  const { port } = JSON.parse(process.argv[3]);
  const origin = `127.0.0.1:${port}/kpow/`;
  const agent = new https.Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });
  const sockets = [];
  let messages = 0;
  const get = (options) =>
    new Promise((resolve, reject) => {
      https
        .get(`https://${origin}`, { rejectUnauthorized: false, ...options }, (res) => {
          res.resume();
          res.on('end', () => resolve());
        })
        .on('error', reject);
    });
  const inParallel = async (count, width, one) => {
    let left = count;
    const worker = async () => {
      while (left-- > 0) await one();
    };
    await Promise.all(Array.from({ length: width }, worker));
  };
  serve({
    requests: ({ count }) => inParallel(count, 16, () => get({ agent })),
    handshakes: ({ count }) => inParallel(count, 8, () => get({ agent: false, session: undefined })),
    open: ({ count }) =>
      inParallel(
        count,
        32,
        () =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(`wss://${origin}`, { rejectUnauthorized: false, perMessageDeflate: false });
            socket.once('open', resolve);
            socket.once('error', reject);
            socket.on('message', () => messages++);
            sockets.push(socket);
          }),
      ),
    async received({ count }) {
      while (messages < count) await pause(5);
      messages = 0;
    },
  });
}

async function main(most) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kpow-gateway-bench-'));
  const toolProcess = start('tool', {});
  const target = `http://127.0.0.1:${await toolProcess.ask({ what: 'start' })}`;
  const gate = start('gateway', { target, folder });
  const port = await gate.ask({ what: 'start' });
  const people = start('clients', { port });
  const cpu = () => gate.ask({ what: 'cpu' });
  const memory = () => gate.ask({ what: 'memory' });

  /** CPU microseconds for each of `count`, in several rounds: median and range. */
  const cost = async (label, rounds, count, run) => {
    const each = [];
    for (let round = 0; round <= rounds; round++) {
      const before = await cpu();
      await run(count);
      // The first round warms up.
      if (round > 0) each.push(((await cpu()) - before) / count);
    }
    each.sort((a, b) => a - b);
    const middle = each[Math.floor(each.length / 2)];
    console.log(`${label}: ${middle.toFixed(0)} us (${each[0].toFixed(0)} to ${each.at(-1).toFixed(0)})`);
  };

  try {
    console.log(`Node ${process.versions.node}, ${os.cpus()[0].model}, ${os.cpus().length} cores`);
    console.log(`memory of an idle gateway: ${megabytes(await memory())}`);
    await cost('CPU of a GET over a kept TLS connection, 1 KB answer', 5, 4000, (count) =>
      people.ask({ what: 'requests', count }),
    );
    await cost('CPU of a GET over a new TLS connection', 5, 400, (count) => people.ask({ what: 'handshakes', count }));
    const empty = await memory();
    let open = 0;
    for (const count of [most / 10, most / 2, most]) {
      await people.ask({ what: 'open', count: count - open });
      open = count;
      const rss = await memory();
      const each = (rss - empty) / open / 1024;
      console.log(`memory with ${open} open websockets over TLS: ${megabytes(rss)}, ${each.toFixed(1)} KB each`);
    }
    for (const bytes of [64, 1024]) {
      await cost(`CPU of a message of ${bytes} bytes to a websocket`, 5, open, async (count) => {
        await toolProcess.ask({ what: 'send', bytes });
        await people.ask({ what: 'received', count });
      });
    }
    const before = await cpu();
    await pause(10_000);
    const spent = (await cpu()) - before;
    console.log(`CPU of ${open} silent websockets: ${(spent / 1e5).toFixed(2)} percent of a core`);
  } finally {
    for (const each of [toolProcess, gate, people]) each.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
