const { truncateSync } = require('node:fs');
const { startPeer } = require('./peers/index.cjs');
const { checkAnswers } = require('./check.cjs');
const { whileSteady } = require('./steady.cjs');

/**
 * Runs one scenario: every peer beside the others, each checked and warmed up, then round by round one case after
 * another, the peers of a case right after each other.
 *
 * A scenario has `cases` (`run(running, context)` measures one peer and returns its figures; `fresh`: in a process that
 * has done nothing yet), and may have, where the usual is not enough, `settings` (how the peers are started, by name; a
 * case names its own), `ends` (starts a client that all share, which with a `port` is the tool as well), `check` (of a
 * peer, before it is measured), `peers` (ids of those that it is for, where it is not for all) and `prepare` (adds to the context, and `notes`, before the rounds).
 *
 * A peer that fails in a case, twice on end, is out of that case.
 *
 * @param tell told of what is `measured` when it is, and of times when the machine `halted`
 * @returns `measured`: figures by case, peer and name, an array with a value a round each; `notes`; `failed`: a sentence
 * for each peer that is out
 */
async function runScenario(scenario, all, options, usual, tell) {
  const peers = all.filter(({ id }) => scenario.peers?.includes(id) ?? true);
  const { settings = { usual: {} }, check = checkAnswers, cases } = scenario;
  const started = new Map();
  const ends = await scenario.ends?.();
  const context = { ...usual, ends, seconds: options.seconds };
  const measured = Object.fromEntries(cases.map(({ id }) => [id, {}]));
  const failed = new Map();

  async function begin(setting, peer) {
    const id = `${setting} ${peer.id}`;
    await started.get(id)?.stop();
    const place = { folder: context.folder, pair: context.pair, name: `${scenario.id}-${setting}-${peer.id}` };
    const target = ends?.port ?? context.upstream.port;
    started.set(id, await startPeer(peer, { ...place, target, ...settings[setting] }));
    return started.get(id);
  }

  async function measure(one, peer, given) {
    const { setting = 'usual', fresh = false } = one;
    const running = fresh ? await begin(setting, peer) : started.get(`${setting} ${peer.id}`);
    try {
      return await one.run(running, given);
    } finally {
      truncateSync(running.log);
    }
  }

  /** @returns null when the peer is out of the case */
  async function measureTwice(one, peer, given) {
    const id = `${one.id} ${peer.id}`;
    if (failed.has(id)) return null;
    try {
      return await measure(one, peer, given).catch(() => measure(one, peer, given));
    } catch (error) {
      failed.set(id, `${peer.title} is out of "${one.title}": ${error.message}`);
      delete measured[one.id][peer.id];
      return null;
    }
  }

  try {
    for (const setting of Object.keys(settings)) {
      for (const peer of peers) await check(await begin(setting, peer));
    }
    const { notes = [], ...more } = (await scenario.prepare?.((id) => started.get(`usual ${id}`), context)) ?? {};
    const given = { ...context, ...more };
    const warmUp = { ...given, warmUp: true, seconds: Math.min(given.seconds, 2) };
    for (const one of cases) {
      for (const peer of peers) await measureTwice(one, peer, warmUp);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const one of cases) {
        for (const peer of rotated(peers, round)) {
          const found = await whileSteady(() => measureTwice(one, peer, given), tell.halted);
          if (found === null) continue;
          tell.measured(round, one, peer, found);
          const ofPeer = (measured[one.id][peer.id] ??= {});
          for (const [figure, value] of Object.entries(found)) (ofPeer[figure] ??= []).push(value);
        }
      }
    }
    return { measured: inOrder(measured, peers), notes, failed: [...failed.values()] };
  } finally {
    for (const running of started.values()) await running.stop();
    await ends?.stop();
  }
}

/** Nobody is always first, or always after the same neighbour's heat. */
function rotated(peers, round) {
  const at = round % peers.length;
  return [...peers.slice(at), ...peers.slice(0, at)];
}

function inOrder(measured, peers) {
  const sorted = (ofCase) => peers.flatMap(({ id }) => (ofCase[id] ? [[id, ofCase[id]]] : []));
  return Object.fromEntries(Object.entries(measured).map(([id, ofCase]) => [id, Object.fromEntries(sorted(ofCase))]));
}

module.exports = { runScenario };
