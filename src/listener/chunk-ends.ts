const cr = 0x0d;
const lf = 0x0a;

/** size: the digits of a chunk's size. line: the rest of that line. data: a chunk's data and its CRLF. trailers: behind the last. */
type State = 'size' | 'line' | 'data' | 'trailers' | 'ended';

/**
 * Finds where a chunked body ends (RFC 9112 §7.1), for bytes that another parser reads and judges: whatever that one
 * refuses may be understood in any way here.
 */
export class ChunkEnds {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  /** Bytes of the data to come, with its CRLF. */
  #left = 0;
  #isLineEmpty = true;

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** @returns where in `bytes` the body ends; their end where it goes on, or where there are no chunks */
  find(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.#state !== 'ended') {
      if (this.#state === 'data') {
        const step = Math.min(this.#left, bytes.length - at);
        this.#left -= step;
        at += step;
        if (this.#left === 0) this.#begin();
        continue;
      }
      const digit = this.#state === 'size' ? hexDigit(bytes[at] ?? 0) : -1;
      if (digit >= 0) {
        this.#size = this.#size * 16 + digit;
        this.#digits++;
        at++;
        continue;
      }
      if (this.#digits === 0) return bytes.length;
      if (this.#state === 'size') this.#state = 'line';
      const end = bytes.indexOf(lf, at);
      const next = end === -1 ? bytes.length : end + 1;
      this.#isLineEmpty &&= bytes.subarray(at, next).every((byte) => byte === cr || byte === lf);
      at = next;
      if (end !== -1) this.#lineEnded();
    }
    return at;
  }

  #begin(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
  }

  #lineEnded(): void {
    if (this.#state === 'trailers') {
      if (this.#isLineEmpty) this.#state = 'ended';
    } else if (this.#size === 0) this.#state = 'trailers';
    else {
      this.#state = 'data';
      this.#left = this.#size + 2;
    }
    this.#isLineEmpty = true;
  }
}

/** -1 for what is none. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
