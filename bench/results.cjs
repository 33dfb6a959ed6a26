const { ratios, summary } = require('./statistics.cjs');
const { reference } = require('./peers/index.cjs');

/**
 * A scenario's rounds as they are saved: each figure of each case and peer with its median and spread (`median`, `min`,
 * `max`, `rounds`), `toTuned` (the same against tuned nginx in the same round; null without it), and in cases that are
 * a variation of another one `toBase` (against that one, of the same peer in the same round). `shown`: the figures that
 * matter most.
 */
function summarise({ id, title, shown, cases }, { measured, notes, failed }) {
  const told = cases.map((one) => {
    const peers = Object.fromEntries(
      Object.entries(measured[one.id] ?? {}).map(([peer, found]) => [
        peer,
        Object.fromEntries(
          Object.entries(found).map(([figure, rounds]) => {
            const tuned = measured[one.id][reference]?.[figure] ?? [];
            const base = one.base === undefined ? undefined : measured[one.base]?.[peer]?.[figure];
            return [
              figure,
              { ...summary(rounds), toTuned: ratios(rounds, tuned), ...(base && { toBase: ratios(rounds, base) }) },
            ];
          }),
        ),
      ]),
    );
    return { id: one.id, title: one.title, peers };
  });
  return { id, title, shown, notes, failed, cases: told };
}

module.exports = { summarise };
