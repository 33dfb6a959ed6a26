import { isDeepStrictEqual } from 'node:util';
import type { MountConfig } from '../config/config';
import { Circuit, type CircuitState } from './circuit';
import type { ProxyErrorCode } from './proxy-error';
import type { MountStatus, TargetStatus } from './status';
import { initialHealth, isSameState, type Health } from './transition';

/** Who hears of each connect to a target, and keeps its circuit. */
export interface ConnectWatcher {
  connected(target: TargetState): void;
  failed(target: TargetState, code: ProxyErrorCode): void;
}

/** What is known of a mount's targets, to be told to another process. */
export interface GroupSnapshot {
  /** What the targets are. */
  readonly of: string;
  readonly status: MountStatus;
  /** The index of the one that requests go to. */
  readonly active: number;
  readonly targets: readonly { readonly health: Health; readonly circuit: CircuitState }[];
}

/** What is known of one target: by its probes, and by requests that tried to connect. */
export class TargetState {
  /** The mount as though this were its only target. */
  mount: MountConfig;
  /** From 1, in the order of the configuration. */
  readonly number: number;
  readonly circuit: Circuit;
  health: Health;
  readonly #watcher: ConnectWatcher;

  constructor(mount: MountConfig, number: number, watcher: ConnectWatcher) {
    this.mount = mount;
    this.number = number;
    this.circuit = new Circuit(mount.circuit.failures);
    this.health = initialHealth(mount.health !== null, new Date());
    this.#watcher = watcher;
  }

  /** Whether requests go there where the choice is free. */
  get isUsable(): boolean {
    return this.rank === 0;
  }

  /** The lower, the likelier a request is answered: well, or not known to be otherwise; answering all the same; neither. */
  get rank(): number {
    const out = this.circuit.isOpen;
    switch (this.health.status.state) {
      case 'healthy':
      case 'unknown':
      case 'unchecked':
        return out ? 2 : 0;
      case 'unhealthy':
        return out ? 2 : 1;
      case 'unreachable':
        return out ? 3 : 2;
    }
  }

  /** A connection has been made. */
  connected(): void {
    this.#watcher.connected(this);
  }

  /** None could be made. */
  failed(code: ProxyErrorCode): void {
    this.#watcher.failed(this, code);
  }
}

/** The targets of a mount, and which of them is the one that requests go to. */
export class TargetGroup {
  mount: MountConfig;
  readonly targets: readonly TargetState[];
  #active: TargetState;
  /** The mount's status, and that of the target which it was made of. */
  #status: MountStatus;
  #from: MountStatus;

  constructor(mount: MountConfig, watcher: ConnectWatcher) {
    this.mount = mount;
    this.targets = eachTarget(mount).map((one, index) => new TargetState(one, index + 1, watcher));
    this.#active = this.targets[0] as TargetState;
    this.#status = this.#from = this.#active.health.status;
  }

  /** The first that is well; while none is, the one that is least unwell. */
  get active(): TargetState {
    return this.#active;
  }

  /** The mount's: that of its active target, but for when it began: another target in the same state changes nothing. */
  get status(): MountStatus {
    const { status } = this.#active.health;
    if (status !== this.#from) {
      const same = this.targets.length > 1 && isSameState(this.#status, status);
      this.#status = same ? { ...status, since: this.#status.since } : status;
      this.#from = status;
    }
    return this.#status;
  }

  /** What there is to show of the targets; [] where there is one, whose status is the mount's. */
  get targetStatuses(): readonly TargetStatus[] {
    if (this.targets.length === 1) return [];
    const balanced = this.mount.balance !== 'active-standby';
    return this.targets.map((target) => ({
      number: target.number,
      status: target.health.status,
      outSince: target.circuit.openSince,
      active: balanced ? target.isUsable : target === this.#active,
    }));
  }

  /** Takes over a reloaded mount with the same targets. */
  configure(mount: MountConfig): void {
    this.mount = mount;
    eachTarget(mount).forEach((one, index) => {
      const target = this.targets[index];
      if (target) target.mount = one;
    });
  }

  get snapshot(): GroupSnapshot {
    const targets = this.targets.map(({ health, circuit }) => ({ health, circuit: circuit.state }));
    return { of: this.#names, status: this.status, active: this.#active.number - 1, targets };
  }

  /** Takes over what another process knows. @returns false where it knows it of other targets: nothing is changed */
  restore({ of, status, active, targets }: GroupSnapshot): boolean {
    if (of !== this.#names) return false;
    targets.forEach(({ health, circuit }, index) => {
      const target = this.targets[index];
      if (!target) return;
      target.health = health;
      target.circuit.state = circuit;
    });
    this.#active = this.targets[active] ?? this.#active;
    this.#status = status;
    this.#from = this.#active.health.status;
    return true;
  }

  get #names(): string {
    return JSON.stringify([this.mount.targets, this.mount.health]);
  }

  /** Chooses anew after something has become known. @returns the target that was active, where another is now */
  settle(): TargetState | null {
    const before = this.#active;
    const best = Math.min(...this.targets.map(({ rank }) => rank));
    // Between two that are both down there is nothing to be won by changing.
    if (best === 0 || best < before.rank) this.#active = this.targets.find(({ rank }) => rank === best) ?? before;
    return before === this.#active ? null : before;
  }
}

/**
 * The targets of mounts, by the mounts' paths: those with the same path, targets and health keep what is known of them.
 */
export function groupsFor(
  mounts: readonly MountConfig[],
  known: ReadonlyMap<string, TargetGroup>,
  watcher: ConnectWatcher,
): ReadonlyMap<string, TargetGroup> {
  return new Map(
    mounts.map((mount) => {
      const group = known.get(mount.path);
      const kept = group !== undefined && isSameUpstream(group.mount, mount);
      return [mount.path, kept ? group : new TargetGroup(mount, watcher)];
    }),
  );
}

const isSameUpstream = (a: MountConfig, b: MountConfig) =>
  isDeepStrictEqual([a.targets, a.health, a.kind, a.circuit], [b.targets, b.health, b.kind, b.circuit]);

/** A mount for each of its targets. */
function eachTarget(mount: MountConfig): MountConfig[] {
  return mount.targets.length === 1 ? [mount] : mount.targets.map((target) => ({ ...mount, target }));
}
