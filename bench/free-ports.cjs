const { createServer } = require('node:net');

/** Below the range that Linux takes the ports of outgoing connections from: there, the load would sit on them. */
let next = 21_000;
const end = 32_000;

/** @returns ports of 127.0.0.1 that nobody listens on, none of them given before */
async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    if (next >= end) throw new Error('No port between 21000 and 32000 is free');
    const port = next++;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

module.exports = { freePorts };
