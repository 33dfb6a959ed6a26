import type { Socket } from 'node:net';
import { maybeAnswerHead } from '../relay/answer-head';
import { withOneLength } from './answer-framing';

const headEnd = '\r\n\r\n';

/** 1xx, behind which another head follows; 101 is the last one. */
const interim = /^HTTP\/1\.[01] 1(?!01)[0-9]{2}/;

/** Its names and values can have no line end in them. */
const connectionLines = /\r\n((?:proxy-)?connection):([^\r\n]*)/gi;

/**
 * The head of an interim answer without what has Node's parser refuse the answer behind it: `close` among its connection
 * options, and HTTP/1.0. Neither can be meant, for that answer is still to come on the connection (RFC 9110 §15.2).
 */
function withoutEnd(head: string): string {
  return head.replace(/^HTTP\/1\.0/, 'HTTP/1.1').replace(connectionLines, (_, name: string, value: string) => {
    const options = value.split(',').filter((option) => option.trim().toLowerCase() !== 'close');
    return options.length === 0 ? '' : `\r\n${name}:${options.join(',')}`;
  });
}

/** Bytes of a head in which it is looked whether it can be one at all. */
const firstLook = 1024;

const nothing: Buffer = Buffer.alloc(0);

/** Looks at the heads of answers on one connection before Node's parser does. */
class HeadWatch {
  readonly #socket: Socket;
  readonly #pass: (bytes: Buffer | null) => boolean;
  readonly #maxHead: number;
  #awaited = true;
  /** What has arrived of a head, and how many bytes that is. */
  #parts: Buffer[] = [];
  #size = 0;
  /** The last of these bytes: the end of a head may be in two pieces. */
  #tail = nothing;

  constructor(socket: Socket, pass: (bytes: Buffer | null) => boolean, maxHead: number) {
    this.#socket = socket;
    this.#pass = pass;
    this.#maxHead = maxHead;
  }

  await(): void {
    this.#awaited = true;
  }

  /** @returns false to stop reading */
  take(bytes: Buffer | null): boolean {
    if (!this.#awaited) return this.#pass(bytes);
    if (bytes === null) {
      const rest = this.#release();
      if (rest.length > 0) this.#pass(rest);
      return this.#pass(null);
    }
    const joint = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes]);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (joint.includes(headEnd)) return this.#read(this.#release());
    this.#tail = joint.subarray(1 - headEnd.length);
    // Node's parser says at once what is wrong with what can be no head, or is too long for one.
    const goesOn =
      this.#size <= this.#maxHead &&
      (this.#size > firstLook || maybeAnswerHead(Buffer.concat(this.#parts).toString('latin1')));
    return goesOn || this.#pass(this.#release());
  }

  /** @param bytes with the end of a head in them */
  #read(bytes: Buffer): boolean {
    const out: Buffer[] = [];
    let at = 0;
    for (;;) {
      const found = bytes.indexOf(headEnd, at);
      if (found === -1) break;
      const end = found + headEnd.length;
      const head = bytes.toString('latin1', at, end);
      const sound = withOneLength(head);
      if (typeof sound !== 'string') {
        this.#socket.destroy(sound);
        return false;
      }
      const isInterim = interim.test(head);
      const readable = isInterim ? withoutEnd(sound) : sound;
      out.push(readable === head ? bytes.subarray(at, end) : Buffer.from(readable, 'latin1'));
      at = end;
      if (isInterim) continue;
      if (readable === head && out.length === 1) return this.#pass(bytes);
      return this.#pass(Buffer.concat([...out, bytes.subarray(at)]));
    }
    const more = this.#pass(Buffer.concat(out));
    this.#awaited = true;
    return at === bytes.length ? more : this.take(bytes.subarray(at)) && more;
  }

  /** Awaits no head any more. @returns what has arrived of one */
  #release(): Buffer {
    const [first = nothing, ...more] = this.#parts;
    this.#awaited = false;
    this.#parts = [];
    this.#size = 0;
    this.#tail = nothing;
    return more.length === 0 ? first : Buffer.concat([first, ...more]);
  }
}

const watches = new WeakMap<Socket, HeadWatch>();

/**
 * A request is about to be sent on a connection: the head of its answer is read by the rules of `withOneLength` before
 * Node's parser gets it, which refuses the same length twice and does not say what is wrong with others. An answer that
 * is refused ends the connection with a `FramingError`.
 * @param maxHead bytes; the parser is left to refuse what has more
 */
export function awaitAnswerHead(socket: Socket, maxHead: number): void {
  let watch = watches.get(socket);
  if (!watch) {
    const pass = socket.push.bind(socket);
    const made = new HeadWatch(socket, pass, maxHead);
    // What a stream has read comes by its `push`; listeners to `data` come too late.
    socket.push = (bytes: Buffer | null) => made.take(bytes);
    watches.set(socket, made);
    watch = made;
  }
  watch.await();
}
