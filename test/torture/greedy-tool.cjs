// A tool that answers at once, swallows bodies, and has one answer that is large.
//
//   node greedy-tool.cjs PORT
const http = require('node:http');

const large = Buffer.alloc(20_000_000, 'x');
const server = http.createServer((req, res) => {
  if (req.url === '/large') res.end(large);
  else req.resume().on('end', () => res.end('{"ok":true}'));
});
server.keepAliveTimeout = 5_000;
server.listen(Number(process.argv[2]), '127.0.0.1', 4096, () => console.log('listening'));
