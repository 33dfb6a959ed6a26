import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeLingering } from './lingering-close';

/** What a client may send before its websocket is accepted. */
const maxEarly = 64 * 1024;

/**
 * A websocket handshake that has not been decided. It watches the client's socket meanwhile: what is sent early is
 * kept, and a client that leaves is noticed. Answers that are no 101 go out through `response`, as for any request.
 */
export class PendingUpgrade {
  readonly response: ServerResponse;
  /** Called when the socket is handed over. */
  whenTaken: () => void = () => undefined;
  readonly #early: Buffer[] = [];
  #size = 0;

  constructor(
    readonly request: IncomingMessage,
    readonly socket: Duplex,
    head: Buffer,
  ) {
    this.response = new ServerResponse(request);
    this.response.shouldKeepAlive = false;
    // The socket is a net.Socket or a TLSSocket; only Node's own types of the event say Duplex.
    this.response.assignSocket(request.socket);
    this.response.once('finish', () => {
      this.response.detachSocket(request.socket);
      socket.off('data', this.#keep);
      socket.off('end', this.#left);
      closeLingering(request.socket);
    });
    // Node gave its own listener up with the parser: an answer that waits for it would never go on.
    socket.on('drain', this.#drained);
    this.#keep(head);
    socket.on('data', this.#keep);
    socket.once('end', this.#left);
  }

  /**
   * Hands the socket over, paused.
   * @returns what the client sent early
   */
  take(): Buffer {
    this.socket.off('drain', this.#drained);
    this.socket.off('data', this.#keep);
    this.socket.off('end', this.#left);
    this.socket.pause();
    this.response.detachSocket(this.request.socket);
    this.whenTaken();
    return Buffer.concat(this.#early);
  }

  readonly #drained = (): void => {
    this.response.emit('drain');
  };

  readonly #keep = (bytes: Buffer): void => {
    this.#early.push(bytes);
    this.#size += bytes.length;
    // Not paused: a paused socket does not tell that its client has left.
    if (this.#size > maxEarly) this.socket.destroy();
  };

  // A half-closed websocket client could not answer a frame: it has left.
  readonly #left = (): void => {
    this.socket.destroy();
  };
}
