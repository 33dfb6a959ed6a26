const { truncateSync } = require('node:fs');
const { startPeer } = require('./peers/index.cjs');
const { checkAnswers } = require('./check.cjs');

/**
 * Runs one scenario: every peer beside the others, each checked and warmed up, then round by round one case after
 * another, the peers of a case right after each other.
 *
 * A scenario has `cases` (`run(running, context)` measures one peer and returns its figures; `fresh`: in a process that
 * has done nothing yet), and may have `settings` (how the peers are started, by name; a case names its own), `tool`
 * (starts what is behind the peers), `check` (of a peer, before it is measured) and `prepare` (adds to the context before
 * the rounds), where the usual is not enough.
 *
 * @returns figures by case, peer and name, an array with a value a round each
 */
async function runScenario(scenario, peers, options, context, tell) {
  const settings = scenario.settings ?? { usual: {} };
  const tool = await scenario.tool?.(context);
  const started = new Map();
  const measured = {};
  try {
    const begin = async (name, peer) => {
      const target = tool?.port ?? context.upstream.port;
      const place = { folder: context.folder, pair: context.pair, name: `${scenario.id}-${name}-${peer.id}`, target };
      const running = await startPeer(peer, { ...place, ...settings[name] });
      started.set(`${name} ${peer.id}`, running);
    };
    for (const name of Object.keys(settings)) {
      for (const peer of peers) {
        await begin(name, peer);
        await (scenario.check ?? checkAnswers)(started.get(`${name} ${peer.id}`));
      }
    }
    const runningFor = async ({ setting = 'usual', fresh = false }, peer) => {
      const name = `${setting} ${peer.id}`;
      if (fresh) {
        await started.get(name).stop();
        await begin(setting, peer);
      }
      return started.get(name);
    };
    const more = (await scenario.prepare?.((peer) => started.get(`usual ${peer}`), { ...context, tool })) ?? {};
    const whole = { ...context, tool, ...more, seconds: options.seconds };
    for (const one of scenario.cases) {
      for (const peer of peers) await measure(one, await runningFor(one, peer), { ...whole, warmUp: true });
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const one of scenario.cases) {
        for (const peer of rotated(peers, round)) {
          const found = await measure(one, await runningFor(one, peer), whole);
          tell(round, one, peer, found);
          const ofPeer = ((measured[one.id] ??= {})[peer.id] ??= {});
          for (const [figure, value] of Object.entries(found)) (ofPeer[figure] ??= []).push(value);
        }
      }
    }
    return { measured, notes: more.notes ?? [] };
  } finally {
    for (const running of started.values()) await running.stop();
    await tool?.stop();
  }
}

async function measure(one, running, context) {
  try {
    return await one.run(running, context);
  } finally {
    truncateSync(running.log);
  }
}

/** Nobody is always first, or always after the same neighbour's heat. */
function rotated(peers, round) {
  const at = round % peers.length;
  return [...peers.slice(at), ...peers.slice(0, at)];
}

module.exports = { runScenario };
