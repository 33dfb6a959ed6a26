const { loadSmall } = require('./load-small.cjs');

module.exports = {
  id: 'small',
  title: 'Small JSON (208 bytes)',
  shown: ['cpu', 'requests', 'p99'],
  cases: ['http', 'https'].flatMap((scheme) =>
    [32, 256].map((connections) => ({
      id: `${scheme}-${connections}`,
      title: `${scheme.toUpperCase()}, ${connections} connections`,
      run: (running, context) => loadSmall(running, scheme, connections, context),
    })),
  ),
};
