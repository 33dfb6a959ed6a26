import type { Transform } from 'node:stream';

/** A stream of `node:zlib`. */
export type ZlibStream = Transform & { readonly bytesWritten: number };

/** What is decoded goes to. */
export interface DecodedTo {
  /** @returns whether more can be taken */
  take(part: Buffer): boolean;
  failed(error: Error): void;
}

/**
 * One compressed stream, whose data itself says where it ends. There Node's decoders stop, and never call back for a
 * write that holds more bytes than that; here whoever writes is told in either case.
 */
export class Compressed {
  readonly #stream: ZlibStream;
  #hasEnded = false;
  #settle: () => void = () => undefined;

  constructor(stream: ZlibStream, to: DecodedTo) {
    this.#stream = stream;
    // A few bytes can become very many.
    stream.on('data', (part: Buffer) => {
      if (!to.take(part)) stream.pause();
    });
    stream.on('error', (error) => to.failed(error));
    stream.once('end', () => {
      this.#hasEnded = true;
      this.#settle();
    });
  }

  /** @param done gets the bytes that stand behind the end of the stream; null while it goes on */
  write(bytes: Buffer, done: (behind: Buffer | null) => void): void {
    const before = this.#stream.bytesWritten;
    this.#settle = () => {
      this.#settle = () => undefined;
      done(this.#hasEnded ? bytes.subarray(this.#stream.bytesWritten - before) : null);
    };
    this.#stream.write(bytes, () => this.#settle());
  }

  /** Nothing comes any more; a stream that is not whole fails. */
  end(done: () => void): void {
    this.#settle = done;
    this.#stream.end();
  }

  resume(): void {
    this.#stream.resume();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}
