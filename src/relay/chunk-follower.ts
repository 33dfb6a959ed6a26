import type { RawHeaders } from '../headers/raw';
import { AnswerError } from './answer-error';
import { fieldFinder, readFieldLines } from './field-lines';

/** Bytes that the extensions of all chunks of a body may have; nobody uses them but to do harm. */
const mostExtensionBytes = 16 * 1024;

/** Bytes of the trailer section. */
const mostTrailerBytes = 16 * 1024;

/** Hexadecimal digits of a chunk's size: what a number counts without loss. */
const mostDigits = 12;

/** RFC 9112 §7.1.1, without the blanks that it no longer allows to be sent. */
const extensions =
  /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)+$/;

/** What frames a message, or ends its connection, even to readers who find it behind a body (RFC 9110 §6.5.1). */
const deciding = fieldFinder(['content-length', 'transfer-encoding', 'connection', 'proxy-connection']);

const cr = 0x0d;
const lf = 0x0a;
const semicolon = 0x3b;

type State = 'size' | 'extension' | 'size-cr' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'ended';

/** The chunks of a body cannot be told apart. */
export class ChunkError extends AnswerError {}

/**
 * Follows a chunked body (RFC 9112 §7.1) without decoding it: tells which bytes may be passed on as they are, and where
 * the body ends. Two things are not passed on: extensions, which mean something to one connection only, and what stands
 * behind the last chunk, the trailers and an empty line.
 */
export class ChunkFollower {
  /** Bytes of data so far, without framing. */
  dataBytes = 0;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extension = '';
  #extensionBytes = 0;
  #trailerLines = '';
  #trailers: RawHeaders = [];

  /** Whether the whole body has been seen, its trailers included. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Of a body that has ended. */
  get trailers(): RawHeaders {
    return this.#trailers;
  }

  /**
   * Takes in what has arrived.
   * @param pass is given each run of bytes that may be passed on
   * @returns where in `bytes` the body ends; `end` where it goes on
   * @throws ChunkError
   */
  follow(bytes: Buffer, start: number, end: number, pass: (from: number, to: number) => void): number {
    let from = start;
    let at = start;
    while (at < end && this.#state !== 'ended') {
      if (this.#state === 'data') {
        const step = Math.min(this.#size, end - at);
        this.#size -= step;
        this.dataBytes += step;
        at += step;
        if (this.#size === 0) this.#state = 'data-cr';
      } else if (this.#state === 'extension' || this.#state === 'trailers') {
        if (at > from) pass(from, at);
        at = this.#state === 'trailers' ? this.#readTrailers(bytes, at, end) : this.#readExtension(bytes, at, end);
        from = at;
      } else if (this.#state === 'size' && this.#digits > 0 && bytes[at] === semicolon) {
        this.#state = 'extension';
      } else {
        this.#readFraming(bytes[at] ?? 0);
        at++;
      }
    }
    if (at > from) pass(from, at);
    return at;
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte);
        return;
      case 'size-cr':
        expectByte(byte, cr);
        this.#state = 'size-lf';
        return;
      case 'size-lf':
        expectByte(byte, lf);
        this.#state = this.#size === 0 ? 'trailers' : 'data';
        this.#digits = 0;
        return;
      case 'data-cr':
        expectByte(byte, cr);
        this.#state = 'data-lf';
        return;
      default:
        expectByte(byte, lf);
        this.#state = 'size';
        this.#size = 0;
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      if (++this.#digits > mostDigits) throw new ChunkError('a chunk too large');
      this.#size = this.#size * 16 + digit;
    } else if (this.#digits === 0) throw new ChunkError('a chunk without a size');
    else {
      expectByte(byte, cr);
      this.#state = 'size-lf';
    }
  }

  /** @returns where the CR behind it is; `end` where it goes on */
  #readExtension(bytes: Buffer, start: number, end: number): number {
    const found = bytes.subarray(start, end).indexOf(cr);
    const to = found === -1 ? end : start + found;
    this.#extensionBytes += to - start;
    if (this.#extensionBytes > mostExtensionBytes) throw new ChunkError('too long extensions');
    this.#extension += bytes.toString('latin1', start, to);
    if (found === -1) return end;
    if (!extensions.test(this.#extension)) throw new ChunkError('a malformed extension');
    this.#extension = '';
    this.#state = 'size-cr';
    return to;
  }

  /** @returns where the section ends; `end` where it goes on */
  #readTrailers(bytes: Buffer, start: number, end: number): number {
    const before = this.#trailerLines.length;
    const most = start + mostTrailerBytes - before;
    const text = this.#trailerLines + bytes.toString('latin1', start, Math.min(end, most));
    const blank = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n', Math.max(0, before - 3)) + 2;
    if (blank === 1) {
      if (end >= most) throw new ChunkError('too long trailers');
      this.#trailerLines = text;
      return end;
    }
    const raw = readFieldLines(text.slice(0, blank), 'any');
    if (!raw) throw new ChunkError('malformed trailers');
    if (raw.some((name, i) => i % 2 === 0 && deciding(name)))
      throw new ChunkError('a trailer that belongs into a head');
    this.#trailers = raw;
    this.#state = 'ended';
    return start + blank + 2 - before;
  }
}

function expectByte(byte: number, wanted: number): void {
  if (byte !== wanted) throw new ChunkError('malformed framing of a chunk');
}

/** -1 for what is none. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
