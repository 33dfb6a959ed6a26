import { fixedStyle } from '../css/style-rewriter';
import type { Output } from '../output';
import { urlShape } from '../plain-path';
import type { BodyUrls } from '../urls';
import { attributeText, attributeValue } from './attribute-text';
import { attributeKind } from './names';
import { fixedSrcset } from './srcset';
import { isSpace, type AttributePlace } from './tag-scanner';

/** Rewrites the URLs in the attributes of tags. */
export class AttributeRewriter {
  #prefix: Buffer | null = null;
  #hasBase = false;
  readonly #urls: BodyUrls;
  readonly #page: (text: string) => string;

  /** @param page rewrites a document within the page, a character a byte */
  constructor(urls: BodyUrls, page: (text: string) => string) {
    this.#urls = urls;
    this.#page = page;
    this.#readPrefix();
  }

  /** @param places of the tag's attributes in `input`, in their order */
  rewrite(input: Buffer, output: Output, tag: string, places: readonly AttributePlace[], isForeign: boolean): void {
    const refreshes = tag === 'meta' && isRefresh(input, places);
    for (const place of places) {
      const { name } = place;
      const kind = attributeKind(tag, name, isForeign);
      if (kind === 'url') this.#url(input, output, tag, place);
      else if (kind !== undefined) this.#text(input, output, place, (text) => this.#fixed(kind, text));
      else if (refreshes && name === 'content') this.#text(input, output, place, (text) => this.#refresh(text));
    }
  }

  #fixed(kind: 'urls' | 'srcset' | 'style' | 'srcdoc', text: string): string {
    const fixed = (url: string) => this.#urls.fixed(url);
    switch (kind) {
      case 'urls':
        return text.replace(/[^\t\n\f\r ]+/g, fixed);
      case 'srcset':
        return fixedSrcset(text, fixed);
      case 'style':
        return fixedStyle(text, this.#urls);
      case 'srcdoc':
        return this.#page(text);
    }
  }

  #url(input: Buffer, output: Output, tag: string, place: AttributePlace): void {
    if (tag === 'base') {
      this.#base(input, output, place);
      return;
    }
    let { start, end } = place;
    while (start < end && isSpace(input[start] ?? 0)) start++;
    while (start < end && isSpace(input[end - 1] ?? 0)) end--;
    const shape = this.#prefix ? urlShape(input, start, end, this.#prefix) : 'other';
    if (shape === 'root' && this.#prefix) output.replace(start, start, this.#prefix);
    else if (shape === 'other') this.#text(input, output, place, (text) => this.#urls.fixed(text));
  }

  /** The first of a page counts (HTML §2.4.3). */
  #base(input: Buffer, output: Output, place: AttributePlace): void {
    const href = attributeText(input.toString('latin1', place.start, place.end));
    this.#text(input, output, place, (text) => this.#urls.fixed(text));
    if (this.#hasBase || href === null) return;
    this.#hasBase = true;
    this.#urls.startFrom(href);
    this.#readPrefix();
  }

  #readPrefix(): void {
    const { prefix } = this.#urls;
    this.#prefix = prefix === null ? null : Buffer.from(prefix);
  }

  /** HTML's meta refresh: `5; url='/x'`. */
  #refresh(content: string): string {
    const match = /^([\t\n\f\r ]*[\d.]*[\t\n\f\r ;,]*(?:url[\t\n\f\r ]*=[\t\n\f\r ]*)?)(["']?)([^"']*)([^]*)$/i.exec(
      content,
    );
    const [, before = '', quote = '', url = '', after = ''] = match ?? [];
    return url === '' ? content : before + quote + this.#urls.fixed(url) + after;
  }

  #text(input: Buffer, output: Output, { start, end, quote }: AttributePlace, fix: (text: string) => string): void {
    const text = attributeText(input.toString('latin1', start, end));
    if (text === null) return;
    const fixed = fix(text);
    if (fixed !== text) output.replace(start, end, Buffer.from(attributeValue(fixed, quote), 'latin1'));
  }
}

function isRefresh(input: Buffer, places: readonly AttributePlace[]): boolean {
  const place = places.find(({ name }) => name === 'http-equiv');
  return place !== undefined && input.toString('latin1', place.start, place.end).trim().toLowerCase() === 'refresh';
}
