// Does to a gateway what happens to one in years, and prints what came of it.
//
//   npm run torture              all of it, in less than 15 minutes
//   npm run torture -- --short   a share of it, in less than 3
//
// Ends with 1 when anything was lost or left behind.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
  module._compile(transformSync(readFileSync(file, 'utf8'), options).code, file);
};
const { tortures } = require('./all.ts');

const short = process.argv.includes('--short');
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));

async function main() {
  console.log(`Node ${process.version}${short ? ', the short share' : ''}\n`);
  const begun = Date.now();
  const rows = [];
  for (const torture of tortures(short)) {
    if (only.length > 0 && !only.some((word) => torture.name.toLowerCase().includes(word.toLowerCase()))) continue;
    const from = Date.now();
    const outcome = await torture.run().catch((error) => ({
      tried: 1,
      survived: 0,
      lostCount: 1,
      lost: [String(error?.stack ?? error)],
      leaked: 0,
      notes: [],
    }));
    const row = { ...outcome, name: torture.name, seconds: Math.round((Date.now() - from) / 1000) };
    rows.push(row);
    console.log(`${row.name} (${row.seconds} s)`);
    for (const note of row.notes) console.log(`  ${note}`);
    for (const lost of row.lost) console.log(`  LOST ${lost}`);
  }
  console.log(`\n${table(rows)}\n\n${Math.round((Date.now() - begun) / 1000)} seconds in all`);
  process.exit(rows.length > 0 && rows.every(({ lostCount, leaked }) => lostCount + leaked === 0) ? 0 : 1);
}

function table(rows) {
  const cells = [
    ['', 'tried', 'survived', 'lost', 'leaked'],
    ...rows.map(({ name, tried, survived, lostCount, leaked }) =>
      [name, tried, survived, lostCount, leaked].map(String),
    ),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}

void main();
