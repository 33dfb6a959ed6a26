import type { Directive } from './directives';

/** What became of a directive. */
interface Fate {
  /** What to tell people; null where it is carried over. */
  readonly remark: string | null;
  /** Whether that is all to be said of its block too. */
  readonly whole: boolean;
}

/** Keeps account of every directive, so that none is dropped in silence. */
export class Ledger {
  readonly #fates = new Map<Directive, Fate>();

  carried(...directives: readonly (Directive | undefined)[]): void {
    for (const directive of directives)
      if (directive && !this.#fates.has(directive)) this.#fates.set(directive, { remark: null, whole: false });
  }

  /** What could not be carried over in one place is told of, wherever else it could. */
  remark(directive: Directive, remark: string, whole = false): void {
    if (this.#fates.get(directive)?.remark === undefined || this.#fates.get(directive)?.remark === null)
      this.#fates.set(directive, { remark, whole });
  }

  /** Says more of a directive that something is said of already. @param otherwise what is said first where nothing is */
  add(directive: Directive, more: string, otherwise: string): void {
    const fate = this.#fates.get(directive);
    this.#fates.set(directive, { remark: `${fate?.remark ?? otherwise}; ${more}`, whole: fate?.whole ?? false });
  }

  /** For a block of which nothing else is to be said. */
  closed(directive: Directive): void {
    if (!this.#fates.get(directive)?.remark) this.#fates.set(directive, { remark: null, whole: true });
  }

  fateOf(directive: Directive): Fate | undefined {
    return this.#fates.get(directive);
  }
}
