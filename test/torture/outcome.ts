/** What came of one kind of torture. */
export interface Outcome {
  readonly name: string;
  /** Requests and websockets, or whatever was tried. */
  readonly tried: number;
  readonly survived: number;
  /** What failed, a sentence each; the first few. */
  readonly lost: readonly string[];
  readonly lostCount: number;
  /** Connections, descriptors or processes that were left behind. */
  readonly leaked: number;
  /** Under which load it was, as it was measured. */
  readonly notes: readonly string[];
}

/** Counts what is tried and what becomes of it. */
export class Tally {
  tried = 0;
  survived = 0;
  lostCount = 0;
  readonly lost: string[] = [];

  outcome(name: string, leaked: number, notes: readonly string[]): Outcome {
    const { tried, survived, lost, lostCount } = this;
    return { name, tried, survived, lost, lostCount, leaked, notes };
  }

  lose(what: string): void {
    this.lostCount++;
    if (this.lost.length < 10) this.lost.push(what);
  }
}
