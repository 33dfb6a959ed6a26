const path = require('node:path');
const { version } = require('http-proxy/package.json');
const express = require('express/package.json');
const nodeProxy = require('./node-proxy.cjs');

module.exports = nodeProxy({
  id: 'express',
  title: 'Express + http-proxy',
  version: `Express ${express.version}, http-proxy-3 ${version}`,
  main: path.join(__dirname, 'express-main.cjs'),
});
