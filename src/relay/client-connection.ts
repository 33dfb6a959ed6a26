import type { Socket } from 'node:net';
import type { Limits } from '../config/config';
import type { Peer } from '../headers/forwarded';
import { lingerBytes, lingerMs } from '../listener/lingering-close';
import { peerOf } from '../listener/peer';
import type { InnerSocket, OuterEnd } from '../listener/inner-socket';
import { AdmittedRequest } from './admitted-request';
import { Admission, frame } from './admission';
import { Deadline } from './deadline';
import { Detour } from './detour';
import { Exchange } from './exchange';
import { latin1 } from './latin1';
import { signedInAt } from '../upstream/private-connections';
import type { Elsewhere, Relay, RelayDeps } from './relay';
import { maybeRequestHead } from './request-head';

/** Bytes that may wait behind a request under way before the client is not read any more. */
const mostWaiting = 64 * 1024;

/** How long a connection without a request may still bring its first while the gateway drains, in milliseconds. */
const firstRequestLimit = 2_000;

/** A head in more pieces than this is for a parser that goes on where it was; this one begins anew with each. */
const mostPieces = 16;

const nothing: Buffer = Buffer.alloc(0);

/**
 * A client's connection: tells requests apart and serves them one at a time and in order (RFC 9112 §9.3.2), until one
 * comes that the relay does not take.
 */
export class ClientConnection {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly deps: RelayDeps;
  readonly #relay: Relay;
  readonly #elsewhere: Elsewhere;
  readonly #gone: () => void;
  readonly #deadline = new Deadline(() => this.#expired());
  #exchange: Exchange | Detour | null = null;
  readonly #admission: Admission;
  /** What has arrived and has not been dealt with. */
  #waiting = nothing;
  /** Bytes of the request's body that have not arrived. */
  #bodyLeft = 0;
  /** Bytes that are still read, and thrown away, before the connection is closed; null while it goes on. */
  #lingering: number | null = null;
  #served = false;
  /** Requests so far, the one under way included. */
  #begun = 0;
  /** Pieces that a head has come in so far. */
  #pieces = 0;

  constructor(socket: Socket, relay: Relay, deps: RelayDeps, elsewhere: Elsewhere, gone: () => void) {
    this.socket = socket;
    this.deps = deps;
    this.#relay = relay;
    this.#elsewhere = elsewhere;
    this.#gone = gone;
    this.peer = peerOf(socket);
    this.#admission = new Admission(deps.site, this.peer);
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    this.#deadline.set(relay.draining ? firstRequestLimit : deps.headTimeout);
  }

  /** As they are in force: a connection may live for longer than a configuration. */
  get #limits(): Limits {
    return this.deps.site().config.limits;
  }

  /** Whether some of the body of the request under way has not arrived. */
  get bodyToCome(): boolean {
    return this.#bodyLeft > 0;
  }

  /** Whether an answer that begins now is the last one. */
  get draining(): boolean {
    return this.#relay.draining;
  }

  get keepAliveLines(): string {
    return this.#relay.keepAliveLines;
  }

  /** Whether the request under way is the last that the connection may bring. */
  get isSpent(): boolean {
    return this.#begun >= this.#limits.requestsPerConnection;
  }

  /** @returns whether it was: between two requests, or before the first */
  closeIfIdle(): boolean {
    const idle = !this.#exchange && this.#lingering === null && this.#waiting.length === 0;
    if (idle) this.#close();
    return idle;
  }

  /** One that has brought no request gets time for it: its client cannot know that it would have to ask again. */
  endWhenIdle(): void {
    if (this.#served) this.closeIfIdle();
    else if (!this.#exchange && this.#waiting.length === 0) this.#deadline.set(firstRequestLimit);
  }

  /** The tool takes more of the request's body. */
  readBody(): void {
    if (this.#bodyLeft > 0) this.#limitBody();
    this.socket.resume();
  }

  /**
   * The answer is out as a whole.
   * @param keep whether the connection goes on
   * @param now by the clock of `performance.now()`
   */
  answered(keep: boolean, now: number): void {
    this.#exchange = null;
    this.#served = true;
    if (!keep || (this.draining && this.#waiting.length === 0)) {
      this.#close();
      return;
    }
    this.#deadline.set(this.deps.keepAlive, now);
    if (this.socket.isPaused()) this.socket.resume();
    if (this.#waiting.length === 0) return;
    const bytes = this.#waiting;
    this.#waiting = nothing;
    this.#onData(bytes);
  }

  /** A connection to the app for the request under way. */
  openInner(outer: OuterEnd): InnerSocket {
    return this.#elsewhere.openInner(outer, this.isSpent);
  }

  /** Leaves the socket to a websocket, paused. @returns what the client sent early */
  release(): Buffer {
    this.#exchange = null;
    this.#detach();
    this.socket.pause();
    return this.#waiting;
  }

  readonly #onData = (bytes: Buffer): void => {
    try {
      this.#take(bytes);
    } catch (error) {
      // A mistake of the gateway's own is this connection's trouble alone.
      if (!this.#exchange) this.socket.destroy();
      else this.#exchange.broke(error);
    }
  };

  readonly #onDrain = (): void => {
    this.#exchange?.clientDrained();
  };

  /** A client that closes its side has left: Node's server takes it for that as well. */
  readonly #onEnd = (): void => {
    if (this.#exchange) this.socket.destroy();
    else if (this.#lingering === null) this.#close();
  };

  readonly #onClose = (): void => {
    this.#deadline.end();
    this.#gone();
    this.#exchange?.clientLeft();
  };

  #take(arrived: Buffer): void {
    let bytes = arrived;
    while (bytes.length > 0) {
      if (this.#lingering !== null) {
        this.#lingering -= bytes.length;
        if (this.#lingering < 0) this.socket.destroy();
        return;
      }
      if (this.#bodyLeft > 0) {
        const part = bytes.length > this.#bodyLeft ? bytes.subarray(0, this.#bodyLeft) : bytes;
        this.#bodyLeft -= part.length;
        bytes = bytes.subarray(part.length);
        if (this.#exchange) this.#sendBody(this.#exchange, part);
        // Of an answered request the rest has nowhere to go.
        continue;
      }
      if (this.#exchange) {
        this.#wait(bytes);
        if (this.#waiting.length > mostWaiting) this.#tooMuch(this.#exchange);
        return;
      }
      bytes = this.#begin(bytes);
    }
  }

  #sendBody(exchange: Exchange | Detour, part: Buffer): void {
    const more = exchange.sendBody(part);
    // Once all of it is there, nothing is held back, and a client that leaves has to be seen.
    if (this.#bodyLeft > 0) {
      if (!more) this.socket.pause();
    } else if (this.socket.isPaused()) this.socket.resume();
    // A tool that takes no more holds the body up itself.
    if (more && this.#bodyLeft > 0) this.#limitBody();
    else this.#deadline.lift();
  }

  /** A websocket's client has to wait for the answer (RFC 6455 §4.1), and is watched meanwhile: paused, it could not be. */
  #tooMuch({ websocket }: Exchange | Detour): void {
    if (websocket) this.socket.destroy();
    else this.socket.pause();
  }

  #wait(bytes: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
  }

  /** Reads a head and begins its request. @returns what stands behind it */
  #begin(arrived: Buffer): Buffer {
    const bytes = this.#waiting.length === 0 ? arrived : Buffer.concat([this.#waiting, arrived]);
    this.#waiting = nothing;
    const { maxHead } = this.deps;
    const text = latin1(bytes, 0, Math.min(bytes.length, maxHead));
    const again = this.#admission.again(text);
    const end = again ? text.length - 4 : text.indexOf('\r\n\r\n');
    if (end === -1 && bytes.length < maxHead && ++this.#pieces < mostPieces && maybeRequestHead(text)) {
      this.#waiting = bytes;
      if (this.#served) this.#deadline.set(this.deps.headTimeout);
      this.#served = false;
      return nothing;
    }
    const request = end === -1 ? null : (this.#admitted(again, text, end + 2) ?? frame(text, end + 2));
    if (!request) {
      this.#handOver(bytes);
      return nothing;
    }
    this.#begun++;
    const bodyStart = end + 4;
    const bodyEnd = Math.min(bodyStart + request.length, bytes.length);
    this.#bodyLeft = bodyStart + request.length - bodyEnd;
    this.#pieces = 0;
    if (request instanceof AdmittedRequest) {
      const exchange = new Exchange(this, request);
      this.#exchange = exchange;
      this.#limitBody();
      exchange.begin(bodyEnd > bodyStart ? bytes.subarray(bodyStart, bodyEnd) : nothing);
    } else {
      const detour = new Detour(this, request);
      this.#exchange = detour;
      this.#limitBody();
      detour.begin(bytes.subarray(0, bodyEnd));
    }
    return bodyEnd < bytes.length ? bytes.subarray(bodyEnd) : nothing;
  }

  /** @returns null for what is not the relay's */
  #admitted(again: AdmittedRequest | null, text: string, end: number): AdmittedRequest | null {
    const request = again ?? this.#admission.admit(text, end);
    // By a login of the connection's (NTLM) it has connections of its own to the tool, which are the app's.
    return request && signedInAt(this.socket, request.route.upstreams) ? null : request;
  }

  /** Of a body that has not arrived as a whole; the app has a limit of its own. */
  #limitBody(): void {
    if (this.#bodyLeft > 0 && !(this.#exchange instanceof Detour)) this.#deadline.set(this.#limits.bodyTimeout);
    else this.#deadline.lift();
  }

  #handOver(bytes: Buffer): void {
    const headLeft = this.#served ? this.deps.headTimeout : this.#deadline.left();
    this.#detach();
    this.#elsewhere.handOver(bytes, { begun: this.#begun, headLeft });
  }

  #detach(): void {
    const { socket } = this;
    this.#deadline.end();
    this.#gone();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
  }

  /** Once what has been answered is out. A client that is still sending could not read it if it were closed on. */
  #close(): void {
    const { socket } = this;
    this.#lingering = lingerBytes;
    socket.end(() => {
      if (socket.destroyed) return;
      if (this.#bodyLeft > 0 || this.#waiting.length > 0) this.#deadline.set(lingerMs);
      else socket.destroy();
    });
    if (socket.isPaused()) socket.resume();
  }

  #expired(): void {
    if (this.#exchange instanceof Exchange) this.#exchange.bodyStalled();
    else if (this.#lingering !== null) this.socket.destroy();
    // Browsers open connections that they may never use.
    else if (this.#waiting.length === 0) this.#close();
    else {
      this.#detach();
      this.#elsewhere.tooSlow();
    }
  }
}
