// How fast pages are rewritten for `prefix: adopt`, in MB for each second of CPU, beside the tokenizer that browsers'
// behaviour is checked against: `npm run build && node bench/adopt.cjs`.
const { createRequire } = require('node:module');
const { PageRewriter } = require('../dist/adopt/html/page-rewriter');
const { BodyUrls } = require('../dist/adopt/urls');
const { median } = require('./statistics.cjs');

/** Rows of a table as tools list things: links, classes, some text, a script and a style sheet. */
function tablePage(size) {
  const head =
    '<!doctype html><html><head><link rel="stylesheet" href="/static/app.css"><style>a{background:url(/a.png)}</style>' +
    '<script>const rows = "<tr>".length;</script></head><body><table>';
  let page = head;
  for (let i = 0; page.length < size; i++)
    page +=
      `<tr class="row ${i % 2 ? 'odd' : 'even'}" id="row-${i}"><td><a class="name" href="/topics/topic-${i}?page=1&amp;sort=name">` +
      `topic-${i}</a></td><td>${i * 7} messages</td><td title="last seen">2026-01-01 12:00:00</td>` +
      `<td><button type="button" data-id="${i}" class="btn btn-small">Delete</button></td></tr>\n`;
  return Buffer.from(page + '</table></body></html>');
}

const mount = {
  config: { prefix: 'adopt', path: '/tool', targets: [], target: { path: '' } },
  base: '/tool',
  adopts: true,
  access: null,
};
const context = {
  mount,
  origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
  host: 'tools.example',
  publicTarget: '/tool/',
  upstreamTarget: '/',
};

const page = tablePage(32 * 1024 * 1024);
const piece = 64 * 1024;

function rewrite() {
  const rewriter = new PageRewriter(new BodyUrls(context), Buffer.from('<script></script>'), { document: true });
  let size = 0;
  for (let at = 0; at < page.length; at += piece) size += rewriter.push(page.subarray(at, at + piece)).length;
  return size + rewriter.end().length;
}

function tokenize() {
  const { Tokenizer } = createRequire(__filename)('parse5');
  const nothing = () => undefined;
  const sink = new Proxy({}, { get: () => nothing });
  const tokenizer = new Tokenizer({ sourceCodeLocationInfo: false }, sink);
  for (let at = 0; at < page.length; at += piece)
    tokenizer.write(page.toString('latin1', at, at + piece), at + piece >= page.length);
}

function rates(work, rounds) {
  work();
  return Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return page.length / (user + system);
  });
}

for (const [name, work, rounds] of [
  ['kpow-gateway: the whole rewriting', rewrite, 9],
  ['parse5: its tokenizer alone', tokenize, 3],
]) {
  const found = rates(work, rounds);
  const shown = [median(found), Math.min(...found), Math.max(...found)].map((rate) => rate.toFixed(0));
  console.log(`${name}: ${shown[0]} MB for each second of CPU (${shown[1]} to ${shown[2]}, ${rounds} runs)`);
}
