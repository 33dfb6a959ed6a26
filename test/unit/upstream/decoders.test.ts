import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { decoders } from '../../../src/upstream/decoders';

const page = Buffer.from('<a href="/x">é</a>'.repeat(2_000));
const gzip = zlib.gzipSync(page);

/** A member with all that its header may hold (RFC 1952 §2.3.1). */
function gzipWithFields(): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 3]);
  const extra = Buffer.from([5, 0, 1, 0, 2, 0, 3]);
  return Buffer.concat([header, extra, Buffer.from('page.html\0a comment\0'), Buffer.from([9, 9]), gzip.subarray(10)]);
}

function decode(name: string, coded: Buffer, size: number): Promise<Buffer> {
  const decoder = decoders[name]!();
  for (let at = 0; at < coded.length; at += size) decoder.write(coded.subarray(at, at + size));
  decoder.end();
  return buffer(decoder);
}

const zeros = Buffer.alloc(600);
const coded: [string, string, Buffer][] = [
  ['gzip', 'alone', gzip],
  ['gzip', 'with all fields of a header', gzipWithFields()],
  ['gzip', 'and zeros', Buffer.concat([gzip, zeros])],
  ['gzip', 'and a byte', Buffer.concat([gzip, Buffer.from('x')])],
  ['gzip', 'and half the beginning of another', Buffer.concat([gzip, Buffer.from([0x1f])])],
  ['gzip', 'and what begins like another', Buffer.concat([gzip, Buffer.from([0x1f, 0x00, 0x1f, 0x8b])])],
  ['gzip', 'and a page', Buffer.concat([gzip, page])],
  ['gzip', 'and an empty one', Buffer.concat([gzip, zlib.gzipSync('')])],
  ['gzip', 'behind an empty one', Buffer.concat([zlib.gzipSync(''), gzip])],
  ['deflate', 'and a byte', Buffer.concat([zlib.deflateSync(page), Buffer.from('x')])],
  ['deflate', 'and zeros', Buffer.concat([zlib.deflateSync(page), zeros])],
  ['deflate', 'bare, and a byte', Buffer.concat([zlib.deflateRawSync(page), Buffer.from('x')])],
  ['br', 'and a byte', Buffer.concat([zlib.brotliCompressSync(page), Buffer.from('x')])],
  ['br', 'and zeros', Buffer.concat([zlib.brotliCompressSync(page), zeros])],
];

// What stands behind the coded data is left out, as Chromium does; nginx's gunzip fails there, and a tool that works in a
// browser would not any more.
test.each(coded)('%s %s is the page, in pieces of any size', async (name, _, bytes) => {
  for (const size of [1, 7, bytes.length]) expect((await decode(name, bytes, size)).equals(page)).toBe(true);
});

// RFC 1952 §2.2, and nginx's gunzip.
test('members that follow each other are one body', async () => {
  const two = Buffer.concat([gzip, zlib.gzipSync('<p>second'), zeros, gzip]);
  for (const size of [1, 7, two.length])
    expect((await decode('gzip', two, size)).equals(Buffer.concat([page, Buffer.from('<p>second')]))).toBe(true);
});

const wrongSum = Buffer.from(gzip);
wrongSum[gzip.length - 8]! ^= 1;
const wrongSize = Buffer.from(gzip);
wrongSize[gzip.length - 1]! ^= 1;

test.each<[string, string, Buffer]>([
  ['gzip', 'that is cut', gzip.subarray(0, -30)],
  ['gzip', 'without its checksum', gzip.subarray(0, -8)],
  ['gzip', 'that is cut in its checksum', gzip.subarray(0, -1)],
  ['gzip', 'that is cut in its header', gzip.subarray(0, 5)],
  ['gzip', 'that is cut in its second member', Buffer.concat([gzip, gzip.subarray(0, 40)])],
  ['gzip', 'of another checksum', wrongSum],
  ['gzip', 'of another length', wrongSize],
  ['gzip', 'of an unknown method', Buffer.concat([Buffer.from([0x1f, 0x8b, 7]), gzip.subarray(3)])],
  ['deflate', 'that is cut', zlib.deflateSync(page).subarray(0, -9)],
  ['deflate', 'bare, that is cut', zlib.deflateRawSync(page).subarray(0, -9)],
  ['br', 'that is cut', zlib.brotliCompressSync(page).subarray(0, -5)],
])('%s %s is an error', async (name, _, bytes) => {
  for (const size of [1, bytes.length]) await expect(decode(name, bytes, size)).rejects.toThrow();
});
