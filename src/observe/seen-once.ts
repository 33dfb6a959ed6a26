/** Things that are told once each, and no more of them than are remembered: their names come from clients. */
export class SeenOnce {
  readonly #seen = new Set<string>();

  constructor(private readonly most: number) {}

  /** Whether it is to be told now. */
  isNew(name: string): boolean {
    if (this.#seen.size >= this.most || this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }
}
