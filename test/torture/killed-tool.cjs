// A tool that is killed again and again. What it says tells what it answers, in every part, so that a mix-up shows.
//
//   node killed-tool.cjs PORT
const { createHash } = require('node:crypto');
const http = require('node:http');
const { pipeline } = require('node:stream');
const { WebSocketServer } = require('ws');

const answers = {
  short: ({ url }, res) => res.end(`${url}\n`),
  long: ({ url }, res) => res.end(`${url}\n`.repeat(20_000)),
  chunks({ url }, res) {
    // Over some time.
    let left = 10;
    const more = () => {
      res.write(`${url}\n`.repeat(100));
      if (--left > 0) setTimeout(more, 5);
      else res.end();
    };
    more();
  },
  digest(req, res) {
    const hash = createHash('sha256');
    req.on('data', (bytes) => hash.update(bytes));
    req.on('end', () => res.end(`${req.url} ${hash.digest('hex')}`));
  },
  // While it comes in.
  echo: (req, res) => pipeline(req, res, () => undefined),
};
const server = http.createServer((req, res) => answers[req.url.split('/')[1]](req, res));
server.keepAliveTimeout = 5_000;
const echo = new WebSocketServer({ server, perMessageDeflate: false });
echo.on('connection', (client) => {
  client.on('error', () => undefined);
  client.on('message', (data, binary) => client.send(data, { binary }));
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
