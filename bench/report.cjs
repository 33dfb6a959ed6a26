/**
 * The tables of a saved run, as Markdown: `node bench/report.cjs [bench/results.json]`.
 */
const { readFileSync } = require('node:fs');
const { figures } = require('./figures.cjs');

function markdown(results) {
  const { about } = results;
  const titles = Object.fromEntries(Object.entries(about.peers).map(([id, { title }]) => [id, title]));
  const parts = results.scenarios.flatMap((scenario) => [
    `### ${scenario.title}`,
    ...scenario.notes,
    ...scenario.cases.map((one) => `${one.title}\n\n${table(one, titles)}`),
  ]);
  return [...parts, origin(about)].join('\n\n');
}

/** A row a peer; in each cell median, spread, and the ratio to tuned nginx with its spread. */
function table({ peers }, titles) {
  const columns = [...new Set(Object.values(peers).flatMap((found) => Object.keys(found)))];
  const head = ['', ...columns.map((id) => figures[id].title)];
  const rows = Object.entries(peers).map(([peer, found]) => [
    titles[peer],
    ...columns.map((id) => (found[id] ? cell(found[id], figures[id].digits) : '–')),
  ]);
  return [head, head.map(() => '-'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell({ toTuned, ...found }, digits) {
  const ratio = toTuned === null ? '' : ` · ${spread(toTuned, 2, '×')}`;
  return `${spread(found, digits)}${ratio}`;
}

function spread({ median, min, max, rounds }, digits, sign = '') {
  const middle = `${sign}${median.toFixed(digits)}`;
  return rounds.length === 1 ? middle : `${middle} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function origin({ date, command, rounds, seconds, machine }) {
  return `${date}, \`${command}\`: ${rounds} rounds of ${seconds} s on ${machine.cpu}, ${machine.kernel}, Node ${machine.node}.`;
}

module.exports = { markdown };

if (require.main === module) {
  const file = process.argv[2] ?? require('node:path').join(__dirname, 'results.json');
  console.log(markdown(JSON.parse(readFileSync(file, 'utf8'))));
}
