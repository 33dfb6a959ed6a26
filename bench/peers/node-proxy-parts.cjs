const { randomUUID } = require('node:crypto');
const { readFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { createProxyServer } = require('http-proxy');

/** As in http-proxy's README: a keep-alive agent, `xfwd`, an answer where the tool does not give one. */
function createProxy({ target }) {
  const proxy = createProxyServer({
    target: `http://127.0.0.1:${target}`,
    agent: new http.Agent({ keepAlive: true }),
    xfwd: true,
    ws: true,
  });
  proxy.on('error', (_error, _request, response) => {
    if ('writeHead' in response && !response.headersSent) response.writeHead(502);
    response.end();
  });
  return proxy;
}

/** Listens on both ports. @param upgrade gets (request, socket, head) of websocket handshakes */
function listen({ ports, pair }, handle, upgrade) {
  const tls = { cert: readFileSync(pair.cert), key: readFileSync(pair.key) };
  for (const [server, port] of [
    [http.createServer(handle), ports.http],
    [https.createServer(tls, handle), ports.https],
  ]) {
    server.on('upgrade', upgrade);
    server.listen(port, '127.0.0.1', 4096);
  }
}

/** Writes a line when the answer has ended. */
function logWhenDone(request, response, mount) {
  const begun = process.hrtime.bigint();
  const { url } = request;
  response.once('finish', () => {
    const line = {
      level: 30,
      time: new Date().toISOString(),
      id: randomUUID(),
      mount,
      method: request.method,
      path: url,
      status: response.statusCode,
      bytes: Number(response.getHeader('content-length') ?? 0),
      duration: Number(process.hrtime.bigint() - begun) / 1e6,
      client: request.socket.remoteAddress,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
}

module.exports = { createProxy, listen, logWhenDone };
