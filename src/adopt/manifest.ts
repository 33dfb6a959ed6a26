import { HeldBytes } from '../held-bytes';
import type { BodyRewriter } from './body-rewriter';
import { fixedManifest } from './json-urls';
import type { BodyUrls } from './urls';

/** Bytes of a manifest; what is longer is none, and passes as it is. */
const longest = 1024 * 1024;

const nothing = Buffer.alloc(0);

/** A web app manifest, which is read as a whole. */
export class ManifestRewriter implements BodyRewriter {
  readonly #held = new HeldBytes();
  #isTooLong = false;

  constructor(private readonly urls: BodyUrls) {}

  push(bytes: Buffer): Buffer {
    if (this.#isTooLong) return bytes;
    const all = this.#held.with(bytes);
    this.#isTooLong = all.length > longest;
    this.#held.keep(all, this.#isTooLong ? all.length : 0);
    return this.#isTooLong ? all : nothing;
  }

  end(): Buffer {
    const all = this.#held.take();
    const text = all.toString('latin1');
    const fixed = fixedManifest(text, (url) => this.urls.fixed(url));
    return fixed === text ? all : Buffer.from(fixed, 'latin1');
  }
}
