/** The tunnels that are open, so that all can be asked to end. */
export class OpenTunnels {
  readonly #open = new Set<() => void>();
  #leaving = false;

  get size(): number {
    return this.#open.size;
  }

  /**
   * @param goAway ends the tunnel; called once, and at once where the others have been ended already
   * @returns what to call when it has ended
   */
  add(goAway: () => void): () => void {
    this.#open.add(goAway);
    if (this.#leaving) goAway();
    return () => void this.#open.delete(goAway);
  }

  /** Ends all, and those that come; once. */
  goAway(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    for (const goAway of this.#open) goAway();
  }
}
