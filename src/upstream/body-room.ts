/** Bytes of bodies that requests at one tool's gate may hold while they wait, all together. */
const mostHeld = 16 * 1024 * 1024;

/**
 * Room for the bodies of requests that wait for a place at a tool. A client that is not read any more cannot be seen to
 * leave, so a body that there is room for is read to its end; others are held back.
 */
export class BodyRoom {
  #left = mostHeld;

  /** @returns how many bytes were taken: all or, where there is not so much room, none */
  take(bytes: number): number {
    if (bytes > this.#left) return 0;
    this.#left -= bytes;
    return bytes;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}
