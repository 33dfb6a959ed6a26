const { closeSync, existsSync, mkdirSync, openSync } = require('node:fs');
const path = require('node:path');
const { accepting, cores, start, stop } = require('../processes.cjs');
const { freePorts } = require('../free-ports.cjs');
const { isInstalled } = require('../needed.cjs');
const { asked } = require('./mounts.cjs');

/** In the order of the tables. Every ratio is to the one named here. */
const reference = 'nginx-tuned';
const all = [
  require('./gateway.cjs'),
  require('./nginx-tuned.cjs'),
  require('./nginx-documented.cjs'),
  require('./haproxy.cjs'),
  require('./caddy.cjs'),
  require('./http-proxy.cjs'),
  require('./express.cjs'),
];

/** @returns why a peer cannot take part, or null */
function whyMissing({ program }) {
  return isInstalled(program) ? null : `${program} is not installed`;
}

/**
 * Starts a peer on the proxy's core.
 * @param setting `target`: port of the tool; `mounts`: how many; `access`: whether it logs requests
 */
async function startPeer(peer, { folder, name, pair, target, mounts = 1, access = false }) {
  const [http, https] = await freePorts(2);
  const own = path.join(folder, name);
  mkdirSync(own, { recursive: true });
  const log = path.join(own, 'access.log');
  if (!existsSync(log)) closeSync(openSync(log, 'w'));
  const setting = { folder: own, log, ports: { http, https }, pair, target, mounts, access };
  const { command, args, env } = peer.command(setting);
  const started = start(command, args, { core: cores.proxy, env, stdout: log });
  await accepting(http, started);
  await accepting(https, started);
  return {
    peer,
    log,
    pid: started.pid,
    ports: { http, https },
    url: (scheme, name) => `${scheme}://127.0.0.1:${scheme === 'https' ? https : http}${asked}${name}`,
    stop: () => stop(started),
  };
}

module.exports = { all, reference, startPeer, whyMissing };
