/** Longer ones are nobody's prefix, and it stands in every link of a page. */
const longest = 256;

/** Segments that mean themselves in a URL, a cookie's Path, a page, a style sheet and a policy alike. */
const plain = /^(?:\/[\w.~-]+)+$/;

/**
 * What a proxy in front says that it has taken off the path, without a slash at its end.
 * @returns '' for none, and for all that is no plain path: it goes into redirects, cookies and pages
 */
export function frontPrefix(said: string): string {
  const path = said.endsWith('/') ? said.slice(0, -1) : said;
  if (path.length > longest || !plain.test(path)) return '';
  return path.split('/').some((segment) => segment === '.' || segment === '..') ? '' : path;
}
