const final = 0x80;
const opcodeBits = 0x0f;
const control = 0x08;
const close = 0x08;
const highestOpcode = 0x0a;
const masked = 0x80;
const lengthBits = 0x7f;
const shortLength = 126;

/** The largest value of the upper half of a length that is counted without loss, in units of 2^32. */
const mostUpper = 2 ** 21 - 1;

/**
 * Follows what a server sends on a websocket (RFC 6455 §5.2) by the headers of its frames alone, so that something can be
 * put between two of them. What no server may send makes it lose its place for good, rather than guess.
 */
export class FrameFollower {
  /** Bytes of the payload that are to come; while `#lengthBytes` is not 0, what is known of their number. */
  #left = 0;
  /** Bytes of the length that are to come. */
  #lengthBytes = 0;
  /** The first byte of a header whose second is to come; -1 otherwise. */
  #first = -1;
  #closed = false;
  #lost = false;

  /** Whether all that has come is whole frames. */
  get betweenFrames(): boolean {
    return this.#left === 0 && this.#lengthBytes === 0 && this.#first === -1 && !this.#lost;
  }

  /** Whether a close frame has begun: nothing may follow it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether these are no frames, or none that it can follow. */
  get lost(): boolean {
    return this.#lost;
  }

  follow(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#followOne(bytes, at);
  }

  /** Takes in the rest of the frame under way. @returns where in `bytes` it ends; their length where it goes on */
  followToEnd(bytes: Buffer): number {
    return this.betweenFrames ? 0 : this.#followOne(bytes, 0);
  }

  #followOne(bytes: Buffer, start: number): number {
    let at = start;
    if (this.#left === 0 || this.#lengthBytes > 0) {
      at = this.#readHeader(bytes, at);
      if (this.#lost || this.#lengthBytes > 0 || this.#first !== -1) return bytes.length;
    }
    const step = Math.min(this.#left, bytes.length - at);
    this.#left -= step;
    return at + step;
  }

  #readHeader(bytes: Buffer, start: number): number {
    let at = start;
    if (this.#lengthBytes === 0) {
      if (this.#first === -1) this.#first = bytes[at++] ?? 0;
      const second = bytes[at++];
      if (second === undefined) return at;
      this.#begin(this.#first, second);
      this.#first = -1;
    }
    for (; this.#lengthBytes > 0 && at < bytes.length; at++) {
      if (this.#lengthBytes === 4 && this.#left > mostUpper) this.#lost = true;
      this.#left = this.#left * 256 + (bytes[at] ?? 0);
      this.#lengthBytes--;
    }
    return at;
  }

  #begin(first: number, second: number): void {
    const opcode = first & opcodeBits;
    const length = second & lengthBits;
    const isControl = (opcode & control) !== 0;
    if (opcode > highestOpcode || (opcode > 2 && !isControl) || second & masked) this.#lost = true;
    // RFC 6455 §5.5.
    if (isControl && (length >= shortLength || !(first & final))) this.#lost = true;
    if (opcode === close && !this.#lost) this.#closed = true;
    if (length < shortLength) this.#left = length;
    else this.#lengthBytes = length === shortLength ? 2 : 8;
  }
}
