import { isSpace } from './tag-scanner';

/** How far a script's text has been read (HTML §13.2.5.15 to 31). */
type ScriptState = 'plain' | 'escaped' | 'double';

/** Reads text up to the end tag of its element. */
export class RawText {
  #state: ScriptState = 'plain';
  #dashes = 0;
  readonly #isScript: boolean;
  readonly #endTag: Buffer;

  /** @param name of the element, in lower case */
  constructor(readonly name: string) {
    this.#isScript = name === 'script';
    this.#endTag = Buffer.from(`</${name}`);
  }

  /**
   * @param isLast whether nothing comes any more
   * @returns where the text ends as far as is known, and whether its end tag stands there
   */
  read(bytes: Buffer, from: number, isLast: boolean): { readonly end: number; readonly closed: boolean } {
    const { length } = bytes;
    for (let i = from; i < length; i++) {
      if (this.#state === 'plain') {
        const found = bytes.indexOf(0x3c, i);
        if (found === -1) return { end: length, closed: false };
        i = found;
      }
      const byte = bytes[i];
      if (this.#state !== 'plain') {
        if (byte === 0x2d) {
          this.#dashes++;
          continue;
        }
        const dashes = this.#dashes;
        this.#dashes = 0;
        if (byte === 0x3e && dashes >= 2) this.#state = 'plain';
        if (byte !== 0x3c) continue;
      }
      // What follows decides, and may not be there yet.
      if (!isLast && length - i <= this.#endTag.length) {
        return { end: i, closed: false };
      }
      if (this.#isEndTag(bytes, i)) {
        if (this.#state !== 'double') return { end: i, closed: true };
        this.#state = 'escaped';
      } else if (this.#isScript) this.#escape(bytes, i);
    }
    return { end: length, closed: false };
  }

  #escape(bytes: Buffer, at: number): void {
    if (this.#state === 'plain') {
      if (matches(bytes, at, comment)) {
        this.#state = 'escaped';
        // Its own dashes count: they are read again.
        this.#dashes = 0;
      }
    } else if (this.#state === 'escaped' && matches(bytes, at, script) && isDelimiter(bytes[at + script.length]))
      this.#state = 'double';
  }

  #isEndTag(bytes: Buffer, at: number): boolean {
    return matches(bytes, at, this.#endTag) && isDelimiter(bytes[at + this.#endTag.length]);
  }
}

const comment = Buffer.from('<!--');
const script = Buffer.from('<script');

function matches(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== wanted[i]) return false;
  }
  return true;
}

function isDelimiter(byte: number | undefined): boolean {
  return byte !== undefined && (isSpace(byte) || byte === 0x2f || byte === 0x3e);
}
