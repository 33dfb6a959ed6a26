import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';
import { Compressed, type ZlibStream } from './compressed';
import { gzipHeader } from './gzip-header';

/** Node has zstd from 22.15 on. */
const { createZstdDecompress } = zlib as typeof zlib & { createZstdDecompress?: () => ZlibStream };

/** By content coding (RFC 9110 §8.4.1), in lower case: what undoes it. */
export const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => new GzipDecoder(),
  'x-gzip': () => new GzipDecoder(),
  deflate: () => new Decoder(anyInflate),
  br: () => new Decoder(() => zlib.createBrotliDecompress()),
  ...(createZstdDecompress ? { zstd: () => new Decoder(() => createZstdDecompress()) } : {}),
};

/** `deflate` is zlib's format (RFC 9110 §8.4.1.2), but some send it bare, and browsers take both. */
function anyInflate(first: Buffer): ZlibStream {
  // Its first byte names the method, 8, in its lower half (RFC 1950 §2.2).
  return ((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
}

/** A stage of a body's way that may fail, whatever the bytes are, but never throws. */
abstract class Decoding extends Transform {
  protected compressed: Compressed | null = null;

  protected abstract decode(bytes: Buffer, done: () => void): void;
  protected abstract finish(done: () => void): void;

  protected begin(stream: ZlibStream, took: (part: Buffer) => void = () => undefined): Compressed {
    const take = (part: Buffer): boolean => {
      took(part);
      return this.push(part);
    };
    this.compressed = new Compressed(stream, { take, failed: (error) => this.destroy(error) });
    return this.compressed;
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    this.#guarded(() => this.decode(bytes, () => done()));
  }

  override _flush(done: TransformCallback): void {
    this.#guarded(() => this.finish(() => done()));
  }

  override _read(size: number): void {
    this.compressed?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.compressed?.destroy();
    done(error);
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}

/**
 * A decoder that is made when there is something to decode: a body without a byte is none that was broken off. What
 * stands behind the end of the coded data is no part of the body: it is left out, as Chromium does.
 */
class Decoder extends Decoding {
  #isOver = false;
  readonly #create: (first: Buffer) => ZlibStream;

  constructor(create: (first: Buffer) => ZlibStream) {
    super();
    this.#create = create;
  }

  protected override decode(bytes: Buffer, done: () => void): void {
    if (this.#isOver) {
      done();
      return;
    }
    const compressed = this.compressed ?? this.begin(this.#create(bytes));
    compressed.write(bytes, (behind) => {
      this.#isOver = behind !== null;
      done();
    });
  }

  protected override finish(done: () => void): void {
    if (this.#isOver || !this.compressed) done();
    else this.compressed.end(done);
  }
}

const trailerLength = 8;

/**
 * Gzip, whose members follow each other (RFC 1952 §2.2): all of them are the body. What stands behind them and begins
 * no member, such as zeros that pad a file, is left out, as Chromium does; Node's own decoder would take anything but
 * zeros for a broken member, and not pass on what it had decoded so far.
 */
class GzipDecoder extends Decoding {
  #at: 'start' | 'header' | 'data' | 'trailer' | 'between' | 'over' = 'start';
  #header = gzipHeader();
  #trailer: number[] = [];
  /** The first byte of what may be another member, while the second is not there. */
  #isMagic = false;
  #sum = 0;
  #size = 0;

  protected override decode(bytes: Buffer, done: () => void): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      switch (this.#at) {
        case 'start':
          this.#beginMember();
          this.#headerByte(byte);
          break;
        case 'header':
          this.#headerByte(byte);
          break;
        case 'data':
          this.#data(i === 0 ? bytes : bytes.subarray(i), done);
          return;
        case 'trailer':
          this.#trailer.push(byte);
          if (this.#trailer.length === trailerLength) this.#check();
          break;
        case 'between':
          this.#between(byte);
          break;
        case 'over':
          done();
          return;
      }
    }
    done();
  }

  protected override finish(done: () => void): void {
    switch (this.#at) {
      case 'start':
      case 'between':
      case 'over':
        done();
        return;
      case 'data':
        // Ends with an error, for the checksum is missing in any case.
        this.compressed?.end(() => this.destroy(endOfInput()));
        return;
      case 'header':
      case 'trailer':
        throw endOfInput();
    }
  }

  #beginMember(): void {
    this.#at = 'header';
    this.#header = gzipHeader();
    this.#header.next();
    this.#trailer = [];
    this.#sum = 0;
    this.#size = 0;
  }

  #headerByte(byte: number): void {
    if (!this.#header.next(byte).done) return;
    this.#at = 'data';
    this.begin(zlib.createInflateRaw(), (part) => {
      this.#sum = zlib.crc32(part, this.#sum);
      this.#size = (this.#size + part.length) >>> 0;
    });
  }

  #data(bytes: Buffer, done: () => void): void {
    this.compressed?.write(bytes, (behind) => {
      if (!behind) {
        done();
        return;
      }
      this.compressed?.destroy();
      this.compressed = null;
      this.#at = 'trailer';
      try {
        this.decode(behind, done);
      } catch (error) {
        this.destroy(error as Error);
      }
    });
  }

  #check(): void {
    const trailer = Buffer.from(this.#trailer);
    if (trailer.readUInt32LE(0) !== this.#sum) throw new Error('incorrect data check');
    if (trailer.readUInt32LE(4) !== this.#size) throw new Error('incorrect length check');
    this.#at = 'between';
  }

  #between(byte: number): void {
    const isMember = this.#isMagic && byte === 0x8b;
    const isFirst = !this.#isMagic && byte === 0x1f;
    this.#isMagic = isFirst;
    if (isMember) {
      this.#beginMember();
      this.#headerByte(0x1f);
      this.#headerByte(byte);
    } else if (!isFirst) this.#at = 'over';
  }
}

const endOfInput = (): Error => new Error('unexpected end of the coded body');
