// Loaded first: whoever calls util._extend (Node's DEP0060) dies, on every release of Node, not only where it warns.
const util = require('node:util');

util._extend = () => {
  throw new Error('util._extend was called');
};
