const { default: Sequencer } = require('@jest/test-sequencer');

/** Those that are many in one come first: begun last, one of them would run on alone when all else is over. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rest = super.sort(tests);
    const isLong = ({ path }) => path.includes('/failure-in-parts/');
    return [...rest.filter(isLong), ...rest.filter((test) => !isLong(test))];
  }
};
