import { refusalByAccess, type Asked } from '../access/rules';
import type { MountConfig, MountLimits } from '../config/config';
import { hasField } from '../headers/raw';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import { refusalOf } from '../upstream/refusal';
import type { MountStatus } from '../upstream/status';
import { refusalByDestination } from './destination';
import { lacksSlash, toUpstream, type Mount } from './mount';
import { climbsOut, isUnder, pathEnd, pathOf } from './path';
import type { MountTable } from './table';

/** A request's way to a tool. */
export interface Passage {
  readonly mount: Mount;
  /** Origin-form, as the tool is to get it. */
  readonly upstreamTarget: string;
  /** Whether it is a handshake that came without the slash behind the mount's path, and goes to the tool with it. */
  readonly slashAdded: boolean;
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
  const lacking = lacksSlash(mount, target, matched);
  // Browsers follow no redirect of a handshake: it goes to the tool as though it had the slash.
  const slashAdded = lacking && asked.websocket;
  const whole = slashAdded ? `${target.slice(0, matched)}/${target.slice(matched)}` : target;
  const upstreamTarget = toUpstream(mount, whole, matched);
  const redirect = lacking && !slashAdded ? `${asked.view.prefix}${mount.base}/${target.slice(matched)}` : null;
  let refusal: ProxyErrorCode | null = null;
  if (target.includes('.') || target.includes('%')) {
    if (climbsOut(pathOf(target).slice(matched))) refusal = 'PATH_ESCAPES';
  }
  if (refusal === null && (mount.access || asked.websocket))
    refusal = refusalByAccess(mount.access, pathOf(whole).slice(matched), asked);
  // The folder of a worker's script is its scope: of one at `/tool` that is the whole site.
  const isBare = mount.base !== '' && matched === pathEnd(target);
  if (isBare && refusal === null && redirect === null && hasField(asked.raw, 'service-worker')) refusal = 'PATH_DENIED';
  refusal ??= refusalByDestination(mount, asked, table);
  // A redirect does no harm to a tool that is not well.
  if (refusal === null && redirect === null) {
    refusal = refusalByHealth(mount, upstreamTarget, statusOf(mount.config));
  }
  return { mount, upstreamTarget, slashAdded, redirect, refusal };
}

/** Whether a body of so many bytes is more than a tool may get. */
export function isTooLarge(bytes: number, { body }: MountLimits): boolean {
  return body > 0 && bytes > body;
}

/** Why a tool in this state is not asked; null where it is: the part of a passage that changes with time. */
export function refusalByHealth(mount: Mount, upstreamTarget: string, status: MountStatus): ProxyErrorCode | null {
  return status.state === 'unhealthy' ? refusalOf(mount.config, status, pathOf(upstreamTarget)) : null;
}
