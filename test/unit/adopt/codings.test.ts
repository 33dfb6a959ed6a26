import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { codingOf, readableCodings, type Coding } from '../../../src/adopt/codings';

const page = Buffer.from('<a href="/x">é</a>'.repeat(5_000));
const coding = (name: string) => codingOf(name) as Coding;
const through = (bytes: Buffer, ...stages: Transform[]) =>
  buffer(stages.reduce<Readable>((before, stage) => before.pipe(stage), Readable.from([bytes])));

test.each([
  ['gzip', zlib.gzipSync(page)],
  ['x-gzip', zlib.gzipSync(page)],
  ['GZIP', zlib.gzipSync(page)],
  ['deflate', zlib.deflateSync(page)],
  ['deflate', zlib.deflateRawSync(page)],
  ['br', zlib.brotliCompressSync(page)],
  ...('zstdCompressSync' in zlib
    ? [['zstd', (zlib as unknown as { zstdCompressSync(bytes: Buffer): Buffer }).zstdCompressSync(page)] as const]
    : []),
] as [string, Buffer][])('%s is undone, and done again', async (name, coded) => {
  const one = coding(name);
  expect(page.equals(await through(coded, one.decoder()))).toBe(true);
  expect(page.equals(await through(coded, one.decoder(), one.encoder(), one.decoder()))).toBe(true);
});

test.each(['gzip', 'deflate', 'br'])('what is not %s is an error', async (name) => {
  const stream = coding(name).decoder();
  stream.end(Buffer.from('no such thing at all, at all'));
  await expect(buffer(stream)).rejects.toThrow();
});

test.each(['gzip', 'deflate', 'br'])('nothing in %s is nothing', async (name) => {
  const stream = coding(name).decoder();
  stream.end();
  expect(await buffer(stream)).toEqual(Buffer.alloc(0));
});

test.each(['gzip', 'deflate', 'br'])('what is written in %s comes out at once', async (name) => {
  const encoder = coding(name).encoder();
  const decoder = coding(name).decoder();
  encoder.pipe(decoder);
  const first = new Promise((resolve) => decoder.once('data', resolve));
  encoder.write('<p>first');
  expect(String(await first)).toBe('<p>first');
  encoder.destroy();
  decoder.destroy();
});

test.each([
  ['', 'identity'],
  ['identity', 'identity'],
  ['compress', null],
  ['gzip, br', null],
  ['__proto__', null],
])('the coding %j', (name, expected) => expect(codingOf(name)).toBe(expected));

test.each([
  ['gzip, deflate, br', 'gzip, deflate, br'],
  ['gzip;q=1.0, compress, *;q=0', 'gzip;q=1.0'],
  ['dcb, dcz', 'identity'],
  ['', 'identity'],
])('of %j the tool is told %j', (said, told) => expect(readableCodings(said)).toBe(told));

test.each([
  ['gzip', zlib.gzipSync],
  ['br', zlib.brotliCompressSync],
] as const)('few bytes of %s that become many wait for whoever reads', async (name, code) => {
  const size = 16 * 1024 * 1024;
  const bomb = code(Buffer.alloc(size));
  const decoder = coding(name).decoder();
  decoder.end(bomb);
  await new Promise((resolve) => decoder.once('readable', resolve));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(decoder.readableLength).toBeLessThan(1024 * 1024);
  let read = 0;
  for await (const part of decoder) read += (part as Buffer).length;
  expect(read).toBe(size);
});
