/** What one read brings at most; also the size of a buffer. */
export const bufferSize = 64 * 1024;

/**
 * Bytes that may wait in a socket to be written before no more are read for it. Node's own mark is lower than one read
 * brings, so that reading would stop and start again with every piece.
 */
export const mostUnwritten = 256 * 1024;

/** A piece of a body up to so many bytes is written as one string with what stands before it. */
export const smallPiece = 16 * 1024;

/** Buffers that wait for their next use; more of them are left to the garbage collector. */
const mostFree = 64;

const free: Buffer[] = [];

/**
 * Copies a piece of a body that has to outlive the read that brought it. A fresh buffer of this size is memory that the
 * kernel has to find and to clear for every piece; these are used again.
 * @param end at most `bufferSize` behind `start`
 */
export function copyOfBody(bytes: Buffer, start: number, end: number): Buffer {
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(bufferSize);
  bytes.copy(buffer, 0, start, end);
  return buffer.subarray(0, end - start);
}

/** Takes a copy back when it has been written and nobody looks at it any more. */
export function giveBack(copy: Buffer): void {
  if (free.length < mostFree) free.push(Buffer.from(copy.buffer, 0, bufferSize));
}
