/**
 * What a second worker brings: the same load on one and on two, in turn.
 *
 *   npm run build && node bench/workers.cjs [rounds]
 *
 * Gateway, tool and clients share the machine's cores, and a second worker could only take what the others leave. So each
 * worker is held to a share of a core (cgroups: CFS bandwidth), which needs root. Without it the workers have what they
 * can get, and the figures say that.
 */
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { holdTo } = require('./hold-to.cjs');
const { freePorts } = require('./free-ports.cjs');
const { machine } = require('./machine.cjs');
const { costOf, treeOf } = require('./measure.cjs');
const { ratios, summary } = require('./statistics.cjs');

const rounds = Number(process.argv[2] ?? 5);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('The number of rounds has to be a whole number from 1 on: node bench/workers.cjs 5');
  process.exit(2);
}
const seconds = 6;
const clients = 6;
/** Of a core, for each worker: on two cores, as much again and more is left for tool and clients. */
const share = 0.3;

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
  const holding = holdTo(share);
  for (let round = 0; round < rounds; round++) {
    for (const workers of [1, 2]) {
      const { child, ports } = await serve(workers, folder, target);
      // The primary of several, which serves nobody, comes first.
      const serving = workers === 1 ? [child.pid] : treeOf(child.pid).slice(1);
      serving.forEach((pid) => holding?.hold(pid));
      for (const [name, load] of Object.entries(loads)) {
        const { result, cpu } = await costOf(child.pid, () => load(ports));
        found[name][workers].push(result / seconds);
        found[name].cpu[workers].push(cpu / result);
      }
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  }
  holding?.end();
  tool.close();
  rmSync(folder, { recursive: true });
  console.log(Object.values(machine()).join(', '));
  console.log(holding ? `each worker held to ${share} of a core` : 'workers not held: no cgroups (root?)');
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
