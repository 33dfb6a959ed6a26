const { parseArgs } = require('node:util');

const help = `npm run bench -- [options]

  --only a,b       some scenarios: SCENARIOS
  --peers a,b      some proxies: PEERS
  --rounds N       how often each is measured (5)
  --seconds N      how long each is measured in a round (2)
  --quick          one round of one second, the gateway and tuned nginx alone: to see that all works
  --out FILE       where the results go; without it, bench/results.json after a whole run, nowhere after a partial one
`;

/** @param known ids of all `scenarios` and `peers` @returns options, or `{ told }` to print and the exit code to leave with */
function readOptions(args, known) {
  const told = help.replace('SCENARIOS', known.scenarios.join(', ')).replace('PEERS', known.peers.join(', '));
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { told, code: 0 };
    const { quick } = values;
    const partial = quick || ['only', 'peers', 'rounds'].some((name) => values[name] !== undefined);
    return {
      scenarios: chosen('--only', values.only, known.scenarios),
      peers: chosen('--peers', values.peers ?? (quick ? known.peers.slice(0, 2).join(',') : undefined), known.peers),
      rounds: whole('--rounds', values.rounds, quick ? 1 : 5),
      seconds: whole('--seconds', values.seconds, quick ? 1 : 2),
      quick,
      out: values.out ?? (partial ? null : 'bench/results.json'),
    };
  } catch (error) {
    return { told: `${error.message}\n\n${told}`, code: 2 };
  }
}

function chosen(option, text, known) {
  if (text === undefined) return known;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`${option}: there is no "${unknown[0]}"; there are ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

function whole(option, text, otherwise) {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option}: "${text}" is no whole number from 1 on`);
  return number;
}

module.exports = { readOptions };
