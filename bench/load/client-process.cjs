const path = require('node:path');
const { start, stop } = require('../processes.cjs');

/**
 * A load generator of ours, in a process of its own on the load's core.
 * Resolves once it is up.
 * @param name of the file beside this one, which calls `answer`
 * @param idleClass gives it the core only while nobody else wants it
 */
async function startClient(name, { idleClass = false } = {}) {
  const file = path.join(__dirname, name);
  const [command, args] = idleClass ? ['chrt', ['--idle', '0', process.execPath, file]] : [process.execPath, [file]];
  const started = start(command, args, { ipc: true });
  /** @returns what its handler of that name returns */
  const ask = (what, given = {}) =>
    new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`${name} has ended; it said:\n${started.output}`));
      started.child.once('exit', ended);
      started.child.once('message', ({ value, error }) => {
        started.child.off('exit', ended);
        if (error === undefined) resolve(value);
        else reject(new Error(`${name}: ${error}`));
      });
      started.child.send({ what, given });
    });
  await ask('up');
  return { ask, stop: () => stop(started) };
}

/** In the client: answers one question after another. */
function answer(handlers) {
  process.on('message', ({ what, given }) => {
    Promise.resolve()
      .then(() => (what === 'up' ? undefined : handlers[what](given)))
      .then(
        (value) => process.send({ value }),
        (error) => process.send({ error: String(error?.stack ?? error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}

module.exports = { answer, startClient };
