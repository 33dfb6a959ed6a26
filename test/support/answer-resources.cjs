const { readFileSync } = require('node:fs');

// Tells the parent what this process holds, whenever it asks. resources.ts is the other end.
exports.answerResources = () => {
  process.on('message', () => {
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    process.send({ sockets, peakMemory: peakMemory() });
  });
};

/** Bytes. Linux's own count, where there is one: `maxRSS` is the parent's where that was larger when it forked. */
function peakMemory() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
