import { HeldBytes } from '../../held-bytes';
import type { BodyRewriter } from '../body-rewriter';
import { Output } from '../output';
import { urlShape } from '../plain-path';
import type { BodyUrls } from '../urls';
import { escapedCss, unescapedCss } from './css-text';

/** Where the rewriter stands between two pieces. */
const enum At {
  Style,
  Comment,
  /** Within a word that is too long to mean anything. */
  Word,
  /** Behind `url(` or `src(`, where spaces may come first. */
  UrlStart,
  /** A string that is no URL, or one too long to be looked at. */
  String,
  /** A bare url() that is left as it is. */
  Url,
}

/** Bytes of a URL that are held back until its end has come. */
const longestUrl = 16 * 1024;
/** Bytes of a word that are; `-webkit-image-set` is the longest that means something. */
const longestWord = 20;

const backslash = 0x5c;
const newline = 0x0a;
const formFeed = 0x0c;
const carriageReturn = 0x0d;

const isSpace = (byte: number) =>
  byte === 0x20 || byte === newline || byte === 0x09 || byte === carriageReturn || byte === formFeed;

/** Bytes of names (CSS Syntax §4.2). */
const inName = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++)
  inName[byte] = byte >= 0x80 || /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) || byte === backslash ? 1 : 0;

/**
 * Rewrites the URLs of a style sheet: url(...), src(...), @import and the strings of image-set(); comments, other
 * strings and namespaces stay (CSS Syntax §4.3, CSS Values §4.5).
 */
export class StyleRewriter implements BodyRewriter {
  readonly #held = new HeldBytes();
  /** How much of the URL that is held back has been looked at. */
  #seen = 0;
  #at = At.Style;
  #quote = 0;
  /** Open parentheses, and at which depth an image-set's strings are; 0 for none. */
  #depth = 0;
  #imageSet = 0;
  /** Whether an at-rule whose strings are URLs, or one whose URLs are none, is under way. */
  #rule: 'import' | 'namespace' | null = null;
  readonly #prefix: Buffer | null;
  readonly #urls: BodyUrls;

  constructor(urls: BodyUrls) {
    this.#urls = urls;
    this.#prefix = urls.prefix === null ? null : Buffer.from(urls.prefix);
  }

  push(bytes: Buffer): Buffer {
    const input = this.#held.with(bytes);
    const output = new Output(input);
    const end = this.#read(input, output, false);
    this.#held.keep(input, end);
    return output.finish(end);
  }

  end(): Buffer {
    const input = this.#held.take();
    const output = new Output(input);
    this.#read(input, output, true);
    return output.finish(input.length);
  }

  /** @returns where a token begins whose end is not there yet; the length where there is none */
  #read(input: Buffer, output: Output, isLast: boolean): number {
    const { length } = input;
    let i = 0;
    while (i < length) {
      if (this.#at === At.UrlStart) {
        const next = this.#function(input, output, i, isLast);
        if (next < 0) return -next - 1;
        i = next;
        continue;
      }
      if (this.#at !== At.Style) {
        i = this.#skip(input, i);
        if (i < 0) return -i - 1;
        continue;
      }
      const byte = input[i] ?? 0;
      if (inName[byte] === 1) {
        const end = endOfWord(input, i);
        // What is behind it decides what it is.
        if (end === length && !isLast && end - i <= longestWord) return i;
        i = this.#name(input, i, end);
      } else if (byte === 0x22 || byte === 0x27) {
        const next = this.#string(input, output, i, isLast);
        if (next < 0) return i;
        i = next;
      } else if (byte === 0x2f) {
        if (i + 1 === length && !isLast) return i;
        if (input[i + 1] === 0x2a) {
          this.#at = At.Comment;
          i += 2;
        } else i++;
      } else if (byte === 0x40) {
        const end = endOfWord(input, i);
        if (end === length && !isLast && end - i <= longestWord) return i;
        const rule = input.toString('latin1', i + 1, Math.min(end, i + 12)).toLowerCase();
        this.#rule = rule === 'import' || rule === 'namespace' ? rule : null;
        if (end === length) this.#at = At.Word;
        i = end;
      } else {
        if (byte === 0x28) this.#depth++;
        else if (byte === 0x29) {
          if (this.#depth === this.#imageSet) this.#imageSet = 0;
          if (this.#depth > 0) this.#depth--;
        } else if (byte === 0x3b || byte === 0x7b || byte === 0x7d) {
          this.#rule = null;
          this.#depth = 0;
          this.#imageSet = 0;
        }
        i++;
      }
    }
    return length;
  }

  /** @returns where the style goes on; as `-position - 1` where that is not there, and all before it can go out */
  #skip(input: Buffer, from: number): number {
    const { length } = input;
    if (this.#at === At.Comment) {
      const found = input.indexOf('*/', from, 'latin1');
      if (found === -1) return -(input[length - 1] === 0x2a ? length - 1 : length) - 1;
      this.#at = At.Style;
      return found + 2;
    }
    if (this.#at === At.Word) {
      let end = from;
      while (end < length && inName[input[end] ?? 0] === 1) end++;
      if (end < length) this.#at = At.Style;
      return end;
    }
    for (let i = from; i < length; i++) {
      const byte = input[i] ?? 0;
      if (byte === backslash) {
        if (i + 1 === length) return -i - 1;
        i++;
      } else if (this.#at === At.Url ? byte === 0x29 : byte === this.#quote || isNewline(byte)) {
        this.#at = At.Style;
        return i + 1;
      }
    }
    return -length - 1;
  }

  /** @returns where it goes on */
  #name(input: Buffer, start: number, end: number): number {
    if (end === input.length) this.#at = At.Word;
    if (input[end] !== 0x28 || end - start > longestWord) return end;
    const name = input.toString('latin1', start, end).toLowerCase();
    if (name === 'url' || name === 'src') {
      this.#at = At.UrlStart;
      return end + 1;
    }
    this.#depth++;
    if (/^(?:-webkit-)?image-set$/.test(name)) this.#imageSet = this.#depth;
    return end + 1;
  }

  /** What stands in url( or src(. @returns where it goes on; as `-position - 1` where that is not there yet */
  #function(input: Buffer, output: Output, from: number, isLast: boolean): number {
    const { length } = input;
    let start = from;
    while (start < length && isSpace(input[start] ?? 0)) start++;
    if (start === length) return start;
    this.#at = At.Style;
    const quote = input[start] ?? 0;
    if (quote === 0x22 || quote === 0x27) {
      this.#depth++;
      const next = this.#string(input, output, start, isLast, true);
      if (next >= 0) return next;
      this.#depth--;
      this.#at = At.UrlStart;
      return -start - 1;
    }
    let end = start + this.#seen;
    while (end < length && input[end] !== 0x29) end += input[end] === backslash ? 2 : 1;
    this.#seen = 0;
    if (end >= length && !isLast) {
      this.#at = At.Url;
      if (length - start >= longestUrl) return start;
      this.#at = At.UrlStart;
      this.#seen = this.#seenOf(input, start, end);
      return -start - 1;
    }
    const stop = Math.min(end, length);
    let last = stop;
    while (last > start && isSpace(input[last - 1] ?? 0)) last--;
    if (this.#rule !== 'namespace') this.#url(input, output, start, last, 0);
    return Math.min(stop + 1, length);
  }

  /** @returns where it goes on; -1 for not yet */
  #string(input: Buffer, output: Output, start: number, isLast: boolean, isUrl = this.#stringsAreUrls): number {
    const { length } = input;
    const quote = input[start] ?? 0;
    let end = start + Math.max(1, this.#seen);
    this.#seen = 0;
    if (isUrl && this.#rule !== 'namespace') {
      for (; end < length; end++) {
        const byte = input[end] ?? 0;
        if (byte === quote) {
          this.#url(input, output, start + 1, end, quote);
          return end + 1;
        }
        if (byte === backslash) end++;
        else if (isNewline(byte)) return end;
      }
      if (!isLast && length - start < longestUrl) {
        this.#seen = this.#seenOf(input, start, end);
        return -1;
      }
    }
    this.#at = At.String;
    this.#quote = quote;
    return start + 1;
  }

  /** @param end behind the last byte, or one further where a backslash is the last */
  #seenOf(input: Buffer, start: number, end: number): number {
    return Math.min(end, input.length - (end > input.length ? 1 : 0)) - start;
  }

  get #stringsAreUrls(): boolean {
    return (this.#rule === 'import' && this.#depth === 0) || (this.#imageSet > 0 && this.#depth === this.#imageSet);
  }

  #url(input: Buffer, output: Output, start: number, end: number, quote: number): void {
    const shape = this.#prefix ? urlShape(input, start, end, this.#prefix) : 'other';
    if (shape === 'relative') return;
    if (shape === 'root' && this.#prefix) {
      output.replace(start, start, this.#prefix);
      return;
    }
    const meant = unescapedCss(input.toString('latin1', start, end));
    if (meant === null) return;
    const fixed = this.#urls.fixed(meant);
    if (fixed !== meant) output.replace(start, end, Buffer.from(escapedCss(fixed, quote), 'latin1'));
  }
}

/** @param start of a word's first byte */
function endOfWord(input: Buffer, start: number): number {
  let end = start + 1;
  while (end < input.length && inName[input[end] ?? 0] === 1) end++;
  return end;
}

function isNewline(byte: number): boolean {
  return byte === newline || byte === carriageReturn || byte === formFeed;
}

/** The same for a text that is there as a whole, such as a style attribute. @param text a character a byte */
export function fixedStyle(text: string, urls: BodyUrls): string {
  const rewriter = new StyleRewriter(urls);
  const bytes = Buffer.from(text, 'latin1');
  const [before, after] = [rewriter.push(bytes), rewriter.end()];
  return before.toString('latin1') + after.toString('latin1');
}
