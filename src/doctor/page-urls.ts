/** A URL that a page's markup names. */
export interface PageUrl {
  /** Lower case. */
  readonly tag: string;
  readonly url: string;
  /** What the browser asks for by itself, or sends a form to; otherwise a link. */
  readonly loads: boolean;
}

/** A URL that a script opens, as far as it stands there in letters. */
export interface ScriptUrl {
  readonly kind: 'websocket' | 'events';
  readonly url: string;
}

const comments = /<!--[^]*?(?:-->|$)/g;
const rawText = /(<(script|style|textarea|title|noscript|template)\b[^<>]*>)[^]*?(?=<\/\2|$)/gi;
const tagStarts = /<([a-z][a-z0-9-]*)/gi;
const tagRest = /(?:[^<>"']|"[^"]*"|'[^']*')*/y;
/** With or without a value, so that no name is looked at twice. */
const attributes = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

const longestTag = 2_000;

/** By tag: the attribute that holds a URL. */
const attributeOf: Readonly<Record<string, string>> = {
  a: 'href',
  area: 'href',
  link: 'href',
  base: 'href',
  form: 'action',
  object: 'data',
  script: 'src',
  img: 'src',
  iframe: 'src',
  embed: 'src',
  source: 'src',
  video: 'src',
  audio: 'src',
};

/** What these links name is not loaded, or not from here. */
const notLoaded = /\b(?:canonical|alternate|preconnect|dns-prefetch|license|author|search|help|next|prev)\b/i;

/** No text is looked at twice: pages are hostile. */
function* tagsOf(markup: string): Generator<{ readonly tag: string; readonly text: string }> {
  tagStarts.lastIndex = 0;
  for (let start = tagStarts.exec(markup); start; start = tagStarts.exec(markup)) {
    tagRest.lastIndex = tagStarts.lastIndex;
    const text = tagRest.exec(markup)?.[0] ?? '';
    const end = tagStarts.lastIndex + text.length;
    const last = markup.charAt(end);
    // A quote that is never closed: all that follows is within it.
    if (last === '"' || last === "'") return;
    if (last === '>') yield { tag: (start[1] ?? '').toLowerCase(), text };
    tagStarts.lastIndex = end;
  }
}

/** The URLs of a page, in their order, duplicates left out. */
export function pageUrls(html: string): PageUrl[] {
  const found = new Map<string, PageUrl>();
  const markup = html.replace(comments, '').replace(rawText, '$1');
  for (const { tag, text } of tagsOf(markup)) {
    const wanted = Object.hasOwn(attributeOf, tag) ? attributeOf[tag] : undefined;
    if (wanted === undefined) continue;
    const values = new Map<string, string>();
    for (const [, key = '', a, b, c] of text.slice(0, longestTag).matchAll(attributes))
      values.set(key.toLowerCase(), a ?? b ?? c ?? '');
    const url = unescaped(values.get(wanted) ?? '').trim();
    const rel = values.get('rel') ?? '';
    if (url === '' || url.startsWith('#') || (tag === 'link' && notLoaded.test(rel))) continue;
    found.set(`${tag} ${url}`, { tag, url, loads: tag !== 'a' && tag !== 'area' && tag !== 'base' });
  }
  return [...found.values()];
}

function unescaped(text: string): string {
  return text.replace(/&#x2f;|&#47;/gi, '/').replace(/&amp;/g, '&');
}

const opened = /\bnew\s+(WebSocket|EventSource)\s*\(\s*(["'`])([^"'`\s$]{1,500})\2/g;

/** @param text of a script, or of a page with scripts in it */
export function scriptUrls(text: string): ScriptUrl[] {
  const found = [...text.matchAll(opened)].map(([, kind, , url = '']): ScriptUrl => ({
    kind: kind === 'WebSocket' ? 'websocket' : 'events',
    url,
  }));
  return found.slice(0, 5);
}

export function titleOf(html: string): string {
  return /<title[^<>]*>\s*([^<]{0,200})/i.exec(html)?.[1]?.trim() ?? '';
}
