import { withoutEnd } from '../without-end';

/** What becomes of a path on its way to the tool. */
export type Passage =
  /** @property base what the tool's own address has before the path */
  | { readonly prefix: 'keep'; readonly base?: string }
  /** @property base what stands in the place of the location, without a trailing slash: `` or `/base` */
  | { readonly prefix: 'strip'; readonly base: string };

const withoutSlash = (path: string) => withoutEnd(path, '/');

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

/** The passage where the target is followed by `$request_uri`: the path stays whole. @param uri what stands before it */
export function passageOfWhole(uri: string | null): Passage {
  const base = withoutSlash(uri ?? '');
  return base === '' ? { prefix: 'keep' } : { prefix: 'keep', base };
}

/** What follows the literal beginning of a pattern: which group is kept, and whether that begins with the slash. */
const tails: readonly (readonly [tail: RegExp, group: string, withSlash: boolean])[] = [
  [/^\/(?:\?)?\(\.[*+]\??\)$/, '$1', false],
  [/^\(\/\.[*+]\)\??$/, '$1', true],
  [/^\(\.[*+]\)$/, '$1', true],
  [/^\(\?:\/\|\$\)\(\.\*\)$/, '$1', false],
  [/^\(\/\|\$\)\(\.\*\)$/, '$2', false],
  [/^\(\?:\/\(\.\*\)\)\?$/, '$1', false],
  [/^\(\/\(\.\*\)\)\?$/, '$2', false],
];

/**
 * The passage of a `rewrite PATTERN REPLACEMENT break` that swaps one beginning of the path for another, such as
 * `^/kpow/(.*) /$1` or `/kpow(.*) $1`; null for any other.
 */
export function passageByRewrite(location: string, pattern: string, replacement: string): Passage | null {
  const [, named] = /\(\?P?<(\w+)>/.exec(pattern) ?? [];
  const plain = pattern.replace(/\(\?P?<\w+>/, '(').replace(/\\([/.-])/g, '$1');
  const isAnchored = plain.startsWith('^');
  const bare = plain.replace(/^\^/, '');
  const [literal = ''] = /^(?:\/[\w.~-]+)*/.exec(bare) ?? [];
  const rest = bare.slice(literal.length);
  const tail = tails.find(([test]) => test.test(rest) || test.test(rest.replace(/\$$/, '')));
  if (tail === undefined) return null;
  const [, group, withSlash] = tail;
  const put = putBefore(replacement, named === undefined ? [group] : [`$${named}`, group]);
  // Exactly one slash between the two: `/$1` of `^/kpow(.*)` would make `//x`.
  if (put === null || /[$?]/.test(put) || put.endsWith('/') === withSlash) return null;
  const place = withoutSlash(location);
  const begin = isAnchored ? 0 : `${place}/`.indexOf(`${literal}/`);
  if (begin === -1 || !`${place}/`.startsWith(`${literal}/`, begin)) return null;
  if (literal === '' && !isAnchored) return null;
  const base = withoutSlash(put) + place.slice(begin + literal.length);
  return base === place ? { prefix: 'keep' } : { prefix: 'strip', base };
}

/** What a replacement puts before the group that it ends with. */
function putBefore(replacement: string, groups: readonly string[]): string | null {
  const group = groups.find((each) => replacement.endsWith(each));
  return group === undefined ? null : replacement.slice(0, -group.length);
}
