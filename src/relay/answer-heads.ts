import { withOneLength } from '../upstream/answer-framing';
import { readAnswerHead, type AnswerHead } from './answer-head';

/** Few heads come here, and most of these are refused. */
function readMended(text: string): AnswerHead | null {
  const mended = withOneLength(text);
  return typeof mended !== 'string' || mended === text ? null : readAnswerHead(mended.slice(0, -2));
}

/** Characters of a head that is remembered, one for each tool. */
const longestRemembered = 4 * 1024;

/**
 * Reads the heads of one tool's answers. A tool that is polled says the same head again and again while the second lasts
 * that its Date tells: that one is not gone through anew.
 */
export class AnswerHeads {
  #text = '';
  #head: AnswerHead | null = null;

  /**
   * How long the head is with which a text begins, the empty line at its end included.
   * @param text latin1
   * @param searched how much of it has been searched before
   * @returns -1 where it has not ended
   */
  sizeIn(text: string, searched: number): number {
    const { length } = this.#text;
    if (searched === 0 && length > 0 && text.slice(0, length) === this.#text) return length;
    const blank = text.indexOf('\r\n\r\n', Math.max(0, searched - 3));
    return blank === -1 ? -1 : blank + 4;
  }

  /** @param text a head, with its empty line @returns null for what is refused; see `readAnswerHead` */
  read(text: string): AnswerHead | null {
    if (text === this.#text) return this.#head;
    const head = readAnswerHead(text.slice(0, -2)) ?? readMended(text);
    if (head && text.length <= longestRemembered) {
      this.#text = text;
      this.#head = head;
    }
    return head;
  }
}
