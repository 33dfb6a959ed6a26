import { once } from 'node:events';
import WebSocket from 'ws';
import type { Tally } from './outcome';

export interface OpenWebsockets {
  /** How many there are, open ones. */
  readonly open: number;
  /** By which codes they were closed, and how many times each. */
  readonly closed: ReadonlyMap<number, number>;
  /** Echoes that have come. */
  readonly echoes: number;
  /** From here on an end is none that was lost. */
  release(): void;
  /** Closes all, as a browser would. */
  close(): Promise<void>;
}

/** Every so often each sends a message, in milliseconds. */
const pause = 1_000;

/** Opens websockets that send and check echoes as long as they live; one that ends is lost. */
export async function openWebsockets(
  { port, count, path }: { port: number; count: number; path: (nth: number) => string },
  tally: Tally,
): Promise<OpenWebsockets> {
  const sockets = new Set<WebSocket>();
  const closed = new Map<number, number>();
  const timers = new Set<NodeJS.Timeout>();
  let echoes = 0;
  let released = false;

  const openOne = async (nth: number): Promise<void> => {
    const address = `wss://127.0.0.1:${port}${path(nth)}`;
    const socket = new WebSocket(address, { rejectUnauthorized: false, perMessageDeflate: false });
    socket.on('error', () => undefined);
    tally.tried++;
    await Promise.race([once(socket, 'open'), once(socket, 'close')]);
    if (socket.readyState !== WebSocket.OPEN) {
      tally.lose(`${path(nth)}: the websocket did not open`);
      return;
    }
    sockets.add(socket);
    let sent = 0;
    let heard = 0;
    socket.on('message', (data: Buffer) => {
      echoes++;
      if (data.toString() !== `${nth} ${heard++}`) tally.lose(`${path(nth)}: an echo is not what was sent`);
    });
    const timer = setInterval(() => {
      if (sent > heard + 10) tally.lose(`${path(nth)}: no echo comes any more`);
      socket.send(`${nth} ${sent++}`, () => undefined);
    }, pause);
    timers.add(timer);
    socket.once('close', (code: number) => {
      clearInterval(timer);
      sockets.delete(socket);
      closed.set(code, (closed.get(code) ?? 0) + 1);
      if (released) tally.survived++;
      else tally.lose(`${path(nth)}: the websocket was ended with ${code}`);
    });
  };

  // A few at a time: this is no test of how fast they open.
  let next = 0;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      while (next < count) await openOne(next++);
    }),
  );
  return {
    get open() {
      return sockets.size;
    },
    closed,
    get echoes() {
      return echoes;
    },
    release: () => (released = true),
    async close() {
      released = true;
      const gone = [...sockets].map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.close(1000);
      await Promise.all(gone);
      for (const timer of timers) clearInterval(timer);
    },
  };
}
