import { breakout, integrationPoints } from './names';

/** Elements of SVG and MathML that are kept account of; deeper ones are taken for what stands around them. */
const deepest = 512;

type Root = keyof typeof integrationPoints;

interface Open {
  readonly name: string;
  /** Whose elements stand within it; null for HTML. */
  readonly within: Root | null;
}

/**
 * Whether a page is within SVG or MathML, where the tokenizer works otherwise: elements have no raw text, and there are
 * CDATA sections (HTML §13.2.6.5). Told by the tags alone, as the tree builder would for pages that close what they open.
 */
export class ForeignContent {
  /** What is open of these: roots, what has a root's name within one, and integration points. */
  readonly #open: Open[] = [];
  /** How many of them have a name, so that none is looked for in vain. */
  readonly #named = new Map<string, number>();

  get isInside(): boolean {
    return this.#root !== null;
  }

  get #root(): Root | null {
    return this.#open.at(-1)?.within ?? null;
  }

  /**
   * @param name of a start tag; '' for one that means nothing here
   * @returns whether the element is itself one of SVG or MathML
   */
  opened(name: string, selfClosing: boolean, hasFontAttributes: boolean): boolean {
    const root = this.#root;
    const hasRootName = name === 'svg' || name === 'math';
    if (root === null) {
      if (hasRootName && !selfClosing) this.#push(name, name);
      return hasRootName;
    }
    if (breakout.has(name) || (name === 'font' && hasFontAttributes)) {
      this.#leave();
      return false;
    }
    if (selfClosing) return true;
    if (hasRootName) this.#push(name, root);
    else if (integrationPoints[root].has(name)) this.#push(name, null);
    return true;
  }

  closed(name: string): void {
    if (this.isInside && (name === 'p' || name === 'br')) this.#leave();
    else if (this.#named.get(name)) {
      while (this.#pop() !== name);
    }
  }

  #leave(): void {
    while (this.isInside) this.#pop();
  }

  #push(name: string, within: Root | null): void {
    if (this.#open.length >= deepest) return;
    this.#open.push({ name, within });
    this.#named.set(name, (this.#named.get(name) ?? 0) + 1);
  }

  #pop(): string {
    const { name = '' } = this.#open.pop() ?? {};
    this.#named.set(name, (this.#named.get(name) ?? 0) - 1);
    return name;
  }
}
