const { loadSmall } = require('./load-small.cjs');

/** A person opens the portal first, and the browser keeps its connections for everything else. */
module.exports = {
  id: 'browser',
  title: "Small JSON on a browser's connections, 32",
  shown: ['cpu', 'p99'],
  peers: ['gateway'],
  cases: ['http', 'https'].flatMap((scheme) =>
    [
      { id: `${scheme}-usual`, title: `${scheme.toUpperCase()}, from the tool alone`, own: undefined },
      {
        id: `${scheme}-first`,
        title: `${scheme.toUpperCase()}, after the portal's page`,
        own: 'first',
        base: `${scheme}-usual`,
      },
      {
        id: `${scheme}-mixed`,
        title: `${scheme.toUpperCase()}, every tenth request for the portal's page`,
        own: 'mixed',
        base: `${scheme}-usual`,
      },
    ].map(({ own, ...one }) => ({
      ...one,
      run: (running, context) => loadSmall(running, scheme, 32, context, { own }),
    })),
  ),
};
