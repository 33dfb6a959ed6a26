const { execFileSync } = require('node:child_process');
const os = require('node:os');

/** What the figures were measured on. */
function machine() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu.model,
    cores: os.cpus().length,
    memory: `${Math.round(os.totalmem() / 1024 ** 3)} GB`,
    kernel: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    wrk: /wrk (\S+)/.exec(said('wrk -v 2>&1'))?.[1] ?? 'not installed',
  };
}

/** wrk says its version with an exit code of 1. */
function said(command) {
  return execFileSync('sh', ['-c', `${command} || true`], { encoding: 'utf8' });
}

module.exports = { machine };
