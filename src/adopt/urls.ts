import { fixLocation, type AnswerContext } from '../headers/location';
import { publicBase } from '../mount/mount';
import { parseUrl } from '../parse-url';

/** Characters of a URL; what is longer is no address that anybody could be asked for, and stays as it is. */
const longestUrl = 64 * 1024;
/** What the URL parser drops everywhere (WHATWG URL §4.4, basic URL parser, step 3). */
const anywhere = /[\t\n\r]/g;
/** It takes a backslash for a slash in URLs of the web; in others nothing is changed anyway. */
const beforeQuery = /^[^?#]+/;

/** The URLs in the body of one answer of an adopted tool: a page, a style sheet, a manifest. */
export class BodyUrls {
  /** The mount's path, where every root-absolute path of the tool is just put behind it; null where that is not so. */
  #prefix: string | null;
  #context: AnswerContext;
  #elsewhere = false;

  constructor(context: AnswerContext) {
    this.#context = context;
    const { mount } = context;
    this.#prefix = mount.config.target.path === '' ? publicBase(mount) : null;
  }

  /** For a document within this one, whose `<base>` is its own. */
  copy(): BodyUrls {
    const copy = new BodyUrls(this.#context);
    copy.#elsewhere = this.#elsewhere;
    copy.#prefix = this.#prefix;
    return copy;
  }

  /**
   * What goes before a plain root-absolute path (`/a/b`, no dot segment, not under the prefix itself) to make it the
   * public one; null where each has to be asked for.
   */
  get prefix(): string | null {
    return this.#prefix;
  }

  /**
   * A URL as the browser must ask for it, so that it arrives at the tool as the one meant.
   * @param url as the body says it, escapes of the body's own language undone
   * @returns the very same text where it is right as it is
   */
  fixed(url: string): string {
    if (url.length > longestUrl) return url;
    const plain = withoutControls(url)
      .replace(anywhere, '')
      .replace(beforeQuery, (path) => path.replaceAll('\\', '/'));
    if (this.#elsewhere && !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(plain)) return url;
    const fixed = fixLocation(plain, this.#context);
    return fixed === plain ? url : fixed;
  }

  /**
   * The page's `<base href>`: from here on relative URLs start from it.
   * @param href as the tool wrote it
   */
  startFrom(href: string): void {
    if (href.length > longestUrl) return;
    const { upstreamTarget, publicTarget } = this.#context;
    const fixed = this.fixed(href);
    const atTool = parseUrl(href, `http://tool.invalid${upstreamTarget}`);
    const inBrowser = parseUrl(fixed, `http://tool.invalid${publicTarget}`);
    if (!atTool || !inBrowser) return;
    if (inBrowser.host !== 'tool.invalid' && !this.#isHere(inBrowser)) {
      this.#elsewhere = true;
      this.#prefix = null;
      return;
    }
    this.#context = {
      ...this.#context,
      upstreamTarget: atTool.pathname,
      publicTarget: inBrowser.pathname,
    };
  }

  #isHere({ host }: URL): boolean {
    return host === this.#context.origin.authority.toLowerCase();
  }
}

/** What the URL parser drops at the ends (steps 1 and 2): spaces and control characters. */
function withoutControls(url: string): string {
  let start = 0;
  let end = url.length;
  while (start < end && url.charCodeAt(start) <= 0x20) start++;
  while (start < end && url.charCodeAt(end - 1) <= 0x20) end--;
  return url.slice(start, end);
}
