const path = require('node:path');
const { writeFileSync } = require('node:fs');
const { version } = require('../../package.json');
const { forwarded } = require('./forwarded.cjs');
const { mountPaths } = require('./mounts.cjs');

const main = path.join(__dirname, '..', '..', 'dist', 'main.js');

module.exports = {
  id: 'gateway',
  title: 'kpow-gateway',
  program: process.execPath,
  version: () => `${version}, Node ${process.versions.node}`,
  tells: forwarded,
  logs: 'its own JSON lines',
  command({ folder, ports, pair, target, mounts, access }) {
    const file = path.join(folder, 'gateway.yaml');
    const config = {
      listen: {
        https: { port: ports.https, host: '127.0.0.1', cert: pair.cert, key: pair.key, hsts: '365d' },
        http: { port: ports.http, host: '127.0.0.1', mode: 'serve' },
      },
      mounts: mountPaths(mounts).map((mount) => ({
        path: mount,
        target: `http://127.0.0.1:${target}`,
        health: 'off',
      })),
      log: { level: access ? 'info' : 'error', format: 'json', access },
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    return { command: process.execPath, args: [main, 'serve', '--config', file], env: { NODE_ENV: 'production' } };
  },
};
