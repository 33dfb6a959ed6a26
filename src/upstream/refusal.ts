import type { MountConfig } from '../config/config';
import type { ProxyErrorCode } from './proxy-error';
import type { MountStatus } from './status';

/** What kPow serves in its ERROR state as well, and what others watch it by. */
const kpowAlways = new Set(['/up', '/healthy', '/metrics/v1', '/offsets/v1', '/streams/v1']);

/**
 * Whether a request is refused because the tool itself says that it is not well. A tool that cannot be reached is tried
 * all the same (it may just have come back), and so is one whose health path seems to be the wrong one.
 * @param path at the tool, without the query
 * @returns the failure, or null to let the request through
 */
export function refusalOf(mount: MountConfig, status: MountStatus, path: string): ProxyErrorCode | null {
  if (status.state !== 'unhealthy' || status.reason === 'answered-other') return null;
  if (mount.health?.whenUnhealthy !== 'refuse' || path === mount.health.path) return null;
  if (mount.kind === 'kpow' && kpowAlways.has(path)) return null;
  return status.reason === 'kpow-error-state' ? 'KPOW_ERROR_STATE' : 'UPSTREAM_UNHEALTHY';
}
