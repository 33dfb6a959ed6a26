// Loaded first into a program: SIGUSR2 has an error thrown that nobody catches. MISTAKE says where.
const { Server } = require('node:http');

const mistake = (where) => Object.assign(new Error(`a mistake in a ${where}`), { cause: new Error('the cause of it') });

const places = {
  timer: () =>
    setTimeout(() => {
      throw mistake('timer');
    }, 1),
  promise: () => void Promise.reject(mistake('promise')),
  // What is no error, and cannot even be shown.
  nothing: () => void Promise.reject(Object.create(null)),
  endless: () =>
    setInterval(() => {
      throw mistake('timer that comes again');
    }, 1),
};

const { MISTAKE = '' } = process.env;
if (MISTAKE === 'handler') {
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, ...args) {
    if (event === 'request' && args[0].url === '/-/mistake') throw mistake('handler');
    return emit.call(this, event, ...args);
  };
} else process.on('SIGUSR2', places[MISTAKE]);
