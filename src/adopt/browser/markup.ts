import { mapAttribute } from './attributes';
import { mapCss } from './css';
import { fromAnywhere, type MapUrl } from './url';

/** Whether markup may hold a URL that has to be mapped; most that scripts insert cannot. */
export const isCandidate = (markup: string): boolean =>
  markup.includes('<') && /=\s*(?:["']\s*)?(?:[/\\]|https?:|\.\.)|srcset|url\(|@import/i.test(markup);

const tags = /<([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)/gi;
/** With or without a value, so that no name is looked at twice. */
const attributes = /([^\s"'<>/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+))?/g;
const styles = /(<style\b[^<>]*>)([^<]*)/gi;

/**
 * Maps the URLs in markup in place, without parsing it to a tree and back: what a sanitizer made safe would be another
 * text then, and the parts of a page that `document.write` gets one by one are not whole.
 */
export function mapMarkup(markup: string, map: MapUrl): string {
  if (!isCandidate(markup)) return markup;
  const inTags = markup.replace(
    tags,
    (_tag, name: string, rest: string) =>
      `<${name}` +
      rest.replace(attributes, (said, attribute: string, equals: string | undefined, quoted: string | undefined) => {
        if (equals === undefined || quoted === undefined) return said;
        const quote = /^["']/.test(quoted) ? quoted.charAt(0) : '';
        const value = quote ? quoted.slice(1, -1) : quoted;
        return attribute + equals + quote + mapAttribute(name, attribute, value, map) + quote;
      }),
  );
  return inTags.replace(styles, (_style, tag: string, text: string) => tag + mapCss(text, fromAnywhere(map)));
}
