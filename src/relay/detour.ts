import type { InnerSocket, OuterEnd } from '../listener/inner-socket';
import { hasBody } from '../headers/answer-framing';
import { AnswerError } from './answer-error';
import { readAnswerHead } from './answer-head';
import { mostUnwritten } from './body-buffers';
import { ChunkFollower } from './chunk-follower';
import type { ClientConnection } from './client-connection';
import { latin1 } from './latin1';

/** A request that the strict reader has framed, whoever answers it. */
export interface FramedRequest {
  readonly method: string;
  /** Bytes of its body. */
  readonly length: number;
  readonly websocket: boolean;
}

/** head: of the answer, interim ones included. tunnel: a websocket. over: the answer is out, or nobody waits for it. */
type State = 'head' | 'body' | 'tunnel' | 'over';

/**
 * One request that is not for the relay, and its answer: it goes to Node's server and the app over a connection within
 * the process, so that the client's own connection stays where it is. Bytes pass as they are, both ways; of the answer
 * only so much is read as tells where it ends.
 */
export class Detour implements OuterEnd {
  readonly websocket: boolean;
  readonly #client: ClientConnection;
  readonly #method: string;
  readonly #inner: InnerSocket;
  #state: State = 'head';
  /** What has arrived of a head that has not ended, latin1. */
  #head = '';
  /** Bytes of the answer's body to come; Infinity where the connection's end is its end. */
  #left = 0;
  #chunks: ChunkFollower | null = null;
  #keep = true;
  /** Lets the app write on. */
  #taken: (() => void) | null = null;

  constructor(client: ClientConnection, { method, websocket }: FramedRequest) {
    this.#client = client;
    this.#method = method;
    this.websocket = websocket;
    this.#inner = client.openInner(this);
  }

  /** @param first the head, and what has arrived of the body */
  begin(first: Buffer): void {
    this.#inner.push(first);
  }

  /** @returns false when no more should be sent for now */
  sendBody(bytes: Buffer): boolean {
    return this.#inner.push(bytes);
  }

  clientDrained(): void {
    const taken = this.#taken;
    this.#taken = null;
    taken?.();
  }

  clientLeft(): void {
    this.#end();
    this.#inner.destroy();
  }

  /** The gateway itself has failed over it. */
  broke(): void {
    this.#client.socket.destroy();
  }

  drained(): void {
    if (this.#state === 'tunnel') this.#client.socket.resume();
    else if (this.#client.bodyToCome) this.#client.readBody();
  }

  arrived(bytes: Buffer, taken: () => void): void {
    if (this.#state === 'over') {
      taken();
      return;
    }
    const { socket } = this.#client;
    socket.write(bytes);
    if (socket.writableLength < mostUnwritten) taken();
    else this.#taken = taken;
    let isOut = false;
    try {
      isOut = this.#follow(bytes);
    } catch (error) {
      // Where the answer ends cannot be told, and neither could its client.
      this.#inner.destroy(error as Error);
    }
    if (isOut) this.#complete(this.#keep);
  }

  ended(): void {
    if (this.#state === 'tunnel') this.#client.socket.end();
    else if (this.#state === 'body' && this.#left === Infinity) this.#complete(false);
    else this.closed();
  }

  closed(): void {
    if (this.#state === 'over') return;
    // What the client still sends has nowhere to go, and it may never end its side.
    if (this.#state === 'tunnel') this.#client.socket.destroySoon();
    // To break the connection is the only honest end of an answer that does not go on.
    else this.#client.socket.destroy();
  }

  /** @returns whether the answer is out as a whole */
  #follow(bytes: Buffer): boolean {
    let at = 0;
    while (this.#state === 'head' && at < bytes.length) at = this.#readHead(bytes, at);
    if (this.#state !== 'body') return false;
    this.#readBody(bytes, at);
    return this.#chunks ? this.#chunks.ended : this.#left === 0;
  }

  /** @returns where the head has ended, or the bytes have */
  #readHead(bytes: Buffer, start: number): number {
    const before = this.#head.length;
    const text = this.#head + latin1(bytes, start, bytes.length);
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1) {
      this.#head = text;
      return bytes.length;
    }
    this.#head = '';
    const head = readAnswerHead(text.slice(0, end + 2));
    if (!head) throw new AnswerError('a malformed head');
    if (head.status === 101) this.#becomeTunnel();
    else if (head.status >= 200) {
      const bodiless = !hasBody(this.#method, head.status);
      this.#keep = bodiless ? !head.closes : head.keepAlive;
      this.#chunks = !bodiless && head.framing === 'chunked' ? new ChunkFollower() : null;
      this.#left = bodiless ? 0 : head.framing === 'close' ? Infinity : head.framing === 'chunked' ? 0 : head.framing;
      this.#state = 'body';
    }
    return start + end + 4 - before;
  }

  #readBody(bytes: Buffer, start: number): void {
    if (this.#chunks) this.#chunks.follow(bytes, start, bytes.length, () => undefined);
    else this.#left -= Math.min(this.#left, bytes.length - start);
  }

  #complete(keep: boolean): void {
    this.#end();
    // Not at once: the app is still to be told that its answer has been written.
    setImmediate(() => this.#inner.destroy());
    this.#client.answered(keep, performance.now());
  }

  #end(): void {
    this.#state = 'over';
    this.clientDrained();
  }

  /** The app has accepted the websocket: from here on both connections are one. */
  #becomeTunnel(): void {
    const { socket } = this.#client;
    const inner = this.#inner;
    this.#state = 'tunnel';
    const early = this.#client.release();
    if (early.length > 0) inner.push(early);
    socket.on('data', (bytes: Buffer) => {
      if (!inner.push(bytes)) socket.pause();
    });
    socket.on('drain', () => this.clientDrained());
    socket.once('end', () => inner.push(null));
    socket.once('close', () => this.clientLeft());
    socket.resume();
  }
}
