import type { BodyRewriter } from './body-rewriter';
import { fixedManifest } from './json-urls';
import type { BodyUrls } from './urls';

/** Bytes of a manifest; what is longer is none, and passes as it is. */
const longest = 1024 * 1024;

/** A web app manifest, which is read as a whole. */
export class ManifestRewriter implements BodyRewriter {
  #parts: Buffer[] | null = [];
  #size = 0;

  constructor(private readonly urls: BodyUrls) {}

  push(bytes: Buffer): Buffer {
    if (!this.#parts) return bytes;
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size <= longest) return Buffer.alloc(0);
    const all = Buffer.concat(this.#parts);
    this.#parts = null;
    return all;
  }

  end(): Buffer {
    const all = Buffer.concat(this.#parts ?? []);
    const text = all.toString('latin1');
    const fixed = fixedManifest(text, (url) => this.urls.fixed(url));
    return fixed === text ? all : Buffer.from(fixed, 'latin1');
  }
}
