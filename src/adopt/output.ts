/** The bytes of one `push`: pieces of the input, with others between them. */
export class Output {
  #bytes: Buffer;
  #length = 0;
  /** Up to where the input has been taken over. */
  #taken = 0;
  readonly #input: Buffer;

  constructor(input: Buffer) {
    this.#input = input;
    this.#bytes = Buffer.allocUnsafe(input.length + (input.length >> 2) + 256);
  }

  /** Takes the input over up to `start`, then `bytes` in place of what stands there up to `end`. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    this.#take(start);
    this.#taken = end;
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param end up to where the input is taken over; what follows is for the next time */
  finish(end: number): Buffer {
    if (this.#length === 0 && this.#taken === 0) return this.#input.subarray(0, end);
    this.#take(end);
    return this.#bytes.subarray(0, this.#length);
  }

  #take(end: number): void {
    const size = end - this.#taken;
    if (size <= 0) return;
    this.#reserve(size);
    this.#input.copy(this.#bytes, this.#length, this.#taken, end);
    this.#length += size;
    this.#taken = end;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + size) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
