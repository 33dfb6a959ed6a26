/**
 * A URL, or null for what is none. `URL.canParse` does not tell the two apart: it takes some for URLs that the parser
 * throws at (`http://a\u00c3\u0097b/`), and once the caller is compiled it refuses others with letters beyond ASCII.
 */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
