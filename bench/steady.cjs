const { performance } = require('node:perf_hooks');

/** Milliseconds between two looks at the clock, and the gap between two from which on the machine counts as halted. */
const every = 20;
const halt = 200;

/**
 * Runs `work`, and again where the machine stood still meanwhile, as a virtual one does when its host takes it off its
 * processors: this process only waits, so that it sees gaps that no load makes. No more than three times.
 * @param halted told of the longest gap, in milliseconds, each time that something is measured again
 */
async function whileSteady(work, halted) {
  for (let tries = 1; ; tries++) {
    const gap = watchClock();
    try {
      const result = await work();
      const longest = gap();
      if (longest < halt || tries === 3) return result;
      halted(longest);
    } finally {
      gap();
    }
  }
}

/** @returns what ends the watch and tells the longest gap until then */
function watchClock() {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - every);
    last = now;
  };
  const timer = setInterval(look, every);
  return () => {
    clearInterval(timer);
    look();
    return longest;
  };
}

module.exports = { whileSteady };
