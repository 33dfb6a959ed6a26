const { loadSmall } = require('./load-small.cjs');

const run = (running, context) => loadSmall(running, 'http', 32, context);

module.exports = {
  id: 'variations',
  title: 'Small JSON with more to do, HTTP, 32 connections',
  shown: ['cpu'],
  settings: { usual: {}, mounts: { mounts: 500 }, access: { access: true } },
  cases: [
    { id: 'usual', title: 'One mount, no access log', run },
    { id: 'mounts', title: '500 mounts', setting: 'mounts', base: 'usual', run },
    { id: 'access', title: 'Access log on', setting: 'access', base: 'usual', run },
  ],
};
