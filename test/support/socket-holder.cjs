// What systemd does with a socket: it listens, and starts a program that is passed the socket, again and again, while it
// keeps the socket open itself. Arguments: how often, the socket's name, the program with its arguments.
// It says `listening on PORT`, and `starting PID` each time. GATE, where set, is a FIFO: each start waits for a line in it.
const { spawnSync } = require('node:child_process');
const { createServer } = require('node:net');

const [times, name, ...program] = process.argv.slice(2);
// The id has to be the program's own, which only a process that becomes the program can know.
const become =
  '[ -z "$GATE" ] || read -r _ < "$GATE"; export LISTEN_PID=$$ LISTEN_FDS=1; echo "starting $$"; exec "$@"';

const server = createServer();
server.listen({ port: 0, host: '127.0.0.1' }, () => {
  console.log(`listening on ${server.address().port}`);
  // Nothing is accepted here, because this process does nothing but wait for the program.
  for (let round = 0; round < Number(times); round++)
    spawnSync('sh', ['-c', become, 'sh', ...program], {
      stdio: ['ignore', 'inherit', 'inherit', server._handle.fd],
      env: { ...process.env, LISTEN_FDNAMES: name },
    });
  process.exit(0);
});
