import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { soundReason } from '../headers/answer-framing';
import { fieldLines } from '../headers/raw';
import type { PendingUpgrade } from '../listener/pending-upgrade';
import { joinSockets, socketSide, type Tunnel } from '../relay/tunnel';

export interface AcceptedUpgrade extends Pick<Tunnel, 'idle' | 'meter' | 'tunnels' | 'ended'> {
  readonly answer: IncomingMessage;
  /** The 101's fields for the client, without hop-by-hop ones. */
  readonly fields: readonly string[];
  readonly upstream: Duplex;
  /** What the tool sent right behind its 101. */
  readonly head: Buffer;
}

/** Tells the client that its websocket is accepted, in the tool's own words, and joins the two connections. */
export function acceptUpgrade(
  pending: PendingUpgrade,
  { answer, fields, upstream, head, idle, meter, tunnels, ended }: AcceptedUpgrade,
): void {
  const early = pending.take();
  if (pending.socket.destroyed) {
    upstream.destroy();
    ended({ toClient: 0, toUpstream: 0 });
    return;
  }
  const lines = [`HTTP/1.1 101 ${soundReason(answer.statusMessage ?? '')}`, ...fieldLines(fields)];
  lines.push('Connection: Upgrade', `Upgrade: ${answer.headers.upgrade ?? 'websocket'}`, '', '');
  pending.socket.write(lines.join('\r\n'), 'latin1');
  joinSockets({
    client: socketSide(pending.socket),
    upstream: socketSide(upstream),
    first: { toClient: head, toUpstream: early },
    idle,
    meter,
    tunnels,
    ended,
  });
}
