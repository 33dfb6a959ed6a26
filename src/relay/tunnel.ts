import type { Duplex } from 'node:stream';
import { isCloseFrame } from './close-frame';

/** Bytes that went each way. */
export interface TunnelCount {
  toClient: number;
  toUpstream: number;
}

/**
 * How a websocket ended: the side whose close frame came first, the idle limit, or `cut` where there was no close frame:
 * a crash, a network that went away.
 */
export type TunnelEnd = 'client' | 'tool' | 'idle' | 'cut';

/** Is told what goes on in tunnels while it happens: they may live for days. */
export interface TunnelMeter {
  websocketOpened(): void;
  websocketMoved(way: keyof TunnelCount, bytes: number): void;
  websocketEnded(by: TunnelEnd): void;
}

/** One of the two connections that are joined. */
export interface TunnelSide {
  readonly socket: Duplex;
  /**
   * Gives what arrives to `take`, until that returns false; then again after `socket.resume()`. The bytes are the taker's.
   */
  readonly read: (take: (bytes: Buffer) => boolean) => void;
}

/** A socket that tells of its bytes by events. */
export function socketSide(socket: Duplex): TunnelSide {
  return {
    socket,
    read: (take) => {
      socket.on('data', (bytes: Buffer) => {
        if (!take(bytes)) socket.pause();
      });
    },
  };
}

export interface Tunnel {
  readonly client: TunnelSide;
  readonly upstream: TunnelSide;
  /** What has been read of each side already and is for the other. */
  readonly first: { readonly toClient: Buffer; readonly toUpstream: Buffer };
  /** Milliseconds without a byte either way; 0 is no limit. */
  readonly idle: number;
  readonly meter: TunnelMeter;
  /** Called once, when both sides are gone. */
  readonly ended: (count: TunnelCount) => void;
}

/** How long the last bytes may take to be written once the other side is gone. */
const lingerLimit = 5_000;

/**
 * Joins two sockets for life: bytes flow both ways with backpressure, and when either side ends, breaks or stays silent
 * too long, the other is ended as well, after what was under way has been written (nginx: upgraded connections).
 */
export function joinSockets({ client, upstream, first, idle, meter, ended }: Tunnel): void {
  const count: TunnelCount = { toClient: 0, toUpstream: 0 };
  let closing: 'client' | 'tool' | null = null;
  let silent = false;
  const closeBoth = (): void => {
    client.socket.destroy();
    upstream.socket.destroy();
  };
  const tooSilent = (): void => {
    silent = true;
    closeBoth();
  };
  const timer = idle > 0 ? setTimeout(tooSilent, idle) : null;
  let linger: NodeJS.Timeout | null = null;
  let open = 2;

  const finish = (other: Duplex): void => {
    linger ??= setTimeout(closeBoth, lingerLimit);
    if (other.writableEnded || other.destroyed) closeBoth();
    else other.end(closeBoth);
  };

  meter.websocketOpened();
  for (const [source, { socket: to }, way, side] of [
    [client, upstream, 'toUpstream', 'client'],
    [upstream, client, 'toClient', 'tool'],
  ] as const) {
    const from = source.socket;
    const moved = (bytes: Buffer): void => {
      count[way] += bytes.length;
      meter.websocketMoved(way, bytes.length);
      if (isCloseFrame(bytes)) closing ??= side;
      else if (closing === side) closing = null;
    };
    from.on('error', closeBoth);
    if (first[way].length > 0) {
      moved(first[way]);
      to.write(first[way]);
    }
    source.read((bytes) => {
      moved(bytes);
      timer?.refresh();
      return to.write(bytes);
    });
    to.on('drain', () => from.resume());
    from.resume();
    from.once('end', () => finish(to));
    from.once('close', () => {
      open--;
      if (open > 0) {
        if (!from.readableEnded) finish(to);
        return;
      }
      if (timer) clearTimeout(timer);
      if (linger) clearTimeout(linger);
      meter.websocketEnded(closing ?? (silent ? 'idle' : 'cut'));
      ended(count);
    });
  }
}
