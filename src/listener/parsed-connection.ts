import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Deadline } from '../relay/deadline';
import type { ProxyError } from '../upstream/proxy-error';
import { ChunkEnds } from './chunk-ends';
import { closeLingering } from './lingering-close';
import { wrongRequestLine } from './request-line';

/** Bytes that may wait behind a request under way before the client is not read any more. */
const mostWaiting = 64 * 1024;

const nothing: Buffer = Buffer.alloc(0);
const cr = 0x0d;
const lf = 0x0a;
const headEnd = '\r\n\r\n';
/** Bytes of an end that may be in the piece before. */
const most = headEnd.length - 1;

/** What a connection has behind it when Node's parser gets it. */
export interface ConnectionPast {
  /** How many requests it has brought. */
  readonly begun: number;
  /** Milliseconds that the head which is to come, or has begun, may still take. */
  readonly headLeft: number;
}

export interface ParsedConnectionOptions {
  /** Makes Node's server take the socket. */
  readonly attach: () => void;
  readonly past: ConnectionPast;
  /** What has been read of it. */
  readonly first: Buffer;
  /** Bytes that a head may have, and milliseconds until it has to have arrived. */
  readonly maxHead: number;
  readonly headTimeout: number;
  /** The request that is to come is refused: by its first line, or because it did not arrive in time. */
  readonly refused: (error: ProxyError | 'too slow') => void;
}

/** Where in a message the next byte stands. */
type Place = 'before' | 'line' | 'fields' | 'body';

/**
 * A connection that Node's parser reads: it is given one request at a time, each when the answer before it is out (RFC 9112
 * §9.3.2). Given all that arrives, it would begin all of it at once: a POST and the GET behind it would reach the tool
 * together, one packet would begin thousands of requests, and what is refused would be followed by what stands behind it.
 *
 * Where a message ends is Node's to say: the bytes are only cut there, and what is cut in another place than Node's
 * parser would cut it ends the connection.
 */
export class ParsedConnection {
  readonly #socket: Socket;
  readonly #options: ParsedConnectionOptions;
  /** Node's own listeners to the bytes of a connection. */
  readonly #parsers: readonly ((bytes: Buffer) => void)[];
  readonly #deadline = new Deadline(() => this.#headIsLate());
  /** What has arrived and has not been parsed. */
  #held = nothing;
  /** What has arrived of a request line, where some of it has not. */
  #line: Buffer[] = [];
  #lineLength = 0;
  #place: Place = 'before';
  /** Whether `#deadline` is that of the head to come. */
  #timed = true;
  /** The last bytes of the head that have been parsed: its end may be in two pieces. */
  #tail = nothing;
  /** Bytes of the body to come; or what tells where it ends. */
  #left: number | ChunkEnds = 0;
  #request: IncomingMessage | null = null;
  /** Of the request under way; null when it is out. */
  #answer: ServerResponse | null = null;
  #begun: number;
  #parsing = false;
  #isReady = false;
  #stopped = false;

  constructor(socket: Socket, options: ParsedConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#begun = options.past.begun;
    options.attach();
    this.#parsers = socket.listeners('data') as ((bytes: Buffer) => void)[];
    // Node's server has its parser read the socket by itself until somebody else listens.
    socket.on('data', this.#onData);
    for (const parse of this.#parsers) socket.off('data', parse);
    socket.on('resume', this.#onResume);
    socket.once('close', this.#onClose);
    // Node's server ends a connection so behind its last answer.
    socket.destroySoon = () => this.#end();
    this.#deadline.set(options.past.headLeft);
    this.#held = options.first;
    socket.resume();
    // What a handler throws is not to be caught by whoever hands the connection over.
    process.nextTick(() => {
      this.#isReady = true;
      this.#parse();
    });
  }

  /** The answer that is under way. */
  get answer(): ServerResponse | null {
    return this.#answer;
  }

  /** Whether all of the last request has arrived. */
  get isWhole(): boolean {
    return this.#request?.complete !== false;
  }

  /** How many requests have begun, the one under way included. */
  get begun(): number {
    return this.#begun;
  }

  /** Takes in what has arrived. */
  #take(bytes: Buffer): void {
    if (this.#stopped) return;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#parse();
    if (this.#answer && this.#place !== 'body' && this.#held.length > mostWaiting) this.#socket.pause();
  }

  /**
   * A request has begun: Node's server tells it while its head is parsed.
   * @returns false where the one before it is still under way: where a message ends is in doubt
   */
  begin(request: IncomingMessage, answer: ServerResponse): boolean {
    if (this.#answer || this.#stopped) return false;
    this.#request = request;
    this.#answer = answer;
    this.#begun++;
    this.#headIsThere();
    const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
    this.#left = coding === undefined ? Number(length ?? 0) : new ChunkEnds();
    this.#place = this.#left === 0 ? 'before' : 'body';
    // After the others that listen: the request's record ends before the next begins.
    answer.once('finish', () => process.nextTick(() => this.#answered(answer)));
    return true;
  }

  /** Parses no more, and leaves the socket to somebody else. @returns what has arrived and has not been parsed */
  release(): Buffer {
    this.stop();
    this.#socket.off('data', this.#onData);
    this.#socket.off('resume', this.#onResume);
    this.#socket.off('close', this.#onClose);
    Reflect.deleteProperty(this.#socket, 'destroySoon');
    const rest = this.#held;
    this.#held = nothing;
    return rest;
  }

  /** Parses no more: what arrives from here on is thrown away. */
  stop(): void {
    this.#stopped = true;
    this.#deadline.end();
  }

  /** Ends the connection behind the answer that Node's server has been given as a whole. */
  endAfter(answer: ServerResponse): void {
    this.stop();
    if (answer.writableFinished) this.#end();
    else answer.once('finish', () => this.#end());
  }

  readonly #onData = (bytes: Buffer): void => this.#take(bytes);

  readonly #onResume = (): void => this.#parse();

  readonly #onClose = (): void => this.stop();

  /** Behind its last answer: a client that is still sending could not read it if it were closed on. */
  #end(): void {
    const { isWhole } = this;
    const socket = this.#socket;
    const rest = this.release();
    if (!isWhole || rest.length > 0) closeLingering(socket);
    else socket.destroySoon();
  }

  #answered(answer: ServerResponse): void {
    if (this.#answer !== answer) return;
    this.#answer = null;
    // What stands behind an answer that was announced as the last is not acted on (RFC 9112 §9.6).
    if (this.#stopped || !this.#socket.writable) return;
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#parse();
  }

  #headIsThere(): void {
    this.#timed = false;
    this.#deadline.lift();
    this.#tail = nothing;
  }

  #headIsLate(): void {
    // Browsers open connections that they may never use.
    if (this.#place === 'before') {
      this.stop();
      this.#socket.end(() => this.#socket.destroy());
    } else this.#options.refused('too slow');
  }

  /** Node's parser calls back while it parses. */
  #parse(): void {
    if (this.#parsing || !this.#isReady) return;
    this.#parsing = true;
    try {
      // A paused socket is one whose parser Node may have paused as well.
      while (this.#held.length > 0 && !this.#stopped && !this.#socket.isPaused() && this.#step());
    } finally {
      this.#parsing = false;
    }
  }

  /** @returns false when there is no going on for now */
  #step(): boolean {
    if (this.#place === 'body') return this.#body();
    if (this.#answer) return false;
    switch (this.#place) {
      case 'before':
        return this.#before();
      case 'line':
        return this.#requestLine();
      default:
        return this.#fields();
    }
  }

  /** Empty lines before a request mean nothing (RFC 9112 §2.2). */
  #before(): boolean {
    const held = this.#held;
    let blanks = 0;
    while (held[blanks] === cr || held[blanks] === lf) blanks++;
    if (!this.#timed) {
      this.#timed = true;
      // Node's own limit is that of a connection without a request.
      this.#socket.setTimeout(0);
      this.#deadline.set(this.#options.headTimeout);
    }
    if (blanks > 0) this.#feed(blanks);
    if (this.#held.length > 0) this.#place = 'line';
    return true;
  }

  /** Held back until it is whole, or longer than a head may be. */
  #requestLine(): boolean {
    const held = this.#held;
    const first = (this.#line[0] ?? held)[0] ?? 0;
    // No request begins so: nobody should wait for its end.
    const isNone = first <= 0x20 || first >= 0x7f;
    const end = held.indexOf(lf);
    if (end === -1 && !isNone && this.#lineLength + held.length <= this.#options.maxHead) {
      this.#line.push(held);
      this.#lineLength += held.length;
      this.#held = nothing;
      return false;
    }
    if (this.#line.length > 0) this.#held = Buffer.concat([...this.#line, held]);
    const length = this.#lineLength + (end === -1 ? held.length : end);
    this.#line = [];
    this.#lineLength = 0;
    const wrong = wrongRequestLine(this.#held.toString('latin1', 0, length).replace(/\r$/, ''));
    if (wrong) {
      this.#options.refused(wrong);
      return false;
    }
    this.#place = 'fields';
    return true;
  }

  #fields(): boolean {
    const held = this.#held;
    const before = this.#tail.length;
    // The end may have begun in the last piece.
    const inSeam = Buffer.concat([this.#tail, held.subarray(0, most)]).indexOf(headEnd);
    const found = inSeam === -1 ? held.indexOf(headEnd) : inSeam - before;
    const isThere = inSeam !== -1 || found !== -1;
    const length = isThere ? found + headEnd.length : held.length;
    this.#tail = isThere ? nothing : Buffer.concat([this.#tail, held.subarray(-most)]).subarray(-most);
    this.#feed(length);
    return true;
  }

  #body(): boolean {
    const held = this.#held;
    const left = this.#left;
    if (typeof left === 'number') {
      const part = Math.min(left, held.length);
      this.#left = left - part;
      if (this.#left === 0) this.#place = 'before';
      if (part > 0) this.#feed(part);
      return true;
    }
    const end = left.find(held);
    if (left.ended) this.#place = 'before';
    this.#feed(end);
    return true;
  }

  /** Gives Node's parser the first bytes of what is held. */
  #feed(length: number): void {
    const bytes = this.#held.subarray(0, length);
    this.#held = length < this.#held.length ? this.#held.subarray(length) : nothing;
    for (const parse of this.#parsers) parse.call(this.#socket, bytes);
  }
}
