/**
 * Bytes as text, a character each. Of Node's two names for it, the one that `toString('latin1')` calls after it has made
 * out what `latin1` means, which takes as long as a short head itself.
 */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Latin1Buffer).latin1Slice(start, end);
}

interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}
