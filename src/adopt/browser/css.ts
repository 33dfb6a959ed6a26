import type { MapUrl } from './url';

/** `url(` and `@import "`, also as they stand in an attribute of markup; then the URL. */
const references = /(url\(\s*(?:["']|&quot;|&#39;)?|@import\s+["'])([^"')&\s]+)/gi;

/** Maps the URLs of a style sheet, a declaration or a value: `url(/x)`, `@import "/x"`. */
export const mapCss = (text: string, map: MapUrl): string =>
  text.includes('/') ? text.replace(references, (_whole, before: string, url: string) => before + map(url)) : text;
