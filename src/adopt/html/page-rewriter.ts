import { HeldBytes } from '../../held-bytes';
import type { BodyRewriter } from '../body-rewriter';
import { StyleRewriter } from '../css/style-rewriter';
import { fixedImportMap, fixedSpeculationRules } from '../json-urls';
import { Output } from '../output';
import { AttributeRewriter } from './attributes';
import type { BodyUrls } from '../urls';
import { ForeignContent } from './foreign';
import { attributeNames, rawText, tagNames } from './names';
import { RawText } from './raw-text';
import { isSpace, TagScanner, type AttributePlace } from './tag-scanner';

export interface PageOptions {
  /** Whether it is a document of its own, and gets `head`; otherwise it goes into one that has it. */
  readonly document: boolean;
  /** How many documents this one is within (`srcdoc`). */
  readonly depth?: number;
}

/** What the rewriter is in the middle of. */
type Within = 'data' | 'tag' | 'raw' | 'comment' | 'bogus' | 'cdata' | 'rest';

/** Bytes of a tag that are held back until its end has come. */
const longestTag = 64 * 1024;
/** Bytes of a JSON script that are. */
const longestJson = 256 * 1024;

const less = 0x3c;
const nothing = Buffer.alloc(0);

interface JsonScript {
  readonly fix: typeof fixedImportMap;
  readonly text: HeldBytes;
}

/**
 * Rewrites the URLs of a page as it comes in, in bytes: markup is ASCII in every charset that is not left alone. It goes
 * by the states of the WHATWG tokenizer (HTML §13.2.5), as far as they decide where tags, attributes and text begin and
 * end, and leaves text, comments and the code of scripts alone.
 */
export class PageRewriter implements BodyRewriter {
  readonly #urls: BodyUrls;
  readonly #attributes: AttributeRewriter;
  readonly #head: Buffer;
  readonly #document: boolean;
  readonly #scanner = new TagScanner(tagNames, attributeNames);
  readonly #foreign = new ForeignContent();
  readonly #held = new HeldBytes();
  #within: Within = 'data';
  #isEndTag = false;
  /** Where the tag under way begins, `<`; null where that has gone out already. */
  #tagAt: number | null = 0;
  #raw: RawText | null = null;
  #style: StyleRewriter | null = null;
  #json: JsonScript | null = null;
  /** Whether nothing has come but spaces, and whether `head` has its place, or needs none. */
  #isFirst = true;
  #isPlaced = false;

  /** @param head markup that goes first into the page's head: the run-time script's element */
  constructor(urls: BodyUrls, head: Buffer, { document, depth = 0 }: PageOptions) {
    this.#urls = urls;
    this.#head = head;
    this.#document = document;
    this.#attributes = new AttributeRewriter(urls, (text) => {
      const inner = new PageRewriter(urls.copy(), head, { document: true, depth: depth + 1 });
      return depth < 3 ? rewritten(inner, text) : text;
    });
  }

  push(bytes: Buffer): Buffer {
    const input = this.#held.with(bytes);
    // The first bytes may be a byte order mark.
    if (this.#isFirst && input.length < 3) {
      this.#held.keep(input, 0);
      return nothing;
    }
    const output = new Output(input);
    const end = this.#read(input, output, false);
    this.#held.keep(input, end);
    return output.finish(end);
  }

  end(): Buffer {
    const input = this.#held.take();
    const output = new Output(input);
    this.#read(input, output, true);
    const { length } = input;
    if (this.#style) output.replace(length, length, this.#style.end());
    if (this.#json) output.replace(length, length, this.#json.text.take());
    return output.finish(length);
  }

  /** @returns up to where the input is done with */
  #read(input: Buffer, output: Output, isLast: boolean): number {
    const { length } = input;
    let i = 0;
    while (i < length) {
      let next: number;
      switch (this.#within) {
        case 'data':
          next = this.#data(input, output, i, isLast);
          break;
        case 'tag':
          next = this.#tag(input, output, isLast);
          break;
        case 'raw':
          next = this.#rawText(input, output, i, isLast);
          break;
        case 'comment':
          next = this.#until(input, i, isLast, endOfComment);
          break;
        case 'cdata':
          next = this.#until(input, i, isLast, (bytes, from) => endOf(bytes, from, ']]>'));
          break;
        case 'bogus':
          next = this.#until(input, i, isLast, (bytes, from) => endOf(bytes, from, '>'));
          break;
        case 'rest':
          return length;
      }
      if (next < 0) return -next - 1;
      i = next;
    }
    return length;
  }

  /** All positions behind it are for the next time: `-position - 1`. */
  #data(input: Buffer, output: Output, from: number, isLast: boolean): number {
    const { length } = input;
    let at = from;
    const near = Math.min(length, from + 32);
    while (at < near && input[at] !== less) at++;
    if (at === near && at < length) {
      const found = input.indexOf(less, at);
      at = found === -1 ? length : found;
    }
    if (!this.#isPlaced && at > from && !this.#text(input, output, from, at)) return length;
    if (at === length) return length;
    return this.#markup(input, output, at, isLast);
  }

  #markup(input: Buffer, output: Output, at: number, isLast: boolean): number {
    const { length } = input;
    const wait = -at - 1;
    const next = input[at + 1];
    if (next === undefined) return isLast ? length : wait;
    if (isLetter(next)) return this.#begin(input, output, at, at + 1, isLast);
    if (next === 0x2f) {
      const after = input[at + 2];
      if (after === undefined) return isLast ? length : wait;
      if (isLetter(after)) return this.#begin(input, output, at, at + 2, isLast);
      if (after === 0x3e) return at + 3;
      this.#within = 'bogus';
      return at + 2;
    }
    if (next === 0x21) return this.#declaration(input, at, isLast);
    if (next === 0x3f) {
      this.#within = 'bogus';
      return at + 2;
    }
    // A lone `<` is text.
    if (!this.#isPlaced && !this.#text(input, output, at, at + 1)) return length;
    return at + 1;
  }

  #declaration(input: Buffer, at: number, isLast: boolean): number {
    const start = input.toString('latin1', at, at + 9);
    if (!isLast && start.length < 9 && !start.includes('>')) return -at - 1;
    if (start.startsWith('<!--')) {
      // Its own dashes may end it.
      if (start[4] === '>') return at + 5;
      if (start.startsWith('->', 4)) return at + 6;
      this.#within = 'comment';
      return at + 4;
    }
    this.#within = this.#foreign.isInside && start === '<![CDATA[' ? 'cdata' : 'bogus';
    return at + 2;
  }

  /** @returns whether the page goes on as one */
  #text(input: Buffer, output: Output, from: number, to: number): boolean {
    let at = from;
    if (this.#isFirst && at === 0 && input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf) at = 3;
    while (at < to && isSpace(input[at] ?? 0)) at++;
    if (at >= to) return true;
    const byte = input[at];
    if (this.#isFirst && (byte === 0x7b || byte === 0x5b)) {
      // JSON under a wrong label.
      this.#within = 'rest';
      return false;
    }
    this.#place(output, at);
    return true;
  }

  #place(output: Output, at: number): void {
    this.#isPlaced = true;
    this.#isFirst = false;
    if (this.#document) output.replace(at, at, this.#head);
  }

  #begin(input: Buffer, output: Output, at: number, name: number, isLast: boolean): number {
    this.#within = 'tag';
    this.#isFirst = false;
    this.#isEndTag = name === at + 2;
    this.#tagAt = at;
    this.#scanner.begin(name);
    return this.#tag(input, output, isLast);
  }

  #tag(input: Buffer, output: Output, isLast: boolean): number {
    const scanner = this.#scanner;
    const end = scanner.scan(input);
    if (end !== -1) {
      this.#within = 'data';
      if (this.#isEndTag) this.#closed(output);
      else this.#opened(input, output, end);
      return end;
    }
    const { length } = input;
    if (isLast) return length;
    if (this.#tagAt !== null && length - this.#tagAt < longestTag) {
      const at = this.#tagAt;
      scanner.shift(at);
      this.#tagAt = 0;
      return -at - 1;
    }
    // Too long to be held: what there is of it goes out.
    if (!this.#isPlaced && this.#tagAt !== null && (this.#isEndTag || !isBeforeHead(scanner.name)))
      this.#place(output, this.#tagAt);
    if (!this.#isEndTag) this.#rewrite(input, output, this.#foreign.isInside);
    scanner.forget();
    this.#tagAt = null;
    return length;
  }

  #opened(input: Buffer, output: Output, end: number): void {
    const { name, selfClosing, attributes } = this.#scanner;
    if (!this.#isPlaced && !isBeforeHead(name)) this.#place(output, this.#tagAt ?? end);
    const isForeign = this.#foreign.opened(name, selfClosing, attributes.some(isOfFont));
    if (attributes.length > 0) this.#rewrite(input, output, isForeign);
    if (!this.#isPlaced && name === 'head') this.#place(output, end);
    if (isForeign || name === '') return;
    if (name === 'plaintext') this.#within = 'rest';
    else if (rawText.has(name)) this.#beginRaw(input, name, attributes);
  }

  #closed(output: Output): void {
    if (!this.#isPlaced && this.#tagAt !== null) this.#place(output, this.#tagAt);
    if (this.#scanner.name !== '') this.#foreign.closed(this.#scanner.name);
  }

  #rewrite(input: Buffer, output: Output, isForeign: boolean): void {
    const { name, attributes } = this.#scanner;
    this.#attributes.rewrite(input, output, name, attributes, isForeign);
  }

  #beginRaw(input: Buffer, name: string, attributes: readonly AttributePlace[]): void {
    this.#within = 'raw';
    this.#raw = new RawText(name);
    if (name === 'style') this.#style = new StyleRewriter(this.#urls);
    if (name !== 'script') return;
    const place = attributes.find((attribute) => attribute.name === 'type');
    const type = place && input.toString('latin1', place.start, place.end).trim().toLowerCase();
    if (type === 'importmap') this.#json = { fix: fixedImportMap, text: new HeldBytes() };
    if (type === 'speculationrules') this.#json = { fix: fixedSpeculationRules, text: new HeldBytes() };
  }

  #rawText(input: Buffer, output: Output, from: number, isLast: boolean): number {
    if (!this.#raw) return from;
    const { end, closed } = this.#raw.read(input, from, isLast);
    const text = input.subarray(from, end);
    if (this.#style) output.replace(from, end, this.#style.push(text));
    if (this.#json) this.#collect(this.#json, text, output, from, end);
    if (!closed) return end < input.length ? -end - 1 : end;
    if (this.#style) output.replace(end, end, this.#style.end());
    if (this.#json) {
      const json = this.#json.text.take().toString('latin1');
      output.replace(
        end,
        end,
        Buffer.from(
          this.#json.fix(json, (url) => this.#urls.fixed(url)),
          'latin1',
        ),
      );
    }
    this.#raw = null;
    this.#style = null;
    this.#json = null;
    this.#within = 'data';
    return end;
  }

  #collect(json: JsonScript, text: Buffer, output: Output, from: number, end: number): void {
    const all = json.text.with(text);
    if (all.length <= longestJson) {
      json.text.keep(all, 0);
      output.replace(from, end, nothing);
    } else {
      output.replace(from, end, all);
      this.#json = null;
    }
  }

  #until(input: Buffer, from: number, isLast: boolean, find: (bytes: Buffer, from: number) => number): number {
    const end = find(input, from);
    if (end < 0) return isLast ? input.length : end;
    this.#within = 'data';
    return end;
  }
}

/** @returns behind it, or `-position - 1` of where it may begin */
function endOf(bytes: Buffer, from: number, text: string): number {
  const found = bytes.indexOf(text, from, 'latin1');
  if (found !== -1) return found + text.length;
  return -Math.max(from, bytes.length - text.length + 1) - 1;
}

/** Behind `-->` or `--!>`, or as `endOf`. */
function endOfComment(bytes: Buffer, from: number): number {
  let at = bytes.indexOf('--', from, 'latin1');
  for (; at !== -1; at = bytes.indexOf('--', at + 1, 'latin1')) {
    const next = bytes[at + 2];
    if (next === undefined) return -at - 1;
    if (next === 0x3e) return at + 3;
    if (next !== 0x21) continue;
    const last = bytes[at + 3];
    if (last === undefined) return -at - 1;
    if (last === 0x3e) return at + 4;
  }
  return -Math.max(from, bytes.length - 1) - 1;
}

/** Tags that may stand before a page's head, or begin it. */
function isBeforeHead(name: string): boolean {
  return name === 'html' || name === 'head';
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}

const isOfFont = ({ name }: AttributePlace) => name === 'color' || name === 'face' || name === 'size';

function rewritten(rewriter: BodyRewriter, text: string): string {
  const [before, after] = [rewriter.push(Buffer.from(text, 'latin1')), rewriter.end()];
  return before.toString('latin1') + after.toString('latin1');
}
