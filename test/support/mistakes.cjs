// Loaded first into a program: SIGUSR2 has an error thrown that nobody catches. MISTAKE says where.
const cluster = require('node:cluster');
const { Server } = require('node:http');
const net = require('node:net');

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
} else if (MISTAKE === 'start') {
  // The third worker, which replaces one of two: a mistake that nobody catches, and then no port.
  if (cluster.worker?.id === 3)
    net.Server.prototype.listen = function () {
      places.promise();
      setTimeout(() => this.emit('error', new Error('no port for it')), 200);
      return this;
    };
} else process.on('SIGUSR2', places[MISTAKE]);
