/** An attribute's place in the bytes that a tag stands in. */
export interface AttributePlace {
  /** Lower case, as far as it is one of `wanted`. */
  readonly name: string;
  /** Within the quotes. */
  readonly start: number;
  readonly end: number;
  /** The byte of its quotes; 0 for none. */
  readonly quote: number;
}

/** Names that are looked for, by a hash of their letters. */
export class NameTable {
  readonly #byHash = new Map<number, string>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      let hash = 0;
      for (let i = 0; i < name.length; i++) hash = nextHash(hash, name.charCodeAt(i));
      if (this.#byHash.has(hash)) throw new Error(`${name} has the hash of ${this.#byHash.get(hash) ?? ''}`);
      this.#byHash.set(hash, name);
    }
  }

  /** @returns '' for a name that is not looked for */
  find(hash: number, bytes: Buffer, start: number, end: number): string {
    const name = this.#byHash.get(hash);
    if (name === undefined || name.length !== end - start) return '';
    for (let i = 0; i < name.length; i++) if (lower(bytes[start + i] ?? 0) !== name.charCodeAt(i)) return '';
    return name;
  }
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function nextHash(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + lower(byte)) | 0;
}

/** Where the scanner stands, by the states of the WHATWG tokenizer (HTML §13.2.5.8, §13.2.5.32 to 40). */
const enum At {
  TagName,
  BeforeName,
  Name,
  AfterName,
  BeforeValue,
  DoubleQuoted,
  SingleQuoted,
  Unquoted,
}

const tab = 0x09;
const newline = 0x0a;
const formFeed = 0x0c;
const carriageReturn = 0x0d;
const space = 0x20;
const slash = 0x2f;
const equals = 0x3d;
const greater = 0x3e;

export function isSpace(byte: number): boolean {
  return byte === space || byte === newline || byte === tab || byte === carriageReturn || byte === formFeed;
}

/** Most values are short, and some are pictures. @returns the length of the bytes where it has not come yet */
function indexOfQuote(bytes: Buffer, quote: number, from: number): number {
  const near = Math.min(bytes.length, from + 64);
  for (let i = from; i < near; i++) if (bytes[i] === quote) return i;
  if (near === bytes.length) return near;
  const found = bytes.indexOf(quote, near);
  return found === -1 ? bytes.length : found;
}

/** Attributes of one tag that are kept; whoever writes more wants to fill the memory. */
const mostAttributes = 2_000;

/**
 * Reads a tag, start or end, as far as its bytes are there, and goes on when there are more. Positions are from the
 * beginning of the bytes that it is given, in which the tag must always begin at the same place.
 */
export class TagScanner {
  #at = At.TagName;
  #hash = 0;
  #start = 0;
  #position = 0;
  #attribute = '';
  #selfClosing = false;
  /** '' for one that is not looked for. */
  name = '';
  attributes: AttributePlace[] = [];

  constructor(
    private readonly tags: NameTable,
    private readonly wanted: NameTable,
  ) {}

  /** @param position of the name's first letter */
  begin(position: number): void {
    this.#at = At.TagName;
    this.#hash = 0;
    this.#start = position;
    this.#position = position;
    this.#attribute = '';
    this.#selfClosing = false;
    this.name = '';
    if (this.attributes.length > 0) this.attributes = [];
  }

  /** Whether it ended in `/>`. */
  get selfClosing(): boolean {
    return this.#selfClosing;
  }

  /** The bytes begin later by so many from here on. */
  shift(by: number): void {
    if (by === 0) return;
    this.#position -= by;
    this.#start -= by;
    this.attributes = this.attributes.map((place) => ({ ...place, start: place.start - by, end: place.end - by }));
  }

  /** What has been read so far will not be there the next time: an attribute under way is given up. */
  forget(): void {
    this.#position = 0;
    this.#start = 0;
    this.#attribute = '';
    this.attributes = [];
  }

  /** @returns the position behind the tag's `>`; -1 where that has not come yet */
  scan(bytes: Buffer): number {
    const end = bytes.length;
    let i = this.#position;
    let at = this.#at;
    let hash = this.#hash;
    scanning: for (; i < end; i++) {
      const byte = bytes[i] ?? 0;
      switch (at) {
        case At.DoubleQuoted:
        case At.SingleQuoted: {
          const quote = at === At.DoubleQuoted ? 0x22 : 0x27;
          i = indexOfQuote(bytes, quote, i);
          if (i === end) break scanning;
          this.#keep(i, quote);
          at = At.BeforeName;
          break;
        }
        case At.TagName:
        case At.Name:
          if (byte > slash && byte !== greater && byte !== equals) {
            hash = (Math.imul(hash, 31) + (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)) | 0;
            break;
          }
          if (
            byte === slash ||
            byte === greater ||
            isSpace(byte) ||
            (byte === equals && at === At.Name && i > this.#start)
          ) {
            if (at === At.TagName) this.name = this.tags.find(hash, bytes, this.#start, i);
            else this.#attribute = this.wanted.find(hash, bytes, this.#start, i);
            if (byte === greater) return this.#end(i, false);
            if (byte === equals) at = At.BeforeValue;
            else if (byte === slash) at = At.BeforeName;
            else at = at === At.TagName ? At.BeforeName : At.AfterName;
            this.#selfClosing = byte === slash;
            break;
          }
          hash = nextHash(hash, byte);
          break;
        case At.AfterName:
        case At.BeforeName:
          if (byte === greater) return this.#end(i, this.#selfClosing);
          if (isSpace(byte)) {
            this.#selfClosing = false;
          } else if (byte === slash) {
            this.#selfClosing = true;
            at = At.BeforeName;
          } else if (byte === equals && at === At.AfterName) {
            at = At.BeforeValue;
          } else {
            this.#selfClosing = false;
            at = At.Name;
            this.#start = i;
            hash = nextHash(0, byte);
          }
          break;
        case At.BeforeValue:
          if (isSpace(byte)) break;
          if (byte === greater) return this.#end(i, false);
          this.#start = byte === 0x22 || byte === 0x27 ? i + 1 : i;
          at = byte === 0x22 ? At.DoubleQuoted : byte === 0x27 ? At.SingleQuoted : At.Unquoted;
          break;
        case At.Unquoted:
          if (byte === greater || isSpace(byte)) {
            this.#keep(i, 0);
            if (byte === greater) return this.#end(i, false);
            at = At.BeforeName;
          }
          break;
      }
    }
    this.#at = at;
    this.#hash = hash;
    this.#position = i;
    return -1;
  }

  #keep(end: number, quote: number): void {
    this.#selfClosing = false;
    if (this.#attribute === '' || this.attributes.length >= mostAttributes) return;
    this.attributes.push({ name: this.#attribute, start: this.#start, end, quote });
  }

  #end(at: number, selfClosing: boolean): number {
    this.#selfClosing = selfClosing;
    return at + 1;
  }
}
