import type { Duplex } from 'node:stream';

/** Bytes that went each way. */
export interface TunnelCount {
  toClient: number;
  toUpstream: number;
}

/** How long the last bytes may take to be written once the other side is gone. */
const lingerLimit = 5_000;

/**
 * Joins two sockets for life: bytes flow both ways with backpressure, and when either side ends, breaks or stays silent
 * too long, the other is ended as well, after what was under way has been written (nginx: upgraded connections).
 * @param idle milliseconds without a byte either way; 0 is no limit
 * @param ended called once, when both are gone
 */
export function joinSockets(client: Duplex, upstream: Duplex, idle: number, ended: (count: TunnelCount) => void): void {
  const count: TunnelCount = { toClient: 0, toUpstream: 0 };
  const closeBoth = (): void => {
    client.destroy();
    upstream.destroy();
  };
  const timer = idle > 0 ? setTimeout(closeBoth, idle) : null;
  let linger: NodeJS.Timeout | null = null;
  let open = 2;

  const finish = (other: Duplex): void => {
    linger ??= setTimeout(closeBoth, lingerLimit);
    if (other.writableEnded || other.destroyed) closeBoth();
    else other.end(closeBoth);
  };

  for (const [from, to, key] of [
    [client, upstream, 'toUpstream'],
    [upstream, client, 'toClient'],
  ] as const) {
    from.on('error', closeBoth);
    from.on('data', (bytes: Buffer) => {
      count[key] += bytes.length;
      timer?.refresh();
    });
    from.pipe(to, { end: false });
    from.once('end', () => finish(to));
    from.once('close', () => {
      open--;
      if (open > 0) {
        if (!from.readableEnded) finish(to);
        return;
      }
      if (timer) clearTimeout(timer);
      if (linger) clearTimeout(linger);
      ended(count);
    });
  }
}
