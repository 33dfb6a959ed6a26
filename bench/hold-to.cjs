const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Microseconds in which a share is given (Linux: CFS bandwidth control). */
const period = 100_000;

/** How either version of cgroups is mounted, and told of a quota. */
const versions = [
  {
    mount: ['-t', 'cgroup2', 'none'],
    has: (root) => readFileSync(path.join(root, 'cgroup.controllers'), 'utf8').split(/\s/).includes('cpu'),
    prepare: (root) => writeFileSync(path.join(root, 'cgroup.subtree_control'), '+cpu'),
    limit: (group, quota) => writeFileSync(path.join(group, 'cpu.max'), `${quota} ${period}`),
  },
  {
    mount: ['-t', 'cgroup', '-o', 'cpu', 'none'],
    has: () => true,
    prepare: () => undefined,
    limit(group, quota) {
      writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(period));
      writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(quota));
    },
  },
];

/**
 * Holds processes to a share of a core each.
 * @returns null where that cannot be done: it needs root
 */
function holdTo(share) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'cgroup-'));
  for (const { mount, has, prepare, limit } of versions) {
    try {
      execFileSync('mount', [...mount, root], { stdio: 'ignore' });
    } catch {
      continue;
    }
    if (!has(root)) {
      execFileSync('umount', [root]);
      continue;
    }
    prepare(root);
    const groups = [];
    return {
      hold(pid) {
        const group = path.join(root, `held-${pid}`);
        mkdirSync(group);
        groups.push(group);
        limit(group, share * period);
        writeFileSync(path.join(group, 'cgroup.procs'), String(pid));
      },
      /** To be called when they have ended. */
      end() {
        groups.forEach((group) => rmdirSync(group));
        execFileSync('umount', [root]);
        rmdirSync(root);
      },
    };
  }
  rmdirSync(root);
  return null;
}

module.exports = { holdTo };
