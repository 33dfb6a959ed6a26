import { refusalByAccess, type Asked } from '../access/rules';
import { valuesOf } from '../headers/raw';
import { readNamedUrl } from '../headers/webdav';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import type { Mount } from './mount';
import { climbsOut, isUnder } from './path';
import type { MountTable } from './table';

/**
 * Why a MOVE or COPY is not let through for where it leads; null where it is. A tool whose prefix is taken off would take a
 * path outside the mount for one of its own, and put the file there: RFC 4918 §9.9.4 has 502 for a destination in another
 * part of the same server. Inside, it is held to what a request for that path would be held to. The URL of another server
 * is the tool's to refuse, but tools that heed nothing of it but the path must not get behind these rules by it.
 */
export function refusalByDestination(mount: Mount, asked: Asked, table: MountTable): ProxyErrorCode | null {
  if (asked.method !== 'MOVE' && asked.method !== 'COPY') return null;
  for (const value of valuesOf(asked.raw, 'destination')) {
    const inside = insideOf(value, mount, asked, table);
    if (inside === null) return 'DESTINATION_OUTSIDE';
    if (climbsOut(inside)) return 'PATH_ESCAPES';
    const refusal = refusalByAccess(mount.access, inside, asked);
    if (refusal !== null) return refusal;
    if (isAmbiguous(value.trim(), mount, asked)) return 'DESTINATION_OUTSIDE';
  }
  return null;
}

/** The path inside the mount; null for one outside of it, or of the tool's base path. */
function insideOf(value: string, mount: Mount, { view }: Asked, table: MountTable): string | null {
  const { side, path } = readNamedUrl(value, mount, view);
  const match = isUnder(path, '/-') ? null : table.match(path);
  if (match?.mount === mount) return path.slice(match.matched);
  if (side === 'public') return null;
  const base = mount.config.target.path;
  if (!path.startsWith('/')) return `/${path}`;
  return isUnder(path, base) ? path.slice(base.length) : null;
}

/**
 * What is neither a URL with a host nor a path (RFC 4918 §10.3), and of which tools make different paths: URL parsers read
 * `//x/y` and `http:\\x\y` as `/y`, and drop a tab also between two dots.
 */
function isAmbiguous(value: string, mount: Mount, { view }: Asked): boolean {
  if (value.includes('\t')) return true;
  if (!value.startsWith('//') && !value.includes('\\')) return false;
  return readNamedUrl(value, mount, view).side === 'elsewhere';
}
