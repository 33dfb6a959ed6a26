/** Where the tool is, as the browser sees it, and what its relative URLs start from. */
export interface Place {
  /** The mount's path, without a slash at the end: `/tool`. */
  readonly mount: string;
  /** `https://gateway.example:8443` */
  readonly origin: string;
  /** The document's base URL; it may change while the page lives. */
  readonly base: () => string;
}

/** Maps a URL as the tool wrote it to the one under its mount; the very same text where it is right as it is. */
export type MapUrl = (url: string) => string;

/** What the URL parser drops before it looks (WHATWG URL §4.4, basic URL parser, steps 1 to 3). */
const dropped = /^[\0-\x20]+|[\t\n\r]+/g;
const ofTheWeb = /^(?:https?|wss?):/i;
const withScheme = /^[a-z][a-z0-9+.-]*:/i;
const dotSegment = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

export const isUnder = (path: string, mount: string): boolean => path === mount || path.startsWith(`${mount}/`);

/**
 * @returns the mapping of URLs of one document: those of the gateway's own origin whose path is outside the mount are
 * put under it; `ws:` and `wss:` count by their host alone, as tools write them for `location.host`
 */
export function urlMap({ mount, origin, base }: Place): MapUrl {
  const host = origin.replace(/^[^/]*\/\//, '');
  return (url) => {
    const plain = url.replace(dropped, '');
    const scheme = withScheme.test(plain);
    const fromRoot = /^[/\\]/.test(plain);
    if (scheme ? !ofTheWeb.test(plain) : !fromRoot && !dotSegment.test(plain)) return url;
    let parsed: URL;
    try {
      parsed = new URL(plain, base());
    } catch {
      return url;
    }
    const { pathname } = parsed;
    const here = parsed.protocol.startsWith('ws') ? parsed.host === host : parsed.origin === origin;
    if (!here || isUnder(pathname, mount)) return url;
    if (/^\/(?![/\\])/.test(plain) && !dotSegment.test(plain)) return mount + plain;
    const path = mount + pathname + parsed.search + parsed.hash;
    if (!scheme) return path;
    const user = parsed.username && `${parsed.username}${parsed.password && `:${parsed.password}`}@`;
    return `${parsed.protocol}//${user}${parsed.host}${path}`;
  };
}

/** For texts whose relative URLs start elsewhere, as in a style sheet: only those that do not depend on where. */
export const fromAnywhere =
  (map: MapUrl): MapUrl =>
  (url) =>
    /^\s*(?:[/\\]|https?:)/i.test(url) ? map(url) : url;
