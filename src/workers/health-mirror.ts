import type { MountConfig } from '../config/config';
import type { EventLog } from '../observe/log';
import { isCostly } from '../upstream/circuit';
import type { HealthBoard } from '../upstream/health-board';
import type { MountStatus, TargetStatus } from '../upstream/status';
import { StatusListeners, type StatusListener } from '../upstream/status-listeners';
import { groupsFor, type ConnectWatcher, type TargetGroup, type TargetState } from '../upstream/target-group';
import { initialHealth } from '../upstream/transition';
import type { HealthNews, PrimaryCalls } from './calls';
import type { Channel } from './channel';

/** Milliseconds: of a mount whose requests fail, the primary is told no more often. */
const nudgeEvery = 100;

/** What the primary knows of the tools, in a worker; and what the worker's own requests find, for the primary to know. */
export class HealthMirror implements HealthBoard {
  readonly #primary: Pick<Channel<PrimaryCalls>, 'tell'>;
  readonly #listeners: StatusListeners;
  readonly #connects: ConnectWatcher;
  /** Those whose last connect has failed. */
  readonly #failing = new WeakSet<TargetState>();
  readonly #nudgedAt = new Map<string, number>();
  #groups: ReadonlyMap<string, TargetGroup> = new Map();

  constructor(mounts: readonly MountConfig[], primary: Pick<Channel<PrimaryCalls>, 'tell'>, log: EventLog) {
    this.#primary = primary;
    this.#listeners = new StatusListeners(log);
    this.#connects = {
      connected: (target) => this.#connected(target),
      failed: (target, code) => {
        // More of the same would tell the primary nothing.
        if (target.circuit.isOpen && target.circuit.state.costly === isCostly(code)) return;
        this.#failing.add(target);
        primary.tell('failed', { ...nameOf(target), code });
      },
    };
    this.replace(mounts, this.groupsFor(mounts));
  }

  /** Takes over what the primary has found. News of targets that are not, or no longer, those of a mount is left. */
  take(news: HealthNews): void {
    for (const [path, snapshot] of news) {
      const group = this.#groups.get(path);
      if (group?.restore(snapshot) === true) this.#listeners.tell(group.mount, group.status);
    }
  }

  statusOf({ path }: Pick<MountConfig, 'path'>): MountStatus {
    return this.#groups.get(path)?.status ?? initialHealth(false, new Date()).status;
  }

  targetsOf({ path }: Pick<MountConfig, 'path'>): readonly TargetStatus[] {
    return this.#groups.get(path)?.targetStatuses ?? [];
  }

  onChange(listener: StatusListener): () => void {
    return this.#listeners.add(listener);
  }

  groupsFor(mounts: readonly MountConfig[]): ReadonlyMap<string, TargetGroup> {
    return groupsFor(mounts, this.#groups, this.#connects);
  }

  replace(mounts: readonly MountConfig[], groups: ReadonlyMap<string, TargetGroup>): void {
    this.#groups = groups;
    for (const mount of mounts) groups.get(mount.path)?.configure(mount);
    this.#nudgedAt.clear();
  }

  nudge({ path }: Pick<MountConfig, 'path'>): void {
    const now = performance.now();
    if (now - (this.#nudgedAt.get(path) ?? -Infinity) < nudgeEvery) return;
    this.#nudgedAt.set(path, now);
    this.#primary.tell('nudge', path);
  }

  #connected(target: TargetState): void {
    if (!this.#failing.delete(target) && !target.circuit.isOpen) return;
    this.#primary.tell('connected', nameOf(target));
  }
}

function nameOf({ mount, number }: TargetState) {
  return { path: mount.path, number };
}
