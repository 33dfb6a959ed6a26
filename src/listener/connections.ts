import type { Server } from 'node:http';
import type { Socket } from 'node:net';

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
