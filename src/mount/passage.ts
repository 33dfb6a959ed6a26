import { refusalByAccess, type Asked } from '../access/rules';
import type { MountConfig, MountLimits } from '../config/config';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import { refusalOf } from '../upstream/refusal';
import type { MountStatus } from '../upstream/status';
import { slashRedirect, toUpstream, type Mount } from './mount';
import { climbsOut, isUnder, pathOf } from './path';
import type { MountTable } from './table';

/** A request's way to a tool. */
export interface Passage {
  readonly mount: Mount;
  /** Origin-form, as the tool is to get it. */
  readonly upstreamTarget: string;
  /** Where the client is sent instead, path-absolute; null where it is let through. */
  readonly redirect: string | null;
  /** Why it is not let through; null where it is. */
  readonly refusal: ProxyErrorCode | null;
}

/**
 * Finds the tool that a target is for.
 * @param target origin-form
 * @returns null for what is no tool's: the gateway's own paths are nobody's, also when a tool is mounted at `/`
 */
export function passageOf(
  target: string,
  asked: Asked,
  table: MountTable,
  statusOf: (mount: MountConfig) => MountStatus,
): Passage | null {
  const match = isUnder(target, '/-') ? null : table.match(target);
  if (!match) return null;
  const { mount, matched } = match;
  const upstreamTarget = toUpstream(mount, target, matched);
  const redirect = slashRedirect(mount, target, matched);
  let refusal: ProxyErrorCode | null = null;
  if (target.includes('.') || target.includes('%')) {
    if (climbsOut(pathOf(target).slice(matched))) refusal = 'PATH_ESCAPES';
  }
  if (refusal === null && (mount.access || asked.websocket))
    refusal = refusalByAccess(mount.access, pathOf(target).slice(matched), asked);
  // A redirect does no harm to a tool that is not well.
  if (refusal === null && redirect === null) {
    refusal = refusalByHealth(mount, upstreamTarget, statusOf(mount.config));
  }
  return { mount, upstreamTarget, redirect, refusal };
}

/** Whether a body of so many bytes is more than a tool may get. */
export function isTooLarge(bytes: number, { body }: MountLimits): boolean {
  return body > 0 && bytes > body;
}

/** Why a tool in this state is not asked; null where it is: the part of a passage that changes with time. */
export function refusalByHealth(mount: Mount, upstreamTarget: string, status: MountStatus): ProxyErrorCode | null {
  return status.state === 'unhealthy' ? refusalOf(mount.config, status, pathOf(upstreamTarget)) : null;
}
