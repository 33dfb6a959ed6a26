/** What becomes of a path on its way to the tool. */
export type Passage =
  | { readonly prefix: 'keep' }
  /** @property base what stands in the place of the location, without a trailing slash: `` or `/base` */
  | { readonly prefix: 'strip'; readonly base: string };

const withoutSlash = (path: string) => path.replace(/\/+$/, '');

/**
 * The passage of a `location` with a `proxy_pass`: the part of the path that the location names is replaced by the URI.
 * @param location as it is written: whether it ends with a slash counts
 * @param uri of `proxy_pass`; null where it has none
 * @returns null where names would be glued together (`/a/` and `/b` make `/bx` of `/a/x`)
 */
export function passageByUri(location: string, uri: string | null): Passage | null {
  if (uri === null || uri === location) return { prefix: 'keep' };
  if (/[?#]/.test(uri)) return null;
  if (location.endsWith('/') && !uri.endsWith('/')) return null;
  return { prefix: 'strip', base: withoutSlash(uri) };
}

/**
 * The passage of a `rewrite PATTERN REPLACEMENT break` that swaps one beginning of the path for another, such as
 * `^/kpow/(.*) /$1`; null for any other.
 */
export function passageByRewrite(location: string, pattern: string, replacement: string): Passage | null {
  const match = /^\^?((?:\/[\w.~-]+)+)(\/\?|\/|\(\/\|\$\))?(\((\/?)\.[*+]\))\$?$/.exec(pattern.replaceAll('\\', ''));
  if (match?.[1] === undefined) return pattern === '^/(.*)$' && replacement === '/$1' ? { prefix: 'keep' } : null;
  const [, literal, slash = '', , inner = ''] = match;
  // Exactly one slash between the two: `^/kpow(.*)` would also be `/kpow2`.
  if ((slash === '') === (inner === '')) return null;
  const group = slash === '(/|$)' ? '$2' : '$1';
  if (!replacement.endsWith(group)) return null;
  const put = replacement.slice(0, -group.length);
  if (put.includes('$') || put.includes('?') || put.endsWith('/') === (inner !== '')) return null;
  const place = withoutSlash(location);
  if (place !== literal && !place.startsWith(`${literal}/`)) return null;
  const base = withoutSlash(put) + place.slice(literal.length);
  return base === place ? { prefix: 'keep' } : { prefix: 'strip', base };
}
