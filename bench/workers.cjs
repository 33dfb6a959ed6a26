/**
 * What a second worker brings: the same load on one and on two, in turn, on the machine's two cores.
 *
 *   npm run build && node bench/workers.cjs [rounds]
 *
 * Gateway, tool and clients share the machine, so that a second worker can only take what the others leave. Handshakes
 * with a certificate of RSA 4096 cost the gateway much more than its clients; GETs of a small answer cost it hardly more
 * than the others, and are there for what a request costs.
 */
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { freePorts } = require('./free-ports.cjs');
const { machine } = require('./machine.cjs');
const { costOf } = require('./measure.cjs');
const { ratios, summary } = require('./statistics.cjs');

const rounds = Number(process.argv[2] ?? 5);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('The number of rounds has to be a whole number from 1 on: node bench/workers.cjs 5');
  process.exit(2);
}
const seconds = 6;
const clients = 6;

/** What comes of a program that ends well. */
async function outputOf(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  await once(child, 'close');
  return text;
}

const loads = {
  'Full handshakes, RSA 4096': async ({ https }) => {
    const args = ['s_time', '-connect', `localhost:${https}`, '-new', '-time', String(seconds), '-www', '/tool/'];
    const texts = await Promise.all(Array.from({ length: clients }, () => outputOf('openssl', args)));
    return texts.reduce((sum, text) => sum + Number(/(\d+) connections in \d+ real seconds/.exec(text)?.[1]), 0);
  },
  'GETs on kept connections': async ({ http: port }) => {
    const text = await outputOf('wrk', ['-t1', '-c64', `-d${seconds}`, `http://127.0.0.1:${port}/tool/`]);
    return Number(/(\d+) requests in/.exec(text)?.[1]);
  },
};

async function serve(workers, folder, target) {
  const [https, plain] = await freePorts(2);
  const file = path.join(folder, 'gateway.yaml');
  const pair = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
  const config = {
    workers,
    listen: { https: { port: https, ...pair }, http: { port: plain, mode: 'serve' } },
    log: { access: false, level: 'error' },
    mounts: [{ path: '/tool', target }],
  };
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [path.join(__dirname, '../dist/main.js'), 'serve', '--config', file]);
  let text = '';
  while (!text.includes('Serving')) text += (await once(child.stdout, 'data'))[0];
  return { child, ports: { https, http: plain } };
}

async function main() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'workers-'));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const files = ['-keyout', path.join(folder, 'tls.key'), '-out', path.join(folder, 'tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:4096', '-nodes', ...subject, ...files], { stdio: 'ignore' });
  const tool = http.createServer((_req, res) => res.end('well\n')).listen(0, '127.0.0.1');
  await once(tool, 'listening');
  const target = `http://127.0.0.1:${tool.address().port}`;
  const found = Object.fromEntries(Object.keys(loads).map((name) => [name, { 1: [], 2: [], cpu: { 1: [], 2: [] } }]));
  for (let round = 0; round < rounds; round++) {
    for (const workers of [1, 2]) {
      const { child, ports } = await serve(workers, folder, target);
      for (const [name, load] of Object.entries(loads)) {
        const { result, cpu } = await costOf(child.pid, () => load(ports));
        found[name][workers].push(result / seconds);
        found[name].cpu[workers].push(cpu / result);
      }
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  }
  tool.close();
  rmSync(folder, { recursive: true });
  console.log(Object.values(machine()).join(', '));
  for (const [name, { cpu, ...rates }] of Object.entries(found)) {
    console.log(name);
    for (const workers of [1, 2])
      console.log(
        `  ${workers} ${workers === 1 ? 'worker ' : 'workers'}  ${told(summary(rates[workers]), 0)} a second, ${told(summary(cpu[workers]), 0)} µs of CPU each`,
      );
    console.log(`  two to one: ${told(ratios(rates[2], rates[1]), 2)}; CPU each: ${told(ratios(cpu[2], cpu[1]), 2)}`);
  }
}

const told = ({ median, min, max }, digits) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;

main();
