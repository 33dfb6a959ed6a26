/** Rewrites a body as it comes in, in pieces that may end anywhere. Bytes that stay as they are, stay byte for byte. */
export interface BodyRewriter {
  /** @returns what can be sent now; some may be held back, never more than a bound */
  push(bytes: Buffer): Buffer;
  /** @returns what was held back */
  end(): Buffer;
}
