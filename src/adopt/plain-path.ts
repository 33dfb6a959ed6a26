const slash = 0x2f;
const dot = 0x2e;

/** Bytes that mean themselves in a path, whatever language stands around it. */
const plain = new Uint8Array(128);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~.,:;=+@!$*/%')
  plain[character.charCodeAt(0)] = 1;

/** What is to be done with a URL, as its bytes stand there. */
export type UrlShape =
  /** It is right under any prefix. */
  | 'relative'
  /** A root-absolute path that begins as it goes on: the prefix has just to be put before it. */
  | 'root'
  /** It has to be read. */
  | 'other';

/**
 * Tells most URLs of a page apart without making a string of them.
 * @param bytes where a URL stands from `start` up to `end`, escapes of the language around it included
 * @param prefix the mount's path: one that is under it already is `other`
 */
export function urlShape(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): UrlShape {
  if (start >= end) return 'relative';
  const first = bytes[start] ?? 0;
  if (first === slash) return rootShape(bytes, start, end, prefix);
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    // A query or a fragment: what follows is no path.
    if (byte === 0x3f || byte === 0x23) return 'relative';
    if (byte === 0x3a) return isWeb(bytes, start, i) ? 'other' : 'relative';
    if (byte >= 0x80) continue;
    if (plain[byte] === 0) return 'other';
    if (byte === dot && bytes[i + 1] === dot) return 'other';
    if (byte === 0x25) return 'other';
  }
  return 'relative';
}

function rootShape(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): UrlShape {
  let before = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x3f || byte === 0x23) break;
    if (before === slash && (byte === slash || byte === dot)) return 'other';
    if (byte < 0x80 && plain[byte] === 0) return 'other';
    // An encoded dot is one.
    if (byte === 0x25 && bytes[i + 1] === 0x32 && ((bytes[i + 2] ?? 0) | 0x20) === 0x65) return 'other';
    before = byte;
  }
  return begins(bytes, start, end, prefix) ? 'other' : 'root';
}

function begins(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  return true;
}

/** Whether what stands before a colon is a scheme in which the tool can be meant: http or https. */
function isWeb(bytes: Uint8Array, start: number, colon: number): boolean {
  const length = colon - start;
  if (length !== 4 && length !== 5) return false;
  return 'https'.startsWith(Buffer.from(bytes.subarray(start, colon)).toString('latin1').toLowerCase());
}
