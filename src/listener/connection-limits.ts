import type { Socket } from 'node:net';
import { clientKey } from '../headers/client-key';
import { normaliseAddress } from '../headers/trust';
import type { ConnectionCounts } from './connection-counts';

export interface ConnectionLimitsOptions {
  /** The limits in force. */
  readonly limits: () => { readonly connections: number; readonly connectionsPerClient: number };
  readonly counts: ConnectionCounts;
  /** Proxies bring the connections of many. */
  readonly trusts: (address: string) => boolean;
  /** Closes a connection that is idle, if it finds one. */
  readonly makeRoom: () => boolean;
  /** Told of refusals at most once in ten seconds. @param count how many there were since it was told last */
  readonly refused: (limit: ConnectionLimit, address: string, count: number) => void;
}

export type ConnectionLimit = 'connections' | 'connectionsPerClient';

const tellEvery = 10_000;

/** Counts the connections of all clients, on whichever port they come, and refuses those that are too many. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitsOptions;
  readonly #untold = { connections: 0, connectionsPerClient: 0 };
  readonly #toldAt = { connections: -Infinity, connectionsPerClient: -Infinity };

  constructor(options: ConnectionLimitsOptions) {
    this.#options = options;
  }

  /** Counts a connection until it closes. @returns false where it is one too many: it has been reset */
  admit(socket: Socket): boolean {
    const { limits, trusts, makeRoom, counts } = this.#options;
    const { connections, connectionsPerClient } = limits();
    const address = normaliseAddress(socket.remoteAddress ?? '');
    const client = clientKey(address);
    if (counts.of(client) >= connectionsPerClient && !trusts(address))
      return this.#refuse(socket, 'connectionsPerClient', address);
    if (counts.open >= connections && !makeRoom()) return this.#refuse(socket, 'connections', address);
    counts.opened(client);
    socket.once('close', () => counts.closed(client));
    return true;
  }

  #refuse(socket: Socket, limit: ConnectionLimit, address: string): false {
    // A reset costs the least: nothing of the connection is left in the kernel.
    socket.resetAndDestroy();
    this.#untold[limit]++;
    const now = performance.now();
    if (now - this.#toldAt[limit] < tellEvery) return false;
    this.#toldAt[limit] = now;
    const count = this.#untold[limit];
    this.#untold[limit] = 0;
    this.#options.refused(limit, address, count);
    return false;
  }
}
