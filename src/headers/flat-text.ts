/**
 * The same text in memory of its own: V8 lets a part of a string keep the whole of it, and one that was put together its
 * pieces.
 * @param text latin1
 */
export function flatText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
