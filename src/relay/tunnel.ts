import type { Duplex } from 'node:stream';
import { goingAway, isCloseFrame } from './close-frame';
import { FrameFollower } from './frame-follower';
import type { OpenTunnels } from './open-tunnels';

/** Bytes that went each way. */
export interface TunnelCount {
  toClient: number;
  toUpstream: number;
}

/**
 * How a websocket ended: the side whose close frame came first, the gateway that stops, the idle limit, or `cut` where
 * there was no close frame: a crash, a network that went away.
 */
export type TunnelEnd = 'client' | 'tool' | 'gateway' | 'idle' | 'cut';

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
  /** Where it is listed while it is open. */
  readonly tunnels: OpenTunnels;
  /** Called once, when both sides are gone. */
  readonly ended: (count: TunnelCount) => void;
}

/** How long the last bytes may take to be written once the other side is gone. */
const lingerLimit = 5_000;

/** How long both sides have to end a websocket by themselves once they are asked to, in milliseconds. */
const closeLimit = 1_000;

/**
 * Joins two sockets for life: bytes flow both ways with backpressure, and when either side ends, breaks or stays silent
 * too long, the other is ended as well, after what was under way has been written (nginx: upgraded connections).
 *
 * When the gateway goes away it says so to the client, between two frames of the tool's; the client's answer is what
 * tells the tool (RFC 6455 §7.1.2), and what the tool sends meanwhile is thrown away, for nothing may follow a close frame.
 */
export function joinSockets({ client, upstream, first, idle, meter, tunnels, ended }: Tunnel): void {
  const count: TunnelCount = { toClient: 0, toUpstream: 0 };
  const frames = new FrameFollower();
  let closing: TunnelEnd | null = null;
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

  let leaving: NodeJS.Timeout | null = null;
  let saidGoodbye = false;
  const endBoth = (): void => {
    linger ??= setTimeout(closeBoth, lingerLimit);
    upstream.socket.end();
    client.socket.end(closeBoth);
  };
  const sayGoodbye = (): void => {
    if (!frames.betweenFrames || frames.closed) return;
    saidGoodbye = true;
    closing ??= 'gateway';
    client.socket.write(goingAway);
  };
  const goAway = (): void => {
    if (frames.lost) {
      endBoth();
      return;
    }
    leaving = setTimeout(endBoth, closeLimit);
    sayGoodbye();
  };

  const pass = (bytes: Buffer, to: Duplex, way: keyof TunnelCount): boolean => {
    if (to.writableEnded) return true;
    count[way] += bytes.length;
    meter.websocketMoved(way, bytes.length);
    timer?.refresh();
    return to.write(bytes);
  };
  const toUpstream = (bytes: Buffer): boolean => {
    if (isCloseFrame(bytes)) closing ??= 'client';
    else if (closing === 'client') closing = null;
    return pass(bytes, upstream.socket, 'toUpstream');
  };
  const toClient = (bytes: Buffer): boolean => {
    if (leaving !== null && !frames.closed) return lastToClient(bytes);
    frames.follow(bytes);
    if (frames.closed) closing ??= 'tool';
    return pass(bytes, client.socket, 'toClient');
  };
  /** Only the rest of the frame under way. */
  const lastToClient = (bytes: Buffer): boolean => {
    if (saidGoodbye) return true;
    const more = pass(bytes.subarray(0, frames.followToEnd(bytes)), client.socket, 'toClient');
    if (frames.lost) endBoth();
    else sayGoodbye();
    return more;
  };

  meter.websocketOpened();
  for (const [source, to, take, early] of [
    [client, upstream.socket, toUpstream, first.toUpstream],
    [upstream, client.socket, toClient, first.toClient],
  ] as const) {
    const from = source.socket;
    from.on('error', closeBoth);
    if (early.length > 0) take(early);
    source.read(take);
    to.on('drain', () => from.resume());
    from.resume();
    from.once('end', () => finish(to));
    from.once('close', () => {
      open--;
      if (open > 0) {
        if (!from.readableEnded) finish(to);
        return;
      }
      for (const each of [timer, linger, leaving]) if (each) clearTimeout(each);
      unlist();
      meter.websocketEnded(closing ?? (silent ? 'idle' : 'cut'));
      ended(count);
    });
  }
  const unlist = tunnels.add(goAway);
}
