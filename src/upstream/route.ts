import type { Target } from '../config/config';
import type { Mount } from '../mount/mount';
import type { UpstreamTlsOptions } from './agent';
import type { Connections } from './connections';
import type { Gate } from './gate';
import type { StickyTargets } from './sticky';
import type { TargetGroup, TargetState } from './target-group';

/** One target of a mount, as requests use it. */
export interface Upstream {
  /** The mount as though this were its only target. */
  readonly mount: Mount;
  readonly target: Target;
  readonly tls: UpstreamTlsOptions;
  /** Bytes that the head of an answer may have. */
  readonly maxHead: number;
  readonly connections: Connections;
  readonly state: TargetState;
}

/** Where the requests of a mount go. */
export class Route {
  readonly upstreams: readonly Upstream[];
  readonly gate: Gate;
  /** null where nobody needs to stay with a target. */
  readonly sticky: StickyTargets | null;
  readonly #group: TargetGroup;
  readonly #only: Upstream | null;
  readonly #balanced: boolean;
  /** Where the search for the least busy target begins, so that of several equal ones each has its turn. */
  #turn = 0;

  /** @param upstreams as many as the group's targets, in their order */
  constructor(upstreams: readonly Upstream[], group: TargetGroup, gate: Gate, sticky: StickyTargets | null) {
    this.upstreams = upstreams;
    this.gate = gate;
    this.sticky = sticky;
    this.#group = group;
    this.#only = upstreams.length === 1 ? (upstreams[0] ?? null) : null;
    this.#balanced = group.mount.balance === 'least-connections';
  }

  /** Whether a request that could not connect may be sent to another target. */
  get hasOthers(): boolean {
    return this.#only === null;
  }

  /**
   * The target of a request.
   * @param preferred that of the requests before it; taken while it is well
   * @param tried those that it could not connect to
   * @returns null where none is worth a try at present
   */
  choose(preferred: Upstream | null, tried: readonly Upstream[] = none): Upstream | null {
    const only = this.#only;
    if (only !== null) return tried.length > 0 || only.state.circuit.blocks ? null : only;
    if (preferred?.state.isUsable === true && !tried.includes(preferred)) return preferred;
    const open = this.upstreams.filter((upstream) => !upstream.state.circuit.blocks && !tried.includes(upstream));
    const best = Math.min(...open.map(({ state }) => state.rank));
    const equal = open.filter(({ state }) => state.rank === best);
    if (this.#balanced) return this.#leastBusy(equal);
    return equal.find(({ state }) => state === this.#group.active) ?? equal[0] ?? null;
  }

  #leastBusy(upstreams: readonly Upstream[]): Upstream | null {
    const first = this.#turn++;
    let least: Upstream | null = null;
    for (let i = 0; i < upstreams.length; i++) {
      const upstream = upstreams[(first + i) % upstreams.length];
      if (upstream && (!least || upstream.connections.inUse < least.connections.inUse)) least = upstream;
    }
    return least;
  }
}

const none: readonly Upstream[] = [];
