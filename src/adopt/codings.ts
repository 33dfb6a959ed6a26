import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { decoders } from '../upstream/decoders';

/** Node has zstd from 22.15 on. */
const { createZstdCompress } = zlib as typeof zlib & { createZstdCompress?: (options: object) => Transform };

/** What a content coding (RFC 9110 §8.4.1) is undone and done again with. */
export interface Coding {
  decoder(): Transform;
  /** Whatever is written to it comes out at once, for pages that are sent bit by bit. */
  encoder(): Transform;
}

const { constants } = zlib;
/** A page is read once: little is worth more than small. */
const quick = { level: 1, flush: constants.Z_SYNC_FLUSH };

const encoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => zlib.createGzip(quick),
  'x-gzip': () => zlib.createGzip(quick),
  deflate: () => zlib.createDeflate(quick),
  br: () =>
    zlib.createBrotliCompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
    }),
  zstd: createZstdCompress && (() => createZstdCompress({ flush: 1 satisfies ZstdFlush })),
};

/** ZSTD_e_flush, which Node 20's types do not know. */
type ZstdFlush = 1;

/** @param name as it stands in Content-Encoding; '' is none @returns null for one that is not known, and for several */
export function codingOf(name: string): Coding | 'identity' | null {
  const plain = name.trim().toLowerCase();
  if (plain === '' || plain === 'identity') return 'identity';
  const decoder = Object.hasOwn(decoders, plain) ? decoders[plain] : undefined;
  const encoder = Object.hasOwn(encoders, plain) ? encoders[plain] : undefined;
  return decoder && encoder ? { decoder, encoder } : null;
}

/**
 * Accept-Encoding less the codings that could not be undone; what says nothing of a coding, such as `*`, goes too.
 * @returns `identity` where nothing is left
 */
export function readableCodings(value: string): string {
  const kept = value.split(',').filter((member) => {
    const name = (member.split(';', 1)[0] ?? '').trim().toLowerCase();
    return name === 'identity' || Object.hasOwn(decoders, name);
  });
  return kept.length === 0 ? 'identity' : kept.join(',').trim();
}
