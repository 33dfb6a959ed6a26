import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** Where connections never cease to come, milliseconds after which it is enough. */
const longestAccepting = 1_000;

/**
 * Waits until the connections that the system has made are accepted. It resets those that it still has when the socket
 * is closed, also where another process listens on the same port (SO_REUSEPORT); Node accepts one a turn (libuv 1.45).
 * @param accepted how many there have been
 */
export async function acceptWaiting(accepted: () => number): Promise<void> {
  const end = performance.now() + longestAccepting;
  for (let before = -1; accepted() !== before && performance.now() < end;) {
    before = accepted();
    // The first ends the turn under way, in which there may have been no look for connections.
    for (let i = 0; i < 2; i++) await new Promise((next) => setImmediate(next));
  }
}

/**
 * Waits until a server that has stopped listening has no connection left; idle ones are closed as they become idle.
 * @param deadline milliseconds after which what is left is cut off
 * @returns how many connections were cut off
 */
export async function drain(server: Server, open: ReadonlySet<Socket>, deadline: number): Promise<number> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  let cut = 0;
  const timer = setTimeout(() => {
    cut = open.size;
    for (const socket of open) socket.destroy();
  }, deadline);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
  return cut;
}
