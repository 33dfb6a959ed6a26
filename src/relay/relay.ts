import type { Socket } from 'node:net';
import type { FailedRequest, FailureAnswer } from '../app/failure';
import type { Site } from '../app/site';
import type { ConnectionPast } from '../listener/parsed-connection';
import type { Mount } from '../mount/mount';
import type { RequestOutcome } from '../observe/request-outcome';
import type { Tracer } from '../observe/traces/tracer';
import type { ProxyError } from '../upstream/proxy-error';
import type { InnerSocket, OuterEnd } from '../listener/inner-socket';
import { ClientConnection } from './client-connection';
import type { OpenTunnels } from './open-tunnels';
import type { TunnelMeter } from './tunnel';

/** What requests through the relay need of the rest of the gateway. */
export interface RelayDeps {
  /** The configuration in force. */
  readonly site: () => Site;
  readonly tracer: () => Tracer | null;
  /** Milliseconds that a connection may be idle between two requests. */
  readonly keepAlive: number;
  /** Milliseconds that a head may take to arrive. */
  readonly headTimeout: number;
  /** Bytes that a request's head may have. */
  readonly maxHead: number;
  readonly failureAnswer: (error: ProxyError, request: FailedRequest) => FailureAnswer;
  /** A request has begun; `ended` follows, or `upgraded`. */
  readonly began: () => void;
  readonly ended: (outcome: RequestOutcome) => void;
  /** A request has become a websocket. Returns what to call when that has ended. */
  readonly upgraded: () => (outcome: RequestOutcome) => void;
  /** A request just could not reach the tool. */
  readonly suspect: (mount: Mount) => void;
  readonly meterOf: (mount: Mount) => TunnelMeter;
  readonly tunnels: OpenTunnels;
}

/** What becomes of a connection that the relay does not serve any further. */
export interface Elsewhere {
  /** Node's parser gets it, with the bytes that have been read. */
  readonly handOver: (bytes: Buffer, past: ConnectionPast) => void;
  /**
   * Opens a connection within the process to Node's server, for one request of this connection.
   * @param isLast whether the connection may bring no other
   */
  readonly openInner: (outer: OuterEnd, isLast: boolean) => InnerSocket;
  /** Its head did not arrive in time. */
  readonly tooSlow: () => void;
}

/** Connections that are looked at to find an idle one: what a flood costs has a bound. */
const mostLooks = 64;

/**
 * The short way for requests whose meaning is beyond doubt: from the bytes of one socket to those of another. A request
 * that is not for it goes to the app, and the connection stays; a connection whose bytes are in doubt is handed over.
 */
export class Relay {
  readonly #deps: RelayDeps;
  readonly #connections = new Set<ClientConnection>();
  /** What tells a client that its connection goes on, as Node's server tells it. */
  readonly keepAliveLines: string;
  #draining = false;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
    this.keepAliveLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(deps.keepAlive / 1000)}\r\n`;
  }

  /** Whether answers are to be the last of their connections. */
  get draining(): boolean {
    return this.#draining;
  }

  /** @param socket after TLS; its errors are caught already */
  serve(socket: Socket, elsewhere: Elsewhere): void {
    const connection = new ClientConnection(socket, this, this.#deps, elsewhere, () => {
      this.#connections.delete(connection);
    });
    this.#connections.add(connection);
  }

  /** @returns whether there was one among those that are open for longest */
  closeAnIdleOne(): boolean {
    let looks = 0;
    for (const connection of this.#connections) {
      if (connection.closeIfIdle()) return true;
      if (++looks === mostLooks) break;
    }
    return false;
  }

  /** From now on each answer is the last of its connection. */
  windDown(): void {
    this.#draining = true;
  }

  /** Closes connections as they become idle. */
  drain(): void {
    this.windDown();
    for (const connection of this.#connections) connection.endWhenIdle();
  }
}
