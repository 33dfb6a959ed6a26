import type { Mount } from './mount';
import { decodeUnreserved, pathEnd } from './path';

export interface Match {
  readonly mount: Mount;
  /** How many characters of the target are the mount's prefix, as the client wrote it. */
  readonly matched: number;
}

/**
 * Finds the mount of a target: the longest prefix on whole segments wins. A look-up costs one hash a segment of the
 * deepest mount, however many mounts there are.
 */
export class MountTable {
  readonly #byPath = new Map<string, Mount>();
  readonly #depth: number;
  readonly #root: Mount | null;
  /** Those whose tools do not know their prefix. */
  readonly adopting: readonly Mount[];

  constructor(readonly mounts: readonly Mount[]) {
    for (const mount of mounts) this.#byPath.set(mount.base, mount);
    this.adopting = mounts.filter(({ adopts }) => adopts);
    this.#root = this.#byPath.get('') ?? null;
    this.#depth = Math.max(0, ...mounts.map((mount) => mount.base.split('/').length - 1));
  }

  /** @param target origin-form: begins with `/` */
  match(target: string): Match | null {
    const end = pathEnd(target);
    const cuts: number[] = [];
    for (let cut = 0; cut < end && cuts.length < this.#depth;) {
      const slash = target.indexOf('/', cut + 1);
      cut = slash === -1 || slash > end ? end : slash;
      cuts.push(cut);
    }
    for (let i = cuts.length - 1; i >= 0; i--) {
      const cut = cuts[i] ?? 0;
      const prefix = target.slice(0, cut);
      const mount = this.#byPath.get(prefix.includes('%') ? decodeUnreserved(prefix) : prefix);
      if (mount && mount.base !== '') return { mount, matched: cut };
    }
    return this.#root && { mount: this.#root, matched: 0 };
  }
}
