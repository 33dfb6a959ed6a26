/** What the gateway is meant to reach, as ratios of what a round cost it to what it cost another. */
const { ratios } = require('./statistics.cjs');

const small = ['http-32', 'http-256', 'https-32', 'https-256'];
const both = ['http', 'https'];

/** `base`: against another case of the gateway's own; `more`: the figure grows as the cost shrinks. */
const goals = [
  { title: 'CPU of a small request, against tuned nginx', most: 1, scenario: 'small', cases: small, figure: 'cpu' },
  {
    title: "CPU of a small request, against nginx as in kPow's notes",
    most: 0.45,
    scenario: 'small',
    cases: small,
    figure: 'cpu',
    against: 'nginx-documented',
  },
  {
    title: 'CPU of a small request, against Caddy',
    most: 0.45,
    scenario: 'small',
    cases: small,
    figure: 'cpu',
    against: 'caddy',
  },
  {
    title: 'CPU of a small request, against Express + http-proxy',
    most: 0.1,
    scenario: 'small',
    cases: small,
    figure: 'cpu',
    against: 'express',
  },
  {
    title: 'CPU of a 200 kB asset, against tuned nginx',
    most: 1.2,
    scenario: 'asset',
    cases: both,
    figure: 'perCpu',
    more: true,
  },
  {
    title: 'CPU of a 1 GB download, against tuned nginx',
    most: 1.2,
    scenario: 'download',
    cases: both,
    figure: 'perCpu',
    more: true,
  },
  {
    title: 'CPU of a websocket echo, against tuned nginx',
    most: 1.2,
    scenario: 'websocket',
    cases: both,
    figure: 'cpu',
  },
  {
    title: "CPU of a small request after the portal's page, against one without (HTTP)",
    most: 1.05,
    scenario: 'browser',
    cases: ['http-first'],
    figure: 'cpu',
    base: 'http-usual',
  },
  {
    title: "CPU where every tenth request is for the portal's page, against none (HTTP)",
    most: 1.5,
    scenario: 'browser',
    cases: ['http-mixed'],
    figure: 'cpu',
    base: 'http-usual',
  },
  {
    title: "CPU of a small request after the portal's page, against one without (HTTPS)",
    most: 1.05,
    scenario: 'browser',
    cases: ['https-first'],
    figure: 'cpu',
    base: 'https-usual',
  },
  {
    title: "CPU where every tenth request is for the portal's page, against none (HTTPS)",
    most: 1.5,
    scenario: 'browser',
    cases: ['https-mixed'],
    figure: 'cpu',
    base: 'https-usual',
  },
  {
    title: 'CPU with 500 mounts, against one',
    most: 1.05,
    scenario: 'variations',
    cases: ['mounts'],
    figure: 'cpu',
    base: 'usual',
  },
  {
    title: 'CPU with the access log on, against off',
    most: 1.15,
    scenario: 'variations',
    cases: ['access'],
    figure: 'cpu',
    base: 'usual',
  },
];

/** @returns for each goal that the results tell something of: `title`, `most`, and by case the median ratio and its spread */
function reached(results, list = goals) {
  return list.flatMap((goal) => {
    const scenario = results.scenarios.find(({ id }) => id === goal.scenario);
    const roundsOf = (id, peer) =>
      scenario?.cases.find((one) => one.id === id)?.peers[peer]?.[goal.figure]?.rounds ?? [];
    const found = goal.cases.flatMap((id) => {
      const own = roundsOf(id, 'gateway');
      const other = goal.base ? roundsOf(goal.base, 'gateway') : roundsOf(id, goal.against ?? 'nginx-tuned');
      const ratio = goal.more ? ratios(other, own) : ratios(own, other);
      return ratio === null ? [] : [{ id, ratio }];
    });
    return found.length === 0 ? [] : [{ title: goal.title, most: goal.most, found }];
  });
}

module.exports = { reached };
