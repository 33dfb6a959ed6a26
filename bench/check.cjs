const http = require('node:http');
const https = require('node:https');
const tls = require('node:tls');
const { agreed, clientOptions } = require('./tls-terms.cjs');
const { json } = require('./upstream/nginx.cjs');
const { fields } = require('./load/request-head.cjs');

/** @returns {Promise<{ status: number, length: number, body: string }>} `length`: bytes of the body */
function ask(url, { method = 'GET', body } = {}) {
  const options = { method, headers: fields, agent: false, ...(url.startsWith('https:') ? clientOptions : {}) };
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? https : http).request(url, options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: answer.statusCode, length: bytes.length, body: bytes.toString() });
      });
    });
    request.setTimeout(5_000, () => request.destroy(new Error(`${url} did not answer within 5 s`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** @throws unless a proxy passes the tool's answer on, and tells the tool what it is meant to tell */
async function checkAnswers(running) {
  const { peer } = running;
  const wrong = (what) => new Error(`${peer.title} cannot be compared: ${what}`);
  for (const scheme of ['http', 'https']) {
    const api = await ask(running.url(scheme, '/api'));
    if (api.status !== 200 || api.body !== json) throw wrong(`${scheme} /api: ${api.status} ${api.body.slice(0, 80)}`);
    const seen = await ask(running.url(scheme, '/seen'));
    const lines = seen.body.trim().split('\n');
    const value = Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s, 2)));
    if (value.uri !== '/seen') throw wrong(`the tool was asked for ${value.uri}, not /seen`);
    const untold = peer.tells.filter((name) => !value[name]);
    if (untold.length > 0) throw wrong(`the tool was not told ${untold.join(', ')}`);
    if (peer.tells.includes('x-forwarded-proto') && value['x-forwarded-proto'] !== scheme) {
      throw wrong(`the tool was told ${value['x-forwarded-proto']} of an ${scheme} request`);
    }
  }
}

/** @returns what a proxy's TLS listener agrees to when it is offered what the load offers */
function termsOf(running) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ ...clientOptions, port: running.ports.https, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(agreed(socket));
      socket.destroy();
    });
  });
}

module.exports = { ask, checkAnswers, termsOf };
