const net = require('node:net');
const tls = require('node:tls');
const { clientOptions } = require('../tls-terms.cjs');
const { fields } = require('./request-head.cjs');

/** One for all connections: making one costs more than a handshake. */
const secureContext = tls.createSecureContext(clientOptions);

/**
 * @param {{ port: number, secure: boolean, session?: Buffer, onSession?: (session: Buffer) => void }} to `session`: to
 * resume; `onSession`: told of each that can be
 * @returns {Promise<net.Socket>} connected, and through its handshake
 */
function connect({ port, secure, session, onSession }) {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', noDelay: true };
    const socket = secure ? tls.connect({ ...clientOptions, ...to, secureContext, session }) : net.connect(to);
    if (onSession) socket.on('session', onSession);
    socket.once('error', reject);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** @param more fields besides those that every request has */
function requestHead(path, port, more = {}) {
  const all = Object.entries({ Host: `127.0.0.1:${port}`, ...fields, ...more });
  return [`GET ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}

module.exports = { connect, requestHead };
