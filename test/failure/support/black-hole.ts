import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import type { Scenes } from './scene';

/** Listens, then never accepts: its process is stopped for good inside its own callback. */
const listensOnly = `
  require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port) + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A port that takes packets and answers none: its queue of connections is full, and stays so. */
export async function blackHole({ after }: Scenes): Promise<number> {
  const child = spawn(process.execPath, ['-e', listensOnly], { stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  const port = Number(await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve)));
  const queued = new Set<Socket>();
  after(() => queued.forEach((socket) => socket.destroy()));
  for (let waiting = false; !waiting;) {
    const socket = connect({ port, host: '127.0.0.1' });
    queued.add(socket);
    socket.on('error', () => undefined);
    waiting = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      // What is measured here is that nothing comes.
      setTimeout(() => resolve(true), 100);
    });
  }
  return port;
}
