import type { Socket } from 'node:net';
import { clientKey } from '../headers/client-key';
import { normaliseAddress } from '../headers/trust';

export interface ConnectionLimitsOptions {
  /** The limits in force. */
  readonly limits: () => { readonly connections: number; readonly connectionsPerClient: number };
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
  readonly #ofClient = new Map<string, number>();
  readonly #untold = { connections: 0, connectionsPerClient: 0 };
  readonly #toldAt = { connections: -Infinity, connectionsPerClient: -Infinity };
  #open = 0;

  constructor(options: ConnectionLimitsOptions) {
    this.#options = options;
  }

  /** Counts a connection until it closes. @returns false where it is one too many: it has been reset */
  admit(socket: Socket): boolean {
    const { limits, trusts, makeRoom } = this.#options;
    const { connections, connectionsPerClient } = limits();
    const address = normaliseAddress(socket.remoteAddress ?? '');
    const client = clientKey(address);
    const others = this.#ofClient.get(client) ?? 0;
    if (others >= connectionsPerClient && !trusts(address))
      return this.#refuse(socket, 'connectionsPerClient', address);
    if (this.#open >= connections && !makeRoom()) return this.#refuse(socket, 'connections', address);
    this.#open++;
    this.#ofClient.set(client, others + 1);
    socket.once('close', () => {
      this.#open--;
      const left = (this.#ofClient.get(client) ?? 1) - 1;
      if (left > 0) this.#ofClient.set(client, left);
      else this.#ofClient.delete(client);
    });
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
