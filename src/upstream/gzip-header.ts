const invalid = (): Error => new Error('incorrect gzip header');

/**
 * Reads the header of a gzip member (RFC 1952 §2.3), a byte at a time, and is done behind its last one.
 * @throws for what is no such header
 */
export function* gzipHeader(): Generator<undefined, undefined, number> {
  if ((yield) !== 0x1f) throw invalid();
  if ((yield) !== 0x8b) throw invalid();
  if ((yield) !== 8) throw invalid();
  const flags: number = yield;
  // The time, what was best or fastest, the system.
  for (let i = 0; i < 6; i++) yield;
  if (flags & 0x04) {
    const low: number = yield;
    const high: number = yield;
    for (let left = low + high * 256; left > 0; left--) yield;
  }
  // A name and a comment, each up to a zero.
  for (const flag of [0x08, 0x10]) if (flags & flag) while ((yield) !== 0);
  if (flags & 0x02) {
    yield;
    yield;
  }
  return undefined;
}
