/** In the order of the tables. */
module.exports = [require('./small.cjs')];
