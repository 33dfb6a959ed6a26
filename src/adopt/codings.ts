import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';

/** Node has zstd from 22.15 on. */
const { createZstdDecompress, createZstdCompress } = zlib as typeof zlib & {
  createZstdDecompress?: () => Transform;
  createZstdCompress?: (options: object) => Transform;
};

/** What a content coding (RFC 9110 §8.4.1) is undone and done again with. */
export interface Coding {
  decoder(): Transform;
  /** Whatever is written to it comes out at once, for pages that are sent bit by bit. */
  encoder(): Transform;
}

const { constants } = zlib;
/** A page is read once: little is worth more than small. */
const quick = { level: 1, flush: constants.Z_SYNC_FLUSH };

const gzip: Coding = { decoder: () => new Decoder(() => zlib.createGunzip()), encoder: () => zlib.createGzip(quick) };

const known: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: { decoder: () => new Decoder(anyInflate), encoder: () => zlib.createDeflate(quick) },
  br: {
    decoder: () => new Decoder(() => zlib.createBrotliDecompress()),
    encoder: () =>
      zlib.createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
      }),
  },
  ...(createZstdDecompress && createZstdCompress
    ? {
        zstd: {
          decoder: () => new Decoder(() => createZstdDecompress()),
          encoder: () => createZstdCompress({ flush: 1 satisfies ZstdFlush }),
        },
      }
    : {}),
};

/** ZSTD_e_flush, which Node 20's types do not know. */
type ZstdFlush = 1;

/** @param name as it stands in Content-Encoding; '' is none @returns null for one that is not known, and for several */
export function codingOf(name: string): Coding | 'identity' | null {
  const plain = name.trim().toLowerCase();
  if (plain === '' || plain === 'identity') return 'identity';
  return (Object.hasOwn(known, plain) && known[plain]) || null;
}

/**
 * Accept-Encoding less the codings that could not be undone; what says nothing of a coding, such as `*`, goes too.
 * @returns `identity` where nothing is left
 */
export function readableCodings(value: string): string {
  const kept = value.split(',').filter((member) => {
    const name = (member.split(';', 1)[0] ?? '').trim().toLowerCase();
    return name === 'identity' || Object.hasOwn(known, name);
  });
  return kept.length === 0 ? 'identity' : kept.join(',').trim();
}

/** `deflate` is zlib's format (RFC 9110 §8.4.1.2), but some send it bare, and browsers take both. */
function anyInflate(first: Buffer): Transform {
  // Its first byte names the method, 8, in its lower half (RFC 1950 §2.2).
  return ((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
}

/** A decoder that is made when there is something to decode: a body without a byte is none that was broken off. */
class Decoder extends Transform {
  #inner: Transform | null = null;
  readonly #create: (first: Buffer) => Transform;

  constructor(create: (first: Buffer) => Transform) {
    super();
    this.#create = create;
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    this.#inner ??= this.#begin(bytes);
    this.#inner.write(bytes, () => {
      done();
    });
  }

  override _read(size: number): void {
    this.#inner?.resume();
    super._read(size);
  }

  override _flush(done: TransformCallback): void {
    if (!this.#inner) {
      done();
      return;
    }
    this.#inner.once('end', () => {
      done();
    });
    this.#inner.end();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  #begin(first: Buffer): Transform {
    const inner = this.#create(first);
    // A few bytes can become very many.
    inner.on('data', (part: Buffer) => {
      if (!this.push(part)) inner.pause();
    });
    inner.on('error', (error) => this.destroy(error));
    return inner;
  }
}
