const { loadSmall } = require('./load-small.cjs');

const run = (running, context) => loadSmall(running, 'http', 32, context);
const runQueries = (running, context) => loadSmall(running, 'http', 32, context, { queries: true });

module.exports = {
  id: 'variations',
  title: 'Small JSON with more to do, HTTP, 32 connections',
  shown: ['cpu'],
  settings: { usual: {}, mounts: { mounts: 500 }, access: { access: true } },
  cases: [
    { id: 'usual', title: 'One mount, no access log, the same request again and again', run },
    { id: 'queries', title: 'Another query with each request', base: 'usual', run: runQueries },
    { id: 'mounts', title: '500 mounts', setting: 'mounts', base: 'usual', run },
    { id: 'access', title: 'Access log on', setting: 'access', base: 'usual', run },
  ],
};
