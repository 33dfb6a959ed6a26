// A tool that is killed again and again. Its answers say what they answer, in every part, so that a mixed-up one shows.
//
//   node killed-tool.cjs PORT
const http = require('node:http');

const server = http.createServer((req, res) => {
  const line = `${req.url}\n`;
  const kind = req.url.split('/')[1];
  if (kind === 'short') res.setHeader('Content-Length', line.length).end(line);
  else if (kind === 'long') res.setHeader('Content-Length', line.length * 20_000).end(line.repeat(20_000));
  else {
    // In chunks, over some time.
    let left = 10;
    const more = () => {
      res.write(line.repeat(100));
      if (--left > 0) setTimeout(more, 5);
      else res.end();
    };
    more();
  }
});
server.keepAliveTimeout = 5_000;
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
