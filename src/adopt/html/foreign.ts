import { breakout, integrationPoints } from './names';

/** Elements of SVG and MathML that are kept account of; deeper ones are taken for what stands around them. */
const deepest = 512;

/**
 * Whether a page is within SVG or MathML, where the tokenizer works otherwise: elements have no raw text, and there are
 * CDATA sections (HTML §13.2.6.5). Told by the tags alone, as the tree builder would for pages that close what they open.
 */
export class ForeignContent {
  /** Open roots and integration points, by name; every other one of an integration point is HTML again. */
  #open: string[] = [];

  get isInside(): boolean {
    const last = this.#open.at(-1);
    return last !== undefined && !isHtmlInside(last);
  }

  /** @param name of a start tag; '' for one that means nothing here */
  opened(name: string, selfClosing: boolean, hasFontAttributes: boolean): void {
    if (this.#open.length === 0 && name !== 'svg' && name !== 'math') return;
    if (this.isInside) {
      if (breakout.has(name) || (name === 'font' && hasFontAttributes)) {
        while (this.isInside) this.#open.pop();
        return;
      }
      if (integrationPoints.has(name) && !selfClosing) this.#push(name);
    }
    if ((name === 'svg' || name === 'math') && !selfClosing) this.#push(name);
  }

  closed(name: string): void {
    if (this.#open.length === 0) return;
    if (this.isInside && (name === 'p' || name === 'br')) {
      while (this.isInside) this.#open.pop();
      return;
    }
    const at = this.#open.lastIndexOf(name);
    if (at !== -1) this.#open.length = at;
  }

  #push(name: string): void {
    if (this.#open.length < deepest) this.#open.push(name);
  }
}

function isHtmlInside(name: string): boolean {
  return name !== 'svg' && name !== 'math';
}
