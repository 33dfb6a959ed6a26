// `npm start` and `npm run demo`: the gateway, from a fresh clone on, in this process. npm passes SIGTERM on to its child
// alone, the shell, which would end without its own child: hence `exec` in package.json, and one process for all. What npm
// passes on to nobody (it was killed, or its terminal has been closed) shows in the parent being another one.
const path = require('node:path');
const { compile, endBy, endingChildren, install } = require('./steps.cjs');

const main = path.join(__dirname, '../../dist/main.js');
const parent = process.ppid;

const left = (then) => {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 300).unref();
  return timer;
};

void (async () => {
  const early = left(() => endBy('SIGTERM'));
  await endingChildren(async () => {
    await install();
    await compile({ whenChanged: true });
  });
  clearInterval(early);
  left(() => process.kill(process.pid, 'SIGTERM'));
  process.argv[1] = main;
  require(main);
})();
