const nothing = Buffer.alloc(0);

/** The bytes of one `push`: pieces of the input, with others between them. */
export class Output {
  /** Made when there is something else than the input to be put in. */
  #bytes: Buffer | null = null;
  #length = 0;
  /** Up to where the input has been taken over. */
  #taken = 0;
  readonly #input: Buffer;

  constructor(input: Buffer) {
    this.#input = input;
  }

  /** Takes the input over up to `start`, then `bytes` in place of what stands there up to `end`. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    this.#take(start);
    this.#taken = end;
    if (bytes.length === 0) return;
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param end up to where the input is taken over; what follows is for the next time */
  finish(end: number): Buffer {
    if (this.#length === 0 && this.#taken === 0) return this.#input.subarray(0, end);
    this.#take(end);
    return this.#bytes?.subarray(0, this.#length) ?? nothing;
  }

  #take(end: number): void {
    const size = end - this.#taken;
    if (size <= 0) return;
    this.#input.copy(this.#room(size), this.#length, this.#taken, end);
    this.#length += size;
    this.#taken = end;
  }

  /** @returns the bytes with room for so many more */
  #room(size: number): Buffer {
    const { length } = this.#input;
    this.#bytes ??= Buffer.allocUnsafe(length + (length >> 2) + 256);
    if (this.#length + size <= this.#bytes.length) return this.#bytes;
    const larger = Buffer.allocUnsafe((this.#length + size) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    return larger;
  }
}
