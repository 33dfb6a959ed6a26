import type { Socket } from 'node:net';

/**
 * Breaks a connection so that its peer cannot take the end for an orderly one. A TLSSocket cannot be reset itself;
 * the TCP socket below it can. Not to be called within the event `secureConnection`: Node 20 crashes.
 */
export function resetConnection(socket: Socket): void {
  const { _parent: below } = socket as Socket & { readonly _parent?: Socket | null };
  (below ?? socket).resetAndDestroy();
  socket.destroy();
}
