import type { MountConfig } from '../config/config';
import type { StatusBoard } from './status';
import type { TargetGroup } from './target-group';

/** What a gateway knows of its tools, and whom it tells of its own experience with them. */
export interface HealthBoard extends StatusBoard {
  /**
   * The targets of mounts, by the mounts' paths, for `replace`: those with the same path, targets and health keep what
   * is known of them. Nothing is changed.
   */
  groupsFor(mounts: readonly MountConfig[]): ReadonlyMap<string, TargetGroup>;
  /** Takes over a reloaded configuration. @param groups of `groupsFor`, given the same mounts */
  replace(mounts: readonly MountConfig[], groups: ReadonlyMap<string, TargetGroup>): void;
  /** A request has just failed. */
  nudge(mount: Pick<MountConfig, 'path'>): void;
}
