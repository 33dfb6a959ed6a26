import { createServer, type Server } from 'node:net';

/**
 * Below what systems hand out by themselves (Linux from 32768, others from 49152): a port of that range would sooner or
 * later go to another server, or to a connection, between being found free and being used.
 */
const lowest = 20_000;
const highest = 32_000;

/** A port that was given away may be taken at any time, also long after it was found free. */
const given = new Set<number>();

/** Ports of 127.0.0.1 that are free, for programs that cannot choose one themselves, or for no one to listen on. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { readonly server: Server; readonly port: number }[] = [];
  while (held.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port)) continue;
    const server = await tryToListen(port);
    if (!server) continue;
    given.add(port);
    held.push({ server, port });
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return held.map(({ port }) => port);
}

/** A port that no one listens on. */
export async function refusingPort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

function tryToListen(port: number): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
