import { Transform, type TransformCallback } from 'node:stream';
import { ProxyError } from '../upstream/proxy-error';
import type { BodyRewriter } from './body-rewriter';

/**
 * A rewriter as a stage of a body's way. A page in UTF-16 that only its first bytes tell of passes as it is. What a
 * rewriter throws costs this one body, which then is broken off.
 */
export class RewritingStream extends Transform {
  #rewriter: BodyRewriter | null;
  #first: Buffer | null = Buffer.alloc(0);

  constructor(rewriter: BodyRewriter) {
    super();
    this.#rewriter = rewriter;
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    done(caught(() => this.#take(bytes)));
  }

  override _flush(done: TransformCallback): void {
    done(caught(() => this.#finish()));
  }

  #take(bytes: Buffer): void {
    let given = bytes;
    if (this.#first) {
      given = this.#first.length === 0 ? bytes : Buffer.concat([this.#first, bytes]);
      if (given.length < 2) {
        this.#first = given;
        return;
      }
      this.#first = null;
      if (isUtf16(given)) this.#rewriter = null;
    }
    this.#say(this.#rewriter ? this.#rewriter.push(given) : given);
  }

  #finish(): void {
    if (!this.#rewriter) return;
    if (this.#first && this.#first.length > 0) this.#say(this.#rewriter.push(this.#first));
    this.#say(this.#rewriter.end());
  }

  #say(bytes: Buffer): void {
    if (bytes.length > 0) this.push(bytes);
  }
}

/** A rewriter's fault is the gateway's own. */
function caught(step: () => void): Error | null {
  try {
    step();
    return null;
  } catch (error) {
    return new ProxyError('INTERNAL', null, error);
  }
}

/** By the byte order mark (WHATWG Encoding §6, "BOM sniff"). */
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.readUInt16BE(0);
  return mark === 0xfeff || mark === 0xfffe;
}
