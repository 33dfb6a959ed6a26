const nothing = Buffer.alloc(0);

/**
 * Bytes that have come and are held back until more have. More is put behind them where there is room, so that what
 * comes in single bytes is not copied as a whole for each of them.
 */
export class HeldBytes {
  /** Where `#held` lies, with room behind it. What lies there is never changed: others may have been given parts of it. */
  #room: Buffer = nothing;
  #held: Buffer = nothing;
  /** Where `#held` ends in `#room`. */
  #end = 0;

  get length(): number {
    return this.#held.length;
  }

  /** @returns what is held with these bytes behind it */
  with(bytes: Buffer): Buffer {
    const { length } = this.#held;
    if (length === 0) return bytes;
    if (bytes.length === 0) return this.#held;
    if (this.#room.length - this.#end < bytes.length) {
      this.#room = Buffer.allocUnsafe(Math.max(256, 2 * (length + bytes.length)));
      this.#held.copy(this.#room);
      this.#end = length;
    }
    bytes.copy(this.#room, this.#end);
    const start = this.#end - length;
    this.#end += bytes.length;
    return this.#room.subarray(start, this.#end);
  }

  /** @param input what `with` gave, of which all from here on is held */
  keep(input: Buffer, from: number): void {
    const isInRoom = this.#held.length > 0;
    this.#held = from < input.length ? input.subarray(from) : nothing;
    if (isInRoom && this.#held.length > 0) return;
    this.#room = nothing;
    this.#end = 0;
  }

  /** Holds nothing any more. @returns what was held */
  take(): Buffer {
    const held = this.#held;
    this.keep(nothing, 0);
    return held;
  }
}
