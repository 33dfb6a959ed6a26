const path = require('node:path');
const { version } = require('http-proxy/package.json');
const nodeProxy = require('./node-proxy.cjs');

module.exports = nodeProxy({
  id: 'http-proxy',
  title: 'http-proxy',
  version: `http-proxy-3 ${version}`,
  main: path.join(__dirname, 'http-proxy-main.cjs'),
});
