import { isUnderPublicBase, toPublic, type Mount } from '../mount/mount';
import { climbsOut } from '../mount/path';
import { originText, parseAuthority, type PublicOrigin } from './forwarded';

/** What a URL in an answer has to be understood against. */
export interface AnswerContext {
  readonly mount: Mount;
  readonly origin: PublicOrigin;
  /** The request's Host as it arrived: tools build URLs from it (Jetty always does). */
  readonly host: string;
  /** The request's target as the browser asked for it and as the tool got it. */
  readonly publicTarget: string;
  readonly upstreamTarget: string;
}

/** RFC 3986 appendix B: scheme, authority, path, and the rest (query and fragment). */
const reference = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is;

/**
 * Makes a URL of an answer (Location, Content-Location) point back under the mount's prefix when it points into the
 * tool: by the tool's own origin, by the public origin, or by an absolute path. nginx: `proxy_redirect`.
 * The result is path-absolute, so that neither scheme nor port can be wrong; another site's URL is returned untouched.
 */
export function fixLocation(value: string, context: AnswerContext): string {
  const [, scheme, authority, path = '', rest = ''] = reference.exec(value.trim()) ?? [];
  if (authority === undefined) {
    if (scheme !== undefined) return value;
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

/** Refresh: `5; url=/x` (HTML's meta refresh algorithm, also with quotes and without `url=`). */
export function fixRefresh(value: string, context: AnswerContext): string {
  const match = /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?)(["']?)([^"']*)(["']?.*)$/is.exec(value);
  if (!match?.[3]) return value;
  return `${match[1] ?? ''}${match[2] ?? ''}${fixLocation(match[3], context)}${match[4] ?? ''}`;
}

function fixPath(value: string, path: string, rest: string, { mount, origin }: AnswerContext): string {
  // At the tool `..` stops at the root; under a prefix it would climb on.
  const settled = climbsOut(path) ? new URL(path.replace(/^\/+/, '/'), 'http://host.invalid').pathname : path;
  const fixed = toPublic(mount, settled);
  if (fixed === null) return value;
  if (fixed === path && value.startsWith('/') && !value.startsWith('//')) return value;
  // At the root mount `//elsewhere/x` would be read as another host's name.
  return (fixed.startsWith('//') ? originText(origin) : '') + fixed + rest;
}

/**
 * A relative reference is right under any prefix, unless its `..` reach above the tool's root: there the tool's URLs
 * stop, and the public ones go on upwards.
 */
function fixRelative(value: string, path: string, { mount, publicTarget, upstreamTarget }: AnswerContext): string {
  if (!path.includes('..')) return value;
  const atTool = resolve(value, upstreamTarget);
  const inBrowser = resolve(value, publicTarget);
  if (!atTool || !inBrowser) return value;
  const fixed = toPublic(mount, atTool.pathname);
  if (fixed === null || fixed === inBrowser.pathname) return value;
  return fixed + atTool.search + atTool.hash;
}

function resolve(value: string, target: string): URL | null {
  const base = `http://host.invalid${target}`;
  return URL.canParse(value, base) ? new URL(value, base) : null;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an authority is the tool's own or the public one, with its port, a scheme's default one, or none. */
function isOurs(authority: string, { mount, origin, host }: AnswerContext): boolean {
  const said = parseAuthority(authority);
  if (!said) return false;
  const anyPort = said.port === null || said.port === 80 || said.port === 443;
  const isTool = mount.config.targets.some(({ hostname, port }) => {
    const tool = hostname.includes(':') ? `[${hostname.toLowerCase()}]` : hostname.toLowerCase();
    const same = said.hostname === tool || (loopback.has(said.hostname) && loopback.has(tool));
    return same && (anyPort || said.port === port);
  });
  if (isTool) return true;
  if (said.hostname === origin.hostname && (anyPort || said.port === origin.port)) return true;
  const asked = parseAuthority(host);
  return said.hostname === asked?.hostname && (anyPort || said.port === asked.port);
}
