const { truncateSync } = require('node:fs');
const { startPeer } = require('./peers/index.cjs');
const { checkAnswers } = require('./check.cjs');

/**
 * Runs one scenario: every peer beside the others, each checked and warmed up, then round by round one case after
 * another, the peers of a case right after each other.
 *
 * A scenario has `cases` (`run(running, context)` measures one peer and returns its figures), and may have `settings`
 * (how the peers are started, by name; a case names its own), `tool` (starts what is behind the peers, if it is not the
 * usual one), `check` (of a peer, beside the usual one) and `prepare` (adds to the context before the rounds).
 *
 * @returns figures by case, peer and name, an array with a value a round each
 */
async function runScenario(scenario, peers, options, context, tell) {
  const settings = scenario.settings ?? { usual: {} };
  const tool = await scenario.tool?.(context);
  const started = new Map();
  const measured = {};
  try {
    for (const [name, setting] of Object.entries(settings)) {
      for (const peer of peers) {
        const target = tool?.port ?? context.upstream.port;
        const place = { folder: context.folder, pair: context.pair, name: `${scenario.id}-${name}-${peer.id}`, target };
        const running = await startPeer(peer, { ...place, ...setting });
        started.set(`${name} ${peer.id}`, running);
        await (scenario.check ?? checkAnswers)(running, { ...context, tool });
      }
    }
    const runningFor = (one, peer) => started.get(`${one.setting ?? 'usual'} ${peer.id}`);
    const more = (await scenario.prepare?.((peer) => started.get(`usual ${peer}`), { ...context, tool })) ?? {};
    const whole = { ...context, tool, ...more, seconds: options.seconds };
    for (const one of scenario.cases) {
      for (const peer of peers) await measure(one, runningFor(one, peer), { ...whole, warmUp: true });
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const one of scenario.cases) {
        for (const peer of rotated(peers, round)) {
          const found = await measure(one, runningFor(one, peer), whole);
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
