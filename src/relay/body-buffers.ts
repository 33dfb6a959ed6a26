/**
 * What one read of a tool's connection brings at most. The kernel has as much as that ready of whatever is larger, and
 * every piece more costs two system calls and wakes the client up.
 */
export const bufferSize = 256 * 1024;

/** Bytes that may wait in a socket to be written before no more are read for it. */
export const mostUnwritten = 128 * 1024;

/** A piece of a body up to so many bytes is written as one string with what stands before it. */
export const smallPiece = 16 * 1024;

/** Copies that wait for their next use, by their size; more of them are left to the garbage collector. */
const free = [
  { size: 64 * 1024, most: 64, buffers: [] as Buffer[] },
  { size: bufferSize, most: 16, buffers: [] as Buffer[] },
] as const;

type Shelf = (typeof free)[number];

const shelfFor = (length: number): Shelf => (length <= free[0].size ? free[0] : free[1]);

/**
 * Copies a piece of a body that has to outlive the read that brought it. A fresh buffer of this size is memory that the
 * kernel has to find and to clear for every piece; these are used again.
 * @param end at most `bufferSize` behind `start`
 */
export function copyOfBody(bytes: Buffer, start: number, end: number): Buffer {
  const { size, buffers } = shelfFor(end - start);
  const buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(size);
  bytes.copy(buffer, 0, start, end);
  return buffer.subarray(0, end - start);
}

/** Takes a copy back when it has been written and nobody looks at it any more. */
export function giveBack(copy: Buffer): void {
  const { most, size, buffers } = shelfFor(copy.length);
  if (buffers.length < most) buffers.push(Buffer.from(copy.buffer, 0, size));
}
