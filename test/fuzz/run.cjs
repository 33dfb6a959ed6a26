// Looks for messages that the relay takes and Node's own parser understands differently.
//
//   npm run fuzz [-- SECONDS [SEED]]     (60 seconds and a new seed unless given)
//
// Ends with 1 at the first difference, which it prints with its bytes and its seed: `npm run fuzz -- 0 SEED` shows it again.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { transformSync } = require('@swc/core');

Module._extensions['.ts'] = (module, file) => {
  const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
  module._compile(transformSync(readFileSync(file, 'utf8'), options).code, file);
};
const { kinds } = require('./cases.ts');

const seconds = Number(process.argv[2] ?? 60);
const first = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
if (!(seconds >= 0) || !Number.isInteger(first)) {
  console.error('The first argument is a number of seconds, the second a seed, a whole number.');
  process.exit(2);
}

const counts = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, { taken: 0, refused: 0, unfinished: 0 }]));
const end = Date.now() + seconds * 1_000;
console.log(`Node ${process.version}, llhttp ${process.versions.llhttp}, first seed ${first}`);
let seed = first;
do {
  for (const [kind, compare] of Object.entries(kinds)) {
    try {
      counts[kind][compare(seed)]++;
    } catch (error) {
      console.log(`A difference in ${kind}, seed ${seed}: ${error?.stack ?? error}`);
      process.exitCode = 1;
    }
  }
  seed++;
} while (process.exitCode === undefined && Date.now() < end);

for (const [kind, count] of Object.entries(counts)) {
  const all = count.taken + count.refused + count.unfinished;
  const share = ((100 * count.taken) / all).toFixed(0);
  console.log(
    `${kind}: ${all}, taken ${count.taken} (${share}%), refused ${count.refused}, unfinished ${count.unfinished}`,
  );
}
