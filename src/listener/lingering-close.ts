import type { Socket } from 'node:net';

/**
 * How long, and how much of, what a client goes on sending is still read once its last answer is out (nginx:
 * lingering_close). To close on bytes that nobody has read resets the connection, and a reset takes the answer along.
 */
export const lingerMs = 2_000;
export const lingerBytes = 8 * 1024 * 1024;

const closing = new WeakSet<Socket>();

/** Whether a connection is being closed so. */
export function isLingering(socket: Socket): boolean {
  return closing.has(socket);
}

/**
 * Writes the last bytes of a connection, says that they are the last, and closes it when the client has done the same,
 * or after the limits above. Whoever has listened for its bytes must have stopped.
 * @param last may be empty
 */
export function closeLingering(socket: Socket, last = ''): void {
  if (isLingering(socket) || socket.destroyed) return;
  closing.add(socket);
  const close = () => socket.destroy();
  let left = lingerBytes;
  socket.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) close();
  });
  socket.once('end', () => (socket.writableFinished ? close() : socket.once('finish', close)));
  socket.once('finish', () => {
    const timer = setTimeout(close, lingerMs);
    socket.once('close', () => clearTimeout(timer));
  });
  if (last === '') socket.end();
  else socket.end(last);
  socket.resume();
}
