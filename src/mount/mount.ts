import { compileAccess, type AccessRules } from '../access/rules';
import type { MountConfig, Target } from '../config/config';
import { climbsOut, decodeUnreserved, isUnder, pathEnd } from './path';

/** A mount as requests use it: what can be known beforehand is worked out at start. */
export interface Mount {
  readonly config: MountConfig;
  /** The public prefix without a trailing slash: `` for the mount at `/`, else `/kpow`. */
  readonly base: string;
  /** What a trusted proxy in front has taken off before that: `/tools`; '' for nothing. See `behind`. */
  readonly outer: string;
  /** Whether the tool's pages are made to fit the prefix (`prefix: adopt`); never for the mount at `/`. */
  readonly adopts: boolean;
  /** null where it has none. */
  readonly access: AccessRules | null;
}

export function compileMount(config: MountConfig): Mount {
  const base = config.path === '/' ? '' : config.path;
  return { config, base, outer: '', adopts: config.prefix === 'adopt' && base !== '', access: compileAccess(config) };
}

/** The mount as though this were its only target, for what a request and its answer say of it. */
export function withTarget(mount: Mount, target: Target): Mount {
  return mount.config.target === target ? mount : { ...mount, config: { ...mount.config, target } };
}

/** The mount as people see it behind a proxy that takes a path off. @param outer that path; '' for none */
export function behind(mount: Mount, outer: string): Mount {
  return outer ? { ...mount, outer } : mount;
}

/** The path under which people see the mount; '' for one at the root of an address. */
export function publicBase({ outer, base }: Mount): string {
  return outer + base;
}

/**
 * The target as the tool gets it, byte for byte but for the prefix.
 * @param target origin-form, path and query
 * @param matched how many characters of it are the mount's prefix
 */
export function toUpstream(mount: Mount, target: string, matched: number): string {
  const { prefix, target: upstream } = mount.config;
  const rest = prefix === 'keep' ? target : target.slice(matched);
  return upstream.path + (rest.startsWith('/') ? rest : `/${rest}`);
}

/**
 * How many characters of a public target are the mount's prefix, as it is spelled there.
 * @returns null where it is outside
 */
export function prefixIn({ base }: Mount, target: string): number | null {
  const end = pathEnd(target);
  let cut = 0;
  for (let segments = base.split('/').length; segments > 1; segments--) {
    const slash = target.indexOf('/', cut + 1);
    cut = slash === -1 || slash > end ? end : slash;
  }
  return decodeUnreserved(target.slice(0, cut)) === base ? cut : null;
}

/**
 * A path (with what follows it) that the tool speaks of, as the browser must ask for it.
 * One that already carries the prefix is not doubled.
 * @param path absolute
 * @returns null when the gateway serves no such path: the tool lies at a base path, and this is outside it
 */
export function toPublic(mount: Mount, path: string): string | null {
  const { base, outer } = mount;
  const { prefix, target } = mount.config;
  if (isPublic(mount, path)) return path;
  // The tool knows its own prefix, and nothing of the one before it.
  if (prefix !== 'keep' && base !== '' && isUnder(path, base)) return outer + path;
  if (!isUnder(path, target.path)) return null;
  const inside = path.slice(target.path.length);
  const absolute = inside.startsWith('/') ? inside : `/${inside}`;
  return outer + (prefix === 'keep' ? absolute : base + absolute);
}

/** Whether a path that the tool speaks of already is the public one. */
function isPublic(mount: Mount, path: string): boolean {
  const { prefix, target } = mount.config;
  if (prefix === 'keep' && mount.outer === '') return target.path === '';
  return isUnderPublicBase(mount, path) || isInFront(mount, path);
}

/**
 * Whether a path lies under the front prefix, as a tool with its own path may write it: that prefix is all that it is told,
 * and it has no paths of its own there.
 */
function isInFront({ config: { prefix, target }, base, outer }: Mount, path: string): boolean {
  if (prefix !== 'keep' || outer === '' || !isUnder(path, outer) || isUnder(path, target.path + base)) return false;
  return !climbsOut(path.slice(outer.length));
}

/** Whether a path lies where people see the mount; at the root of an address that says nothing, and is false. */
export function isUnderPublicBase(mount: Mount, path: string): boolean {
  const base = publicBase(mount);
  return base !== '' && isUnder(path, base);
}

/**
 * A cookie's path as the browser must know it: always under the mount, whichever way the prefix is treated, since a
 * cookie at `/` would go to every other tool as well. Without a trailing slash where it is the mount itself, so that
 * it matches the bare prefix too (RFC 6265 §5.1.4).
 * @param path absolute, as the tool set it
 */
export function toPublicCookiePath(mount: Mount, path: string): string {
  const { base, outer } = mount;
  if (isUnderPublicBase(mount, path)) return path;
  if (base !== '' && isUnder(path, base)) return outer + path;
  // A browser is sent elsewhere in front as it is; a cookie for all of that is still for this mount alone.
  if (isInFront(mount, path)) return publicBase(mount);
  const { prefix, target } = mount.config;
  const root = prefix === 'keep' ? target.path + base : target.path;
  const inside = isUnder(path, root) ? path.slice(root.length) : isUnder(root, path) ? '' : path;
  return inside === '' || inside === '/' ? publicBase(mount) || '/' : publicBase(mount) + inside;
}

/** Whether a request is for the mount's path without its trailing slash, and needs it. */
export function lacksSlash(mount: Mount, target: string, matched: number): boolean {
  return mount.base !== '' && mount.config.trailingSlash === 'redirect' && matched === pathEnd(target);
}
