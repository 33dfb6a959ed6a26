const { readFileSync, readdirSync, writeFileSync } = require('node:fs');

/**
 * The parent and the name of a process, of a line of /proc/PID/stat (proc(5)). The name is in parentheses and may have
 * any characters, spaces and parentheses among them.
 */
function parseStat(line) {
  const end = line.lastIndexOf(')');
  const [state, parent] = line.slice(end + 2).split(' ');
  return { name: line.slice(line.indexOf('(') + 1, end), state, parent: Number(parent) };
}

/** @returns nanoseconds that a thread has run, of /proc/PID/task/TID/schedstat: time run, time waited, turns */
function parseSchedstat(line) {
  return Number(line.split(' ', 1)[0]);
}

/** @returns kilobytes, of /proc/PID/status; 0 where it has no such line */
function parseMemory(status, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}

/** A process and all that descend from it: nginx and Caddy differ in how many they are. */
function treeOf(root) {
  const children = new Map();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = read(`/proc/${pid}/stat`);
    if (line === null) continue;
    const { parent } = parseStat(line);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** @returns microseconds that a process and its descendants have run, user and system, all their threads */
function cpuOf(root) {
  let nanoseconds = 0;
  for (const pid of treeOf(root)) {
    for (const thread of list(`/proc/${pid}/task`)) {
      nanoseconds += parseSchedstat(read(`/proc/${pid}/task/${thread}/schedstat`) ?? '0');
    }
  }
  return nanoseconds / 1_000;
}

/** @returns bytes that a process and its descendants hold in memory now */
const memoryOf = (root) => sumOfMemory(root, 'VmRSS');

/** @returns bytes, the most that they have held since `forgetPeak` */
const peakMemoryOf = (root) => sumOfMemory(root, 'VmHWM');

function sumOfMemory(root, field) {
  const each = treeOf(root).map((pid) => parseMemory(read(`/proc/${pid}/status`) ?? '', field));
  return each.reduce((sum, kilobytes) => sum + kilobytes, 0) * 1_024;
}

/** proc(5), /proc/PID/clear_refs: 5 resets the peak to what is held now. */
function forgetPeak(root) {
  for (const pid of treeOf(root)) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Runs `work` and tells what it cost the process: microseconds of CPU, and the share of its core that they are. */
async function costOf(root, work) {
  const before = cpuOf(root);
  const begun = process.hrtime.bigint();
  const result = await work();
  const cpu = cpuOf(root) - before;
  const wall = Number(process.hrtime.bigint() - begun) / 1_000;
  return { result, cpu, busy: cpu / wall };
}

/** A process may end between being listed and being read. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

module.exports = { costOf, cpuOf, forgetPeak, memoryOf, parseMemory, parseSchedstat, parseStat, peakMemoryOf, treeOf };
