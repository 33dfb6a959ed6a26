import { nearest } from '../config/spelling';
import type { Mount } from '../mount/mount';
import { decodeUnreserved, isUnder, pathOf } from '../mount/path';

/** A mount that a request is not for, though somebody may have thought so. */
export interface NearMount {
  readonly path: string;
  readonly reason: string;
}

/**
 * @param target origin-form
 * @param matched the mount that the request is for
 */
export function nearMounts(target: string, mounts: readonly Mount[], matched: Mount | null): NearMount[] {
  const path = decodeUnreserved(pathOf(target));
  const others = mounts.filter((mount) => mount !== matched);
  const near = others.flatMap(({ base, config }) => {
    const reason = whyNot(path, base, matched);
    return reason === null ? [] : [{ path: config.path, reason }];
  });
  if (near.length > 0 || matched) return near;
  const segments = path.split('/').length;
  const meant = others.map(({ base }) => base).filter((base) => base.split('/').length <= segments);
  const first = path.split('/').slice(0, 2).join('/');
  const spelled = nearest(first, meant);
  return spelled === null ? [] : [{ path: spelled, reason: `is spelled much like ${first}` }];
}

function whyNot(path: string, base: string, matched: Mount | null): string | null {
  if (isUnder(path, base)) {
    // Of the mount at `/` everybody knows that it takes the rest.
    return matched && base !== '' ? `${matched.config.path} is longer, and the longest wins` : null;
  }
  if (base === '') return null;
  if (path.startsWith(base)) return 'only whole segments count: a slash has to follow, or nothing';
  if (isUnder(path.toLowerCase(), base.toLowerCase())) return 'upper and lower case count';
  if (isUnder(path.replace(/\/{2,}/g, '/'), base)) return 'there are slashes too many in front';
  return null;
}
