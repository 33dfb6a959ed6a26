import { performance } from 'node:perf_hooks';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hasBody } from '../headers/answer-framing';
import { listOf, valuesOf, type RawHeaders } from '../headers/raw';
import { usable } from '../upstream/agent';
import { withOneLength } from '../upstream/answer-framing';
import { classifyUpstreamError } from '../upstream/classify';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';
import { AnswerError } from './answer-error';
import { maybeAnswerHead, type AnswerHead } from './answer-head';
import { bufferSize, mostUnwritten, smallPiece } from './body-buffers';
import { ChunkFollower } from './chunk-follower';
import { Deadline } from './deadline';
import { latin1 } from './latin1';
import type { TunnelSide } from './tunnel';
import type { AnswerSink, UpstreamRequest } from './upstream-exchange';
import type { UpstreamPool } from './upstream-pool';

/**
 * What connections read into, all of them: a read is dealt with before the next one begins, and a buffer for each of
 * thousands would be mostly empty.
 */
const readBuffer = Buffer.allocUnsafeSlow(bufferSize);

/** Node reads so many names and values of an answer's head on the other way; a relay is no place for more. */
const mostHeadEntries = 2_000;

/** Of fields that take no more than `a:` and a line end, so many bytes are as many. */
const leastLine = 4;

function hasTooManyFields(head: AnswerHead): boolean {
  return head.lines.length >= (mostHeadEntries / 2) * leastLine && head.raw.length >= mostHeadEntries;
}

function wrongWithHead(text: string): AnswerError {
  const mended = withOneLength(text);
  return typeof mended === 'string' ? new AnswerError('a malformed head') : mended;
}

/** Bytes that heads rarely have more of. */
const usualHead = 2 * 1024;

/** How long a silent connection is checked for being alive, in milliseconds. */
const keepAliveProbe = 60_000;

const none: RawHeaders = [];

/** idle: in the pool. connecting, head, body: of the request under way. tunnel: a websocket. closed: for good. */
type State = 'connecting' | 'idle' | 'head' | 'body' | 'tunnel' | 'closed';

/** One connection to a tool, and the exchange that is under way on it (RFC 9112 §9.3): one at a time, never pipelined. */
export class UpstreamConnection {
  /** Whether it carried another request before. */
  reused = false;
  readonly #openedAt = performance.now();
  readonly #pool: UpstreamPool;
  readonly #socket: Socket;
  readonly #deadline = new Deadline(() => this.#expired());
  #state: State = 'connecting';
  #request: UpstreamRequest | null = null;
  #sink: AnswerSink | null = null;
  /** Bytes of the request's body that have not been sent. */
  #unsent = 0;
  /** What has arrived of an answer's head, latin1. */
  #head = '';
  /** Whether a byte of the answer has arrived. */
  #begun = false;
  #answer: AnswerHead | null = null;
  /** Bytes of the answer's body to come; Infinity where the connection's end is its end. */
  #left = 0;
  #chunks: ChunkFollower | null = null;
  #held = false;
  #isLast = false;
  #error: Error | null = null;
  #tunnel: ((bytes: Buffer) => boolean) | null = null;

  constructor(pool: UpstreamPool) {
    this.#pool = pool;
    const { target, tls, session } = pool;
    const options = {
      host: target.hostname,
      port: target.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveProbe,
      onread: { buffer: readBuffer, callback: (length: number) => this.#arrived(length) },
    };
    this.#socket =
      target.protocol === 'https:'
        ? connectTls({ ...options, ...usable(tls), ALPNProtocols: ['http/1.1'], ...(session && { session }) })
        : connectTcp(options);
    const socket = this.#socket;
    socket.on('error', (error) => {
      this.#error = error;
      // The event for its close comes later, and others are served meanwhile.
      if (this.#state === 'idle') this.#destroy();
    });
    socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#connected());
    socket.on('session', (fresh: Buffer) => (pool.session = fresh));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#endOfStream());
    socket.on('close', () => this.#closed());
  }

  /** Whether nothing that was given to it has been sent yet. */
  get connecting(): boolean {
    return this.#state === 'connecting';
  }

  /** @param first the beginning of the request's body, or all of it; may be empty */
  send(request: UpstreamRequest, sink: AnswerSink, first: Buffer): void {
    this.#request = request;
    this.#sink = sink;
    this.#unsent = request.length - first.length;
    this.#begun = false;
    if (this.#state === 'idle') {
      this.#state = 'head';
      this.#awaitAnswer(request.sentAt);
    } else this.#deadline.set(request.timeouts.connect);
    if (first.length === 0) this.#socket.write(request.head, 'latin1');
    else if (first.length <= smallPiece) this.#socket.write(request.head + latin1(first, 0, first.length), 'latin1');
    else {
      this.#socket.cork();
      this.#socket.write(request.head, 'latin1');
      this.#socket.write(first);
      this.#socket.uncork();
    }
  }

  /**
   * The next bytes of the request's body.
   * @returns false when no more should be sent before `drained`
   */
  write(bytes: Buffer): boolean {
    this.#unsent -= bytes.length;
    const socket = this.#socket;
    // What one turn of the event loop brings is written at once: TLS brings a body in many small pieces.
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    socket.write(bytes);
    const more = socket.writableLength < mostUnwritten;
    if (this.#state === 'head') this.#awaitAnswer(performance.now(), !more);
    return more;
  }

  /** Goes on after `wantsMore` held the answer back. */
  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#deadline.set(this.#request?.timeouts.idle ?? 0);
    this.#socket.resume();
  }

  /** Nobody waits for the answer any more. Nothing more is told of it. */
  abort(): void {
    this.#sink = null;
    this.#destroy();
  }

  /** Nobody gets it after the answer that it is bringing. */
  closeBehindAnswer(): void {
    this.#isLast = true;
  }

  /** Closes an idle connection. */
  close(): void {
    this.#destroy();
  }

  /** The connection as one side of a websocket; the limits are the tunnel's from here on. */
  asTunnelSide(): TunnelSide {
    this.#deadline.end();
    return { socket: this.#socket, read: (take) => (this.#tunnel = take) };
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'head';
    this.#awaitAnswer();
    this.#sink?.connected();
  }

  /**
   * A tool has so long for its answer from the end of the request; or from where it takes no more of it. While the client
   * sends nothing it has all the time that the client has.
   */
  #awaitAnswer(now?: number, isFull = this.#socket.writableLength >= mostUnwritten): void {
    if (this.#unsent === 0 || isFull) this.#deadline.set(this.#request?.timeouts.response ?? 0, now);
    else this.#deadline.lift();
  }

  /** The tool has taken what it was sent of the body. */
  #drained(): void {
    if (this.#state === 'head') this.#awaitAnswer();
    this.#sink?.drained();
  }

  /** @returns false to stop reading */
  #arrived(length: number): boolean {
    if (this.#state === 'tunnel') return this.#tunnel?.(Buffer.from(readBuffer.subarray(0, length))) ?? true;
    if (this.#state === 'connecting') this.#connected();
    try {
      this.#read(readBuffer, length);
    } catch (error) {
      this.#fail(error instanceof AnswerError ? error : new ProxyError('INTERNAL', null, error));
    }
    return !this.#held;
  }

  #read(bytes: Buffer, end: number): void {
    let at = 0;
    while (at < end || this.#state === 'body') {
      if (this.#state === 'head') {
        at = this.#readHead(bytes, at, end);
        continue;
      }
      if (this.#state !== 'body') break;
      at = this.#readBody(bytes, at, end);
      // The sink may have given up meanwhile.
      if (!this.#sink || !this.#bodyEnded) break;
      this.#complete(at === end);
      return;
    }
    if (this.#state === 'idle') {
      // Nobody asked for this: whose answer it is meant for, nobody knows.
      this.#destroy();
      return;
    }
    if (this.#sink && this.#state === 'body') {
      this.#held = !this.#sink.wantsMore();
      if (!this.#held) this.#deadline.set(this.#request?.timeouts.idle ?? 0);
    }
  }

  /** @returns where the head has ended; `end` when it has not, or when there is no going on */
  #readHead(bytes: Buffer, start: number, end: number): number {
    this.#begun = true;
    const before = this.#head.length;
    const { heads, maxHead } = this.#pool;
    const most = Math.min(end, start + maxHead + 4);
    // Of a large read, nearly all is body, and not worth being made text of.
    const first = end - start > smallPiece ? Math.min(most, start + usualHead) : most;
    let text = this.#head + latin1(bytes, start, first);
    let size = heads.sizeIn(text, before);
    if (size === -1 && first < most) {
      text += latin1(bytes, first, most);
      size = heads.sizeIn(text, before);
    }
    if (size === -1 || size > maxHead) {
      this.#head = text;
      if (text.length >= maxHead) this.#fail('UPSTREAM_HEAD_TOO_LARGE');
      else if (!maybeAnswerHead(text, before)) this.#fail(new AnswerError('a malformed head'));
      return end;
    }
    this.#head = '';
    const head = heads.read(text.slice(0, size));
    const next = start + size - before;
    if (!head) this.#fail(wrongWithHead(text.slice(0, size)));
    else if (hasTooManyFields(head)) this.#fail('UPSTREAM_HEAD_TOO_LARGE');
    else if (head.status === 101) {
      this.#upgrade(head, Buffer.from(bytes.subarray(next, end)));
      return end;
    } else if (head.status < 200) this.#sink?.interim(head.status, head.raw);
    else this.#begin(head);
    if (!this.#sink || this.#takeWhole(text, size, end - next)) return end;
    return next;
  }

  #begin(head: AnswerHead): void {
    const { status, framing } = head;
    const bodiless = !hasBody(this.#request?.method ?? '', status);
    this.#answer = head;
    this.#state = 'body';
    this.#chunks = !bodiless && framing === 'chunked' ? new ChunkFollower() : null;
    this.#left = bodiless ? 0 : framing === 'close' ? Infinity : framing === 'chunked' ? 0 : framing;
    this.#sink?.answered(head, bodiless);
  }

  /**
   * Short answers nearly always come in one piece, and then their body has been made text along with the head.
   * @param text of the head, `size` long, and of what stands behind it: `behind` bytes, of which some may be missing
   * @returns whether that is the body
   */
  #takeWhole(text: string, size: number, behind: number): boolean {
    if (this.#state !== 'body' || this.#chunks || behind === 0 || behind > smallPiece) return false;
    if (this.#left !== behind || text.length - size !== behind) return false;
    this.#left = 0;
    this.#sink?.text(text.slice(size));
    return true;
  }

  #upgrade(head: AnswerHead, first: Buffer): void {
    const sink = this.#sink;
    const protocol = valuesOf(head.raw, 'upgrade').join(', ');
    const switches = listOf(head.raw, 'connection').some((option) => option.toLowerCase() === 'upgrade');
    // A 101 that nobody asked for, or that switches to something else, or to nothing (RFC 6455 §4.1).
    if (!sink || !switches || this.#request?.websocket !== true || protocol.toLowerCase() !== 'websocket') {
      this.#fail(new AnswerError('a switch of protocols that was not asked for'));
      return;
    }
    this.#state = 'tunnel';
    this.#sink = null;
    this.#pool.forget(this);
    sink.upgraded(head, this, first);
  }

  get #bodyEnded(): boolean {
    return this.#chunks ? this.#chunks.ended : this.#left === 0;
  }

  /** @returns where the body, or what there is of it, has ended */
  #readBody(bytes: Buffer, start: number, end: number): number {
    const sink = this.#sink;
    if (!sink) return end;
    const chunks = this.#chunks;
    if (chunks) {
      let told = chunks.dataBytes;
      return chunks.follow(bytes, start, end, (from, to) => {
        sink.body(bytes, from, to, chunks.dataBytes - told);
        told = chunks.dataBytes;
      });
    }
    const step = Math.min(this.#left, end - start);
    if (step > 0) sink.body(bytes, start, start + step, step);
    this.#left -= step;
    return start + step;
  }

  /** @param clean whether nothing has arrived behind the answer */
  #complete(clean: boolean): void {
    const now = performance.now();
    const sink = this.#sink;
    const trailers = this.#chunks ? this.#chunks.trailers : none;
    const { keepAlive } = this.#pool;
    const idle = this.#answer?.idle ?? keepAlive.idle;
    const sound = clean && !this.#isLast && this.#answer?.keepAlive === true && this.#unsent === 0;
    const keep = sound && idle > 0 && now - this.#openedAt < keepAlive.life;
    this.#sink = null;
    this.#request = null;
    this.#answer = null;
    this.#chunks = null;
    if (this.#held) {
      // TLS has what it had decrypted already told in spite of the hold.
      this.#held = false;
      this.#socket.resume();
    }
    if (keep && this.#pool.keep(this)) {
      this.reused = true;
      this.#state = 'idle';
      this.#deadline.set(idle, now);
    } else this.#destroy();
    sink?.ended(trailers, now);
  }

  #endOfStream(): void {
    if (this.#state === 'body' && this.#left === Infinity) this.#complete(false);
    // It closes by itself only when all has been written that waits, which a tool that left does not read; and until
    // then it would be taken for an idle one. Of a handshake that fails, the error to come tells more.
    else if (this.#state !== 'connecting') this.#closed();
  }

  #closed(): void {
    if (this.#state === 'closed' || this.#state === 'tunnel') return;
    this.#fail(
      this.#error ?? new Error(this.#begun ? 'the answer broke off' : 'the connection ended without an answer'),
    );
  }

  #expired(): void {
    switch (this.#state) {
      case 'connecting':
        this.#fail('UPSTREAM_CONNECT_TIMEOUT');
        return;
      case 'head':
        this.#fail('UPSTREAM_RESPONSE_TIMEOUT');
        return;
      case 'body':
        // Whoever gets the answer holds it up itself.
        if (!this.#held) this.#fail('UPSTREAM_IDLE_TIMEOUT');
        return;
      case 'idle':
        this.#destroy();
        return;
      default:
    }
  }

  #fail(reason: ProxyErrorCode | Error): void {
    const sink = this.#sink;
    const request = this.#request;
    const again = sink && request && this.#mayRepeat(request, reason);
    // It may be the session that the tool cannot resume.
    const unsent = this.#state === 'connecting';
    if (unsent) this.#pool.session = null;
    this.#sink = null;
    this.#destroy();
    if (again) this.#repeat(request, sink);
    else sink?.failed(reason, unsent);
  }

  #repeat(request: UpstreamRequest, sink: AnswerSink): void {
    let connection: UpstreamConnection;
    try {
      connection = this.#pool.connect();
    } catch (error) {
      sink.failed(error as Error, true);
      return;
    }
    sink.resent(connection);
    connection.send(request, sink, Buffer.alloc(0));
  }

  /** A kept connection that the tool was just closing: the request never reached it, and is sent once more. */
  #mayRepeat(request: UpstreamRequest, reason: ProxyErrorCode | Error): boolean {
    return (
      this.reused &&
      !this.#begun &&
      request.repeatable &&
      typeof reason === 'object' &&
      classifyUpstreamError(reason, '').code === 'UPSTREAM_CLOSED'
    );
  }

  #destroy(): void {
    if (this.#state !== 'closed' && this.#state !== 'tunnel') this.#pool.forget(this);
    this.#state = 'closed';
    this.#deadline.end();
    this.#socket.destroy();
  }
}
