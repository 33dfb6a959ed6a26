/** The content type of a TLS record that carries a handshake (RFC 8446 §5.1). */
export const handshakeRecord = 0x16;

const recordHeader = 5;
const clientHello = 1;
const alpnExtension = 16;

/** What a record may hold, in bytes (RFC 8446 §5.1). */
const longestRecord = 2 ** 14;

/**
 * The body of the first record of a connection; null while some of it is missing.
 * @returns an empty one for what claims to be longer than a record can be
 */
export function firstRecord(bytes: Buffer): Buffer | null {
  if (bytes.length < recordHeader) return null;
  const length = bytes.readUInt16BE(3);
  if (length > longestRecord) return Buffer.alloc(0);
  const end = recordHeader + length;
  return bytes.length < end ? null : bytes.subarray(recordHeader, end);
}

/**
 * The protocols that a TLS client offers (ALPN, RFC 7301 §3.1).
 * @param record the body of the record that begins the connection
 * @returns [] when it offers none, and when the record is not a whole ClientHello
 */
export function offeredProtocols(record: Buffer): string[] {
  try {
    const hello = new Reader(record);
    if (hello.number(1) !== clientHello) return [];
    const body = hello.vector(3);
    body.skip(2 + 32); // legacy_version, random
    body.vector(1); // legacy_session_id
    body.vector(2); // cipher_suites
    body.vector(1); // legacy_compression_methods
    const extensions = body.vector(2);
    while (!extensions.ended) {
      const type = extensions.number(2);
      const extension = extensions.vector(2);
      if (type !== alpnExtension) continue;
      const list = extension.vector(2);
      const names: string[] = [];
      while (!list.ended) names.push(list.vector(1).text());
      return names;
    }
    return [];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Reads from front to back; throws RangeError at the end. */
class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.#at === this.bytes.length;
  }

  skip(length: number): void {
    this.#take(length);
  }

  number(length: 1 | 2 | 3): number {
    return this.#take(length).readUIntBE(0, length);
  }

  /** A part with its length before it. @param prefix bytes that the length has */
  vector(prefix: 1 | 2 | 3): Reader {
    return new Reader(this.#take(this.number(prefix)));
  }

  text(): string {
    return this.bytes.toString('latin1');
  }

  #take(length: number): Buffer {
    const part = this.bytes.subarray(this.#at, this.#at + length);
    if (part.length < length) throw new RangeError('ends too early');
    this.#at += length;
    return part;
  }
}
