/** What has arrived of a body, as one buffer that grows: a client may send it a byte at a time. */
export class KeptBody {
  #buffer: Buffer;
  #size: number;

  constructor(first: Buffer) {
    this.#buffer = first;
    this.#size = first.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Stays as it is when more is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  add(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (size > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#size);
      this.#buffer = grown;
    }
    piece.copy(this.#buffer, this.#size);
    this.#size = size;
  }
}
