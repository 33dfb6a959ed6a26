const files = require('./files.cjs');
const websocket = require('./websocket.cjs');

/** In the order of the tables. */
module.exports = [
  require('./small.cjs'),
  require('./browser.cjs'),
  require('./fixed-rate.cjs'),
  files.asset,
  files.download,
  require('./post.cjs'),
  websocket.echo,
  websocket.idle,
  require('./handshakes.cjs'),
  require('./variations.cjs'),
];
