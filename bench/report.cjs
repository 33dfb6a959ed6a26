/**
 * A saved run as Markdown: `node bench/report.cjs [--full | --goals] [bench/results.json]`.
 *
 * Without an option, the figures that matter most, a column a proxy; with `--full`, every figure, a table a case; with
 * `--goals`, how far the gateway is from what it is meant to reach.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { figures } = require('./figures.cjs');
const { reached } = require('./goals.cjs');

/** Whose columns are ratios: all but this one's. */
const reference = 'nginx-tuned';

function overview(results) {
  const peers = Object.entries(results.about.peers);
  const rows = results.scenarios.flatMap(({ title, shown, cases }) =>
    cases.flatMap((one) =>
      shown.map((id) => [
        `${title}: ${one.title}, ${figures[id].title}`,
        ...peers.map(([peer]) => shortCell(one.peers[peer]?.[id], figures[id].digits, peer)),
      ]),
    ),
  );
  return [table(['', ...peers.map(([, { title }]) => title)], rows), ...notes(results), origin(results.about)].join(
    '\n\n',
  );
}

function full(results) {
  const { peers } = results.about;
  const parts = results.scenarios.flatMap(({ title, notes, failed, cases }) => [
    `### ${title}`,
    ...notes,
    ...failed,
    ...cases.map((one) => `${one.title}\n\n${tableOfCase(one, peers)}`),
  ]);
  return [...parts, origin(results.about)].join('\n\n');
}

function goalsMet(results) {
  const rows = reached(results).map(({ title, most, found }) => [
    title,
    `${most}`,
    found.map(({ id, ratio }) => `${id} ${spread(ratio, 2)}`).join(', '),
    found.every(({ ratio }) => ratio.median <= most) ? 'yes' : 'no',
  ]);
  return table(['Goal', 'At most', 'Reached', 'Met'], rows);
}

const notes = ({ scenarios }) =>
  scenarios.flatMap(({ title, notes, failed }) => [...notes, ...failed].map((note) => `${title}: ${note}`));

/** A row a peer; in each cell median, spread, and the ratio to tuned nginx with its spread. */
function tableOfCase({ peers }, about) {
  const columns = [...new Set(Object.values(peers).flatMap((found) => Object.keys(found)))];
  const rows = Object.entries(peers).map(([peer, found]) => [
    about[peer].title,
    ...columns.map((id) => fullCell(found[id], figures[id].digits)),
  ]);
  return table(['', ...columns.map((id) => figures[id].title)], rows);
}

function table(head, rows) {
  return [head, head.map(() => '-'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function shortCell(found, digits, peer) {
  if (found === undefined) return '–';
  if (peer === reference || found.toTuned === null) return spread(found, digits);
  return `${found.median.toFixed(digits)} · ${spread(found.toTuned, 2, '×')}`;
}

function fullCell(found, digits) {
  if (found === undefined) return '–';
  const tuned = found.toTuned === null ? '' : ` · ${spread(found.toTuned, 2, '×')}`;
  const base = found.toBase ? ` · ${spread(found.toBase, 2, '×')} of the first case` : '';
  return `${spread(found, digits)}${tuned}${base}`;
}

function spread({ median, min, max, rounds }, digits, sign = '') {
  const middle = `${sign}${median.toFixed(digits)}`;
  return rounds.length === 1 ? middle : `${middle} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** Without this, the figures mean nothing. */
function origin(about) {
  const { date, command, rounds, seconds, machine, peers, missing, measuredAgain = 0 } = about;
  const versions = Object.values(peers).map(({ title, version }) => `${title} ${version}`);
  return [
    `Measured on ${date} with \`${command}\`, ${rounds} × ${seconds} s each: median, and from least to most in parentheses;`,
    '× is the ratio to tuned nginx in the same round. Where less than all of its core is used, the load sets the pace.',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.kernel}; wrk ${machine.wrk}; ${versions.join('; ')}.`,
    conditions(about),
    ...(measuredAgain > 0 ? [`Measured again, because the machine stood still: ${measuredAgain} times.`] : []),
    ...missing.map(({ peer, why }) => `${peer} is left out: ${why}.`),
  ].join('\n');
}

/** What all proxies speak; wrk's end tells less of it than the proxies'. And the gateway's way. */
function conditions({ tls, ways }) {
  const terms = new Set(Object.entries(tls).flatMap(([who, said]) => (who === 'wrk' ? [] : [said])));
  return [
    `TLS, all: ${[...terms].join('; ')}.`,
    ...(ways ? [`The gateway's way, by its access log: ${told(ways)}.`] : []),
  ].join('\n');
}

/** `relay` where all go the same way, else each with its own. */
function told(ways) {
  const [one, ...others] = new Set(Object.values(ways));
  if (others.length === 0) return one;
  return Object.entries(ways)
    .map(([what, way]) => `${what} ${way}`)
    .join(', ');
}

module.exports = { conditions, full, goalsMet, overview };

if (require.main === module) {
  const options = { full: { type: 'boolean' }, goals: { type: 'boolean' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const results = JSON.parse(readFileSync(positionals[0] ?? path.join(__dirname, 'results.json'), 'utf8'));
  console.log(values.full ? full(results) : values.goals ? goalsMet(results) : overview(results));
}
