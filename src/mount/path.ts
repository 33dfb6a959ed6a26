/** Pure functions on the path of an origin-form target (RFC 9112 §3.2.1), which is never decoded on its way. */

/** Where the path of a target ends: at its query, or at its end. */
export function pathEnd(target: string): number {
  const query = target.indexOf('?');
  return query === -1 ? target.length : query;
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  return target.slice(0, pathEnd(target));
}

/** Decodes the percent-encoded unreserved characters, which mean the same either way (RFC 3986 §6.2.2.2). */
export function decodeUnreserved(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : encoded;
  });
}

/**
 * Tells whether the dot segments of a path lead above where it starts, as the most generous of upstreams would read
 * it: dots and slashes percent-encoded, backslashes as slashes, empty segments merged (nginx), path parameters cut off
 * (`/..;/`, Tomcat and Jetty).
 * @param path what follows the mount's prefix, without the query
 */
export function climbsOut(path: string): boolean {
  if (!path.includes('..') && !/%2e/i.test(path)) return false;
  const generous = path
    .replace(/%2e/gi, '.')
    .replace(/%2f|%5c|\\/gi, '/')
    .replace(/%3b/gi, ';');
  let depth = 0;
  for (const segment of generous.split('/')) {
    const name = segment.split(';', 1)[0];
    if (name === '..') depth--;
    else if (name !== '' && name !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** Whether `path` is `base` or lies below it, on whole segments: `/kpow2` is not below `/kpow`. */
export function isUnder(path: string, base: string): boolean {
  if (!path.startsWith(base)) return false;
  const next = path.charAt(base.length);
  return next === '' || next === '/' || next === '?' || next === '#' || base.endsWith('/');
}
