// http-proxy alone, wired as its README says, in a process of its own: a crash is then something to look at.
// argv: the library, the target, and the wiring as JSON (see bare-proxy.ts). Reports its port to the parent.
const http = require('node:http');
const { answerResources } = require('./answer-resources.cjs');

const [, , library, target, json] = process.argv;
const { agent, forwarded, mount, setHeader } = JSON.parse(json);
const { createProxyServer } = require(library);

const proxy = createProxyServer({
  target,
  ws: true,
  ...(forwarded ? { xfwd: true } : {}),
  ...(agent ? { agent: new http.Agent(agent) } : {}),
});

// README, "Listening for proxy events". For a websocket the third argument is a socket, which the README forgets.
proxy.on('error', (_error, _req, res) => {
  if (!('writeHead' in res)) {
    res.end();
    return;
  }
  res.writeHead(500, { 'Content-Type': 'text/plain' });
  res.end('Something went wrong. And we are reporting a custom error message.');
});

// README, "Setup a stand-alone proxy server with proxy request header re-writing".
if (setHeader) proxy.on('proxyReq', (proxyReq) => proxyReq.setHeader('X-Special-Proxy-Header', 'foobar'));

if (mount) {
  // README, "Setup a stand-alone proxy server with custom server logic".
  const server = http.createServer((req, res) => {
    if (req.url.startsWith(mount)) proxy.web(req, res);
    else res.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
} else {
  proxy.listen(0, '127.0.0.1');
  const server = proxy._server;
  server.once('listening', () => process.send(server.address().port));
}

answerResources();
process.once('disconnect', () => process.exit());
