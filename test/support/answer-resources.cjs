const { readdirSync, readFileSync } = require('node:fs');

// Tells the parent what this process holds, whenever it asks. resources.ts is the other end.
exports.answerResources = () => {
  process.on('message', () => {
    const active = process.getActiveResourcesInfo();
    const count = (wanted) => active.filter((name) => name === wanted).length;
    process.send({
      sockets: count('TCPSocketWrap'),
      timers: count('Timeout'),
      descriptors: descriptors(),
      peakMemory: peakMemory(),
    });
  });
};

/** Linux only. */
function descriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** Bytes. Linux's own count, where there is one: `maxRSS` is the parent's where that was larger when it forked. */
function peakMemory() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
