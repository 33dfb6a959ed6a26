import { isUnderPublicBase, toPublic } from '../mount/mount';
import { climbsOut } from '../mount/path';
import { parseUrl } from '../parse-url';
import { isPublicAuthority, isToolAuthority, type Addresses } from './addresses';
import { originText, parseAuthority } from './forwarded';

/** What a URL in an answer has to be understood against. */
export interface AnswerContext extends Addresses {
  /** The request's target as the browser asked for it and as the tool got it. */
  readonly publicTarget: string;
  readonly upstreamTarget: string;
}

/** RFC 3986 appendix B: scheme, authority, path, and the rest (query and fragment). */
export const urlParts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is;

/**
 * Makes a URL of an answer (Location, Content-Location) point back under the mount's prefix when it points into the
 * tool: by the tool's own origin, by the public origin, or by an absolute path. nginx: `proxy_redirect`.
 * The result is path-absolute, so that neither scheme nor port can be wrong; another site's URL is returned untouched.
 */
export function fixLocation(value: string, context: AnswerContext): string {
  const [, scheme, authority, path = '', rest = ''] = urlParts.exec(value.trim()) ?? [];
  if (authority === undefined) {
    if (scheme !== undefined) return value;
    if (startsWithBackslash.test(path)) return fixPath(value, path.replaceAll('\\', '/'), rest, context);
    return path.startsWith('/') ? fixPath(value, path, rest, context) : fixRelative(value, path, context);
  }
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return value;
  if (!isOurs(authority, context)) return value;
  const { origin, mount } = context;
  const absolute = path === '' ? '/' : path;
  // Right as it stands: the tool knows its public address.
  const exact = scheme?.toLowerCase() === origin.proto && authority.toLowerCase() === origin.authority.toLowerCase();
  const knows = mount.config.prefix === 'keep' && mount.outer === '';
  if (exact && (knows || isUnderPublicBase(mount, absolute))) return value;
  return fixPath(value, absolute, rest, context);
}

/** Browsers read it as a slash (WHATWG URL §4.4, relative state); two of either begin another host's URL. */
const startsWithBackslash = /^\\(?!\t*[/\\])/;

/** Refresh: `5; url=/x` (HTML's meta refresh algorithm, also with quotes, and without `url=` or the semicolon). */
export function fixRefresh(value: string, context: AnswerContext): string {
  const match = /^(\s*[\d.]+(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?)(["']?)([^"']*)(["']?.*)$/is.exec(value);
  if (!match?.[3]) return value;
  return `${match[1] ?? ''}${match[2] ?? ''}${fixLocation(match[3], context)}${match[4] ?? ''}`;
}

function fixPath(value: string, path: string, rest: string, { mount, origin }: AnswerContext): string {
  // At the tool `..` stops at the root; under a prefix it would climb on.
  const fixed = toPublic(mount, climbsOut(path) ? settled(path) : path);
  if (fixed === null) return value;
  if (fixed === path && value.startsWith('/') && !value.startsWith('//')) return value;
  return (looksLikeAHost.test(fixed) ? originText(origin) : '') + fixed + rest;
}

/** At the root mount `//elsewhere/x` would be read as another host's name; a backslash counts, and a tab does not. */
const looksLikeAHost = /^\/\t*[/\\]/;

/**
 * A path without its dot segments, which stop at the root. It is put behind a host, not resolved against it: `/\a:99999999`
 * alone would be read as a host with a port that does not exist.
 */
function settled(path: string): string {
  return new URL(`http://${nowhere}${path.replace(/^\/+/, '/')}`).pathname;
}

/**
 * A relative reference is right under any prefix, unless its `..` reach above the tool's root: there the tool's URLs
 * stop, and the public ones go on upwards.
 */
function fixRelative(value: string, path: string, { mount, publicTarget, upstreamTarget }: AnswerContext): string {
  if (!path.includes('..')) return value;
  const atTool = resolve(value, upstreamTarget);
  const inBrowser = resolve(value, publicTarget);
  // With backslashes for slashes it may name another host after all.
  if (atTool?.host !== nowhere || inBrowser?.host !== nowhere) return value;
  const fixed = toPublic(mount, atTool.pathname);
  if (fixed === null || fixed === inBrowser.pathname) return value;
  return fixed + atTool.search + atTool.hash;
}

const nowhere = 'host.invalid';

function resolve(value: string, target: string): URL | null {
  const base = `http://${nowhere}${target}`;
  return parseUrl(value, base);
}

/** Whether an authority is the tool's own or the public one. */
function isOurs(authority: string, context: AnswerContext): boolean {
  const said = parseAuthority(authority);
  return said !== null && (isToolAuthority(said, context.mount) || isPublicAuthority(said, context));
}
