// Clients that hold on to a gateway, as slowly as they can, and come again whenever they are cut off.
//
//   node slow-clients.cjs PORT KIND COUNT
//
// KIND: idle (connects and is silent), heads and bodies (a byte a second), reads (asks for much and takes nothing), storm
// (connects and leaves, COUNT at a time, as fast as it can). It says "holding" once all are connected, and tells by
// SIGTERM how many connections there were.
const net = require('node:net');

const [port, kind, count] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];
/** What each says at first. */
const words = {
  idle: '',
  heads: 'GET /tool/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
  bodies: 'POST /tool/swallow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n',
  reads: 'GET /tool/large HTTP/1.1\r\nHost: localhost\r\n\r\n',
  storm: '',
};
const trickles = kind === 'heads' || kind === 'bodies';
const open = new Set();
let made = 0;
let held = false;

function connect() {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    made++;
    open.add(socket);
    if (words[kind] !== '') socket.write(words[kind]);
    if (kind === 'storm') socket.resetAndDestroy();
    else if (kind === 'reads') socket.pause();
    else socket.resume();
    if (!held && made >= count) {
      held = true;
      console.log('holding');
    }
  });
  socket.once('close', () => {
    open.delete(socket);
    // A storm is one because it does not wait.
    setTimeout(connect, kind === 'storm' ? 0 : 1_000);
  });
}

// A byte a second each, and not all in one moment. (And paused sockets alone do not keep a process alive.)
let turn = 0;
setInterval(() => {
  turn = (turn + 1) % 20;
  if (!trickles) return;
  let nth = 0;
  for (const socket of open) if (nth++ % 20 === turn) socket.write('x');
}, 50);
// A few at a time, as a backlog takes them.
let begun = 0;
const starting = setInterval(() => {
  for (let i = 0; i < 50 && begun < count; i++, begun++) connect();
  if (begun === count) clearInterval(starting);
}, 10);

process.on('SIGTERM', () =>
  process.stdout.write(`${JSON.stringify({ made, open: open.size })}\n`, () => process.exit(0)),
);
