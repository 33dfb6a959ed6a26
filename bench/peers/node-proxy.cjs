const { mountPaths } = require('./mounts.cjs');

/** A peer that is a small program of ours around http-proxy; it gets its setting as JSON. */
function nodeProxy({ id, title, version, main }) {
  return {
    id,
    title,
    program: process.execPath,
    version: () => `${version}, Node ${process.versions.node}`,
    // What the option `xfwd` sends.
    tells: ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-host'],
    logs: "the gateway's fields as JSON, a write each",
    command({ ports, pair, target, mounts, access }) {
      const setting = { ports, pair, target, paths: mountPaths(mounts), access };
      return {
        command: process.execPath,
        args: [main, JSON.stringify(setting)],
        env: { NODE_ENV: 'production' },
      };
    },
  };
}

module.exports = nodeProxy;
