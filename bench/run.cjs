/**
 * The gateway beside other proxies, under the same load: `npm run bench -- --help`.
 *
 * One core is the proxy's, another one the load's and the tool's. All proxies are started, and measured in turns,
 * several rounds of it, so that each figure has its peer from the same minute beside it.
 */
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { seeConditions } = require('./conditions.cjs');
const { readOptions } = require('./options.cjs');
const { figures } = require('./figures.cjs');
const { machine } = require('./machine.cjs');
const { lookWhereServersAre, whatIsMissing } = require('./needed.cjs');
const { all, whyMissing } = require('./peers/index.cjs');
const { killAll, moveToLoadCore } = require('./processes.cjs');
const { conditions, full, goalsMet } = require('./report.cjs');
const { summarise } = require('./results.cjs');
const { runScenario } = require('./rounds.cjs');
const scenarios = require('./scenarios/index.cjs');
const { startUpstream } = require('./upstream/nginx.cjs');
const { makeWorkspace } = require('./workspace.cjs');

const known = { scenarios: scenarios.map(({ id }) => id), peers: all.map(({ id }) => id) };
const options = readOptions(process.argv.slice(2), known);
if (options.told !== undefined) {
  console.log(options.told);
  process.exit(options.code);
}

lookWhereServersAre();
const lacking = whatIsMissing();
if (lacking.length > 0) {
  console.error(lacking.join('\n'));
  process.exit(1);
}

let workspace = null;
process.once('exit', () => {
  killAll();
  workspace?.remove();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
main().then(
  () => process.exit(0),
  (error) => {
    console.error(error.stack);
    process.exit(1);
  },
);

async function main() {
  moveToLoadCore();
  workspace = await makeWorkspace();
  const upstream = await startUpstream(path.join(workspace.folder, 'upstream'));
  const context = { ...workspace, upstream, quick: options.quick };

  const wanted = all.filter(({ id }) => options.peers.includes(id));
  const missing = wanted.flatMap((peer) => {
    const why = whyMissing(peer);
    return why === null ? [] : [{ peer: peer.title, why }];
  });
  for (const { peer, why } of missing) console.error(`${peer} is left out: ${why}`);
  const peers = wanted.filter((peer) => whyMissing(peer) === null);

  const about = {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...process.argv.slice(2)].join(' ').replace(' --', ' -- --'),
    rounds: options.rounds,
    seconds: options.seconds,
    machine: machine(),
    peers: Object.fromEntries(peers.map(({ id, title, version, logs }) => [id, { title, version: version(), logs }])),
    missing,
    ...(await seeConditions(peers, context)),
  };
  console.error(conditions(about));

  const begun = Date.now();
  const results = { about, scenarios: [] };
  about.measuredAgain = 0;
  const tell = {
    measured(round, one, peer, found) {
      const each = Object.entries(found).map(
        ([id, value]) => `${figures[id].title} ${value.toFixed(figures[id].digits)}`,
      );
      console.error(`${round + 1}. ${one.title}: ${peer.title.padEnd(22)} ${each.join(', ')}`);
    },
    halted(gap) {
      about.measuredAgain++;
      console.error(`The machine stood still for ${Math.round(gap)} ms; measured again`);
    },
  };
  for (const scenario of scenarios.filter(({ id }) => options.scenarios.includes(id))) {
    console.error(`\n${scenario.title}`);
    const found = await runScenario(scenario, peers, options, context, tell);
    for (const sentence of found.failed) console.error(sentence);
    results.scenarios.push(summarise(scenario, found));
  }

  about.minutes = Math.round((Date.now() - begun) / 6_000) / 10;
  console.log(`${full(results)}\n\n${goalsMet(results)}`);
  if (options.out === null) return;
  mkdirSync(path.dirname(path.resolve(options.out)), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
  console.error(`Written to ${options.out}`);
}
