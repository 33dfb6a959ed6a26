const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const os = require('node:os');

/** Debian's packages by the program that is needed of them. */
const packages = { wrk: 'wrk', nginx: 'nginx-light', taskset: 'util-linux', chrt: 'util-linux' };

/** Debian keeps servers where only root's PATH looks. */
function lookWhereServersAre() {
  process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
}

function isInstalled(program) {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
}

/** @returns sentences; [] when nothing is missing without which nothing can be measured */
function whatIsMissing() {
  if (!existsSync('/proc/self/schedstat')) return ['This measures on Linux alone: it reads CPU times from /proc.'];
  const missing = Object.keys(packages).filter((program) => !isInstalled(program));
  const names = [...new Set(missing.map((program) => packages[program]))].join(' ');
  return [
    ...(os.cpus().length < 2 ? ['Two cores are needed: one for the proxy, one for all else.'] : []),
    ...(missing.length > 0 ? [`Not installed: ${missing.join(', ')}; on Debian, apt-get install ${names}`] : []),
  ];
}

module.exports = { isInstalled, lookWhereServersAre, whatIsMissing };
