import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Duplex } from 'node:stream';

/** The other end of a connection within the process. */
export interface OuterEnd {
  /** The server has written this. It writes more when `taken` has been called. */
  arrived(bytes: Buffer, taken: () => void): void;
  /** The server has read what it was given, and there is room for more. */
  drained(): void;
  /** The server has ended its side: all that it had to write has come. */
  ended(): void;
  /** The connection is gone both ways; where the server has not ended its side, it has broken it. */
  closed(): void;
}

const noBytes = Buffer.alloc(0);

/**
 * A connection within the process, as Node's HTTP server takes one: whatever it is asked, it tells of the client's socket,
 * for which it stands while it carries one request of that client.
 */
export class InnerSocket extends Duplex {
  readonly client: Socket;
  /** Whether the client's connection has brought as many requests as it may. */
  readonly isLast: boolean;
  readonly #outer: OuterEnd;

  constructor(client: Socket, outer: OuterEnd, isLast: boolean) {
    super({ allowHalfOpen: true });
    this.client = client;
    this.isLast = isLast;
    this.#outer = outer;
    this.on('error', () => undefined);
  }

  get encrypted(): boolean {
    return (this.client as Partial<TLSSocket>).encrypted === true;
  }

  get remoteAddress(): string | undefined {
    return this.client.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.client.localAddress;
  }

  get localPort(): number | undefined {
    return this.client.localPort;
  }

  override _read(): void {
    this.#outer.drained();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.#outer.arrived(bytes, taken);
  }

  /** A head and its body come in two pieces; in one, they cost the client's socket less. */
  override _writev(pieces: { readonly chunk: Buffer }[], taken: () => void): void {
    const [first = noBytes, ...rest] = pieces.map(({ chunk }) => chunk);
    this.#outer.arrived(rest.length === 0 ? first : Buffer.concat([first, ...rest]), taken);
  }

  override _final(done: () => void): void {
    done();
    this.#outer.ended();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error);
    this.#outer.closed();
  }
}

/** Whether a request's socket is an inner one: Node's types know no other than a `net.Socket`. */
export function isInner(socket: Socket): socket is Socket & InnerSocket {
  return (socket as Duplex) instanceof InnerSocket;
}

/** The socket on which a request came in, also where an inner one carries it to the server. */
export function clientSocketOf(socket: Socket): Socket {
  return isInner(socket) ? socket.client : socket;
}
