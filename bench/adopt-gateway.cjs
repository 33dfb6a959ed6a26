// What `prefix: adopt` adds to an answer's way through the gateway, beside a mount that strips: the time to the first byte
// of a page, and the gateway's memory while it passes 100 MB of HTML. `npm run build && node bench/adopt-gateway.cjs`
const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { createGzip } = require('node:zlib');
const { freePorts } = require('./free-ports.cjs');
const { median } = require('./statistics.cjs');

const row =
  '<tr class="row"><td><a href="/topics/topic-1?page=1&amp;sort=name">topic-1</a></td><td>7 messages</td></tr>\n';
const head = '<!doctype html><html><head><title>t</title></head><body><table>';
const piece = Buffer.from(row.repeat(600));
const pageSize = 100 * 1024 * 1024;
const small = head + row.repeat(250);

function* large() {
  yield Buffer.from(head);
  for (let sent = 0; sent < pageSize; sent += piece.length) yield piece;
}

function answer(req, res) {
  const zipped = req.url.includes('gzip');
  res.writeHead(200, { 'content-type': 'text/html', ...(zipped && { 'content-encoding': 'gzip' }) });
  if (req.url.startsWith('/small')) res.end(small);
  else void pipeline(Readable.from(large()), ...(zipped ? [createGzip({ level: 1 })] : []), res).catch(() => undefined);
}

/** @returns milliseconds to the first byte of the body, and bytes of it */
function get(agent, port, target) {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const headers = { Host: 'localhost', Accept: 'text/html' };
    http
      .get({ agent, host: '127.0.0.1', port, path: target, headers }, (res) => {
        let first = 0;
        let bytes = 0;
        res.on('data', (part) => {
          first ||= performance.now() - from;
          bytes += part.length;
        });
        res.on('end', () => resolve({ first, bytes, whole: performance.now() - from }));
        res.on('error', reject);
      })
      .on('error', reject);
  });
}

const rss = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-bench-'));
  const [port, toolPort] = await freePorts(2);
  const tool = http.createServer(answer).listen(toolPort, '127.0.0.1');
  const mount = (name, prefix) => ({ name, path: `/${name}`, target: `http://127.0.0.1:${toolPort}`, prefix });
  const config = {
    listen: { https: 'off', http: { port, mode: 'serve' } },
    mounts: [mount('strip', 'strip'), mount('adopt', 'adopt')],
  };
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, JSON.stringify(config));
  const main = path.join(__dirname, '..', 'dist', 'main.js');
  const gateway = spawn(process.execPath, [main, 'serve', '--config', file], { stdio: 'ignore' });
  process.once('exit', () => gateway.kill());
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    try {
      await get(agent, port, '/strip/small');
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  for (let i = 0; i < 300; i++) for (const name of ['strip', 'adopt']) await get(agent, port, `/${name}/small`);
  const times = { strip: [], adopt: [] };
  for (let i = 0; i < 1_000; i++)
    for (const name of i % 2 ? ['strip', 'adopt'] : ['adopt', 'strip'])
      times[name].push((await get(agent, port, `/${name}/small`)).first);
  const added = times.adopt.map((time, i) => time - times.strip[i]).toSorted((a, b) => a - b);
  const at = (share) => added[Math.floor(added.length * share)].toFixed(2);
  console.log(
    `first byte of a page of ${Math.round(small.length / 1024)} kB: ${median(times.strip).toFixed(2)} ms stripped; ` +
      `adopted ${median(added).toFixed(2)} ms more (half of 1000 between ${at(0.25)} and ${at(0.75)})`,
  );

  for (const target of ['/strip/large', '/adopt/large', '/adopt/large-gzip']) {
    const before = rss(gateway.pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, rss(gateway.pid))), 20);
    const { bytes, whole } = await get(agent, port, target);
    clearInterval(watch);
    console.log(
      `${target}: ${(pageSize / 2 ** 20).toFixed(0)} MB of HTML, ${(bytes / 2 ** 20).toFixed(0)} MB to the client in ` +
        `${(whole / 1000).toFixed(1)} s; resident memory ${before.toFixed(0)} MB before, ${most.toFixed(0)} MB at the most`,
    );
  }
  gateway.kill();
  tool.close();
  agent.destroy();
  rmSync(folder, { recursive: true });
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error.stack);
    process.exit(1);
  },
);
