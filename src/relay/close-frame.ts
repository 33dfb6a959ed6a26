const finalClose = 0x88;
const masked = 0x80;
const lengthBits = 0x7f;

/** A server's close frame with status 1001, "going away" (RFC 6455 §7.4.1), and no reason. */
export const goingAway: Buffer = Buffer.from([finalClose, 2, 1001 >> 8, 1001 & 0xff]);

/**
 * Whether these bytes are a websocket's close frame and nothing else (RFC 6455 §5.5.1): how both sides send it, alone
 * and last. The frames before it are not read, so it is a guess, and good enough to count by.
 */
export function isCloseFrame(bytes: Buffer): boolean {
  const [first, second = 0] = bytes;
  return first === finalClose && bytes.length === 2 + (second & masked ? 4 : 0) + (second & lengthBits);
}
