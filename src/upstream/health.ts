import type { HealthConfig, MountConfig } from '../config/config';
import { spokenDuration } from '../observe/duration';
import type { EventLog } from '../observe/log';
import { usable } from './agent';
import { diagnose, type ProbeOutcome } from './diagnosis';
import { canConnect } from './connect-probe';
import { probe, type ProbeResult, type ProbeTls } from './probe';
import type { ProxyErrorCode } from './proxy-error';
import type { HealthBoard } from './health-board';
import { isWholeSentence, type MountStatus, type TargetStatus } from './status';
import { StatusListeners, type StatusListener } from './status-listeners';
import { groupsFor, type ConnectWatcher, type TargetGroup, type TargetState } from './target-group';
import { initialHealth, transition } from './transition';

export interface HealthMonitorOptions {
  /** File contents and settings for an https target, as they are in force. */
  readonly tlsOptionsOf: (mount: MountConfig) => ProbeTls;
  readonly log?: EventLog;
  /** Told what each probe found, also where that does not change the state yet. */
  readonly probed?: (mount: MountConfig, found: ProbeOutcome) => void;
}

/** The probing of one target. */
interface Watch {
  readonly group: TargetGroup;
  readonly target: TargetState;
  /** Since when it has not been healthy, whatever the reasons were meanwhile. */
  troubleSince: Date | null;
  timer: NodeJS.Timeout | null;
  /** Whether a request has failed since the last good probe. */
  suspected: boolean;
  /** When the timer ends, and when the last probe began, on the clock of `performance.now()`. */
  dueAt: number;
  startedAt: number;
  /** Set from the moment that a probe is asked for until it has ended. */
  probing: AbortController | null;
  /** Milliseconds until the next try of a target that takes no connections and has no health path. */
  backoff: number;
}

/** Several hundred mounts must not open several hundred connections in one moment. */
const PARALLEL = 50;

/** Milliseconds: failing requests bring the next probe forward, however many they are, no nearer than this. */
const NUDGE_EVERY = 1_000;

/** Milliseconds, of mounts that have none of their own. */
const CONNECT_TIMEOUT = 3_000;
const LONGEST_BACKOFF = 30_000;

/**
 * Probes the targets of mounts that have a `health`, and those that requests could not connect to, and keeps what is
 * known of all. Neither its timers nor an error of a tool or a listener holds or ends the process.
 */
export class HealthMonitor implements HealthBoard {
  readonly #tlsOptionsOf: HealthMonitorOptions['tlsOptionsOf'];
  readonly #log: EventLog | undefined;
  readonly #probed: HealthMonitorOptions['probed'];
  readonly #listeners: StatusListeners;
  readonly #waiting = new Set<Watch>();
  /** Mounts whose TLS files are known to be of no use. */
  readonly #told = new WeakSet<MountConfig>();
  readonly #connects: ConnectWatcher;
  #groups: ReadonlyMap<string, TargetGroup>;
  #watches = new Map<TargetState, Watch>();
  #running = 0;
  #started = false;

  constructor(mounts: readonly MountConfig[], options: HealthMonitorOptions) {
    this.#tlsOptionsOf = options.tlsOptionsOf;
    this.#log = options.log;
    this.#listeners = new StatusListeners(options.log);
    this.#probed = options.probed;
    this.#connects = {
      connected: (target) => {
        if (target.circuit.connected()) this.#closed(target);
      },
      failed: (target, code) => this.#failed(target, code),
    };
    this.#groups = new Map();
    this.replace(mounts);
  }

  /** Probes every target at once, and from then on each at its own interval. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const watch of this.#watches.values()) this.#enqueue(watch);
  }

  /** Ends all timers and probes. What is known stays. */
  stop(): void {
    this.#started = false;
    for (const watch of this.#watches.values()) this.#end(watch);
  }

  statusOf(mount: Pick<MountConfig, 'path'>): MountStatus {
    return this.#groups.get(mount.path)?.status ?? initialHealth(false, new Date()).status;
  }

  targetsOf(mount: Pick<MountConfig, 'path'>): readonly TargetStatus[] {
    return this.#groups.get(mount.path)?.targetStatuses ?? [];
  }

  onChange(listener: StatusListener): () => void {
    return this.#listeners.add(listener);
  }

  groupsFor(mounts: readonly MountConfig[]): ReadonlyMap<string, TargetGroup> {
    return groupsFor(mounts, this.#groups, this.#connects);
  }

  /** What is known of a mount's targets, by the mount's path. */
  groupOf(path: string): TargetGroup | undefined {
    return this.#groups.get(path);
  }

  /** A target of a mount, by its number. */
  targetOf({ path, number }: { readonly path: string; readonly number: number }): TargetState | undefined {
    return this.#groups.get(path)?.targets[number - 1];
  }

  replace(mounts: readonly MountConfig[], groups = this.groupsFor(mounts)): void {
    const before = this.#watches;
    this.#groups = groups;
    this.#watches = new Map();
    for (const mount of mounts) {
      const group = groups.get(mount.path);
      group?.configure(mount);
      for (const target of group?.targets ?? []) {
        const known = before.get(target);
        const watch = known ?? newWatch(group as TargetGroup, target);
        this.#watches.set(target, watch);
        before.delete(target);
        if (!known && this.#started) this.#enqueue(watch);
      }
    }
    for (const gone of before.values()) this.#end(gone);
  }

  /** A request has just failed: looks after the mount's targets now, or one second after the last probe began. */
  nudge(mount: Pick<MountConfig, 'path'>): void {
    for (const target of this.#groups.get(mount.path)?.targets ?? []) {
      const watch = this.#watches.get(target);
      if (watch !== undefined) watch.suspected = true;
      if (!this.#started || watch === undefined || watch.probing !== null || !isProbed(watch)) continue;
      const now = performance.now();
      const dueAt = Math.max(now, watch.startedAt + NUDGE_EVERY);
      if (dueAt < watch.dueAt) this.#schedule(watch, dueAt - now);
    }
  }

  #schedule(watch: Watch, delay: number): void {
    if (watch.timer !== null) clearTimeout(watch.timer);
    watch.dueAt = performance.now() + delay;
    watch.timer = setTimeout(() => this.#enqueue(watch), delay).unref();
  }

  #enqueue(watch: Watch): void {
    watch.dueAt = Infinity;
    if (!isProbed(watch) || watch.probing !== null) return;
    watch.probing = new AbortController();
    this.#waiting.add(watch);
    this.#runWaiting();
  }

  #runWaiting(): void {
    for (const watch of this.#waiting) {
      if (this.#running >= PARALLEL) return;
      this.#waiting.delete(watch);
      if (watch.probing !== null) void this.#run(watch, watch.probing.signal);
    }
  }

  async #run(watch: Watch, signal: AbortSignal): Promise<void> {
    this.#running += 1;
    watch.startedAt = performance.now();
    try {
      const settle = await this.#look(watch, signal);
      if (!signal.aborted) {
        watch.probing = null;
        settle();
      }
    } catch (error) {
      this.#broke(watch, signal, error);
    } finally {
      this.#running -= 1;
      this.#runWaiting();
    }
  }

  /** A look has failed by itself, whatever the tool may be like: that costs this look alone. */
  #broke(watch: Watch, signal: AbortSignal, error: unknown): void {
    const { mount } = watch.target;
    this.#log?.error({ err: error, mount: mount.path }, `${nameOf(watch.target)} could not be looked at`);
    if (signal.aborted) return;
    watch.probing = null;
    if (isChecked(mount)) this.#schedule(watch, mount.health.interval);
    else this.#tryAgain(watch);
  }

  /** @returns what is to be done with what was found */
  async #look(watch: Watch, signal: AbortSignal): Promise<() => void> {
    const { target } = watch;
    const { mount } = target;
    if (isChecked(mount)) {
      const result = await this.#probe(mount, signal);
      return () => {
        // Spread by a tenth, so that hundreds of mounts do not stay in step.
        this.#schedule(watch, mount.health.interval * (0.9 + 0.2 * Math.random()));
        this.#settle(watch, mount, result);
      };
    }
    const connected = await this.#canConnect(mount, signal);
    return () => {
      if (connected) target.connected();
      else if (target.circuit.isOpen) this.#tryAgain(watch);
    };
  }

  #tryAgain(watch: Watch): void {
    this.#schedule(watch, watch.backoff);
    watch.backoff = Math.min(watch.backoff * 2, LONGEST_BACKOFF);
  }

  async #probe(mount: CheckedMount, signal: AbortSignal): Promise<ProbeResult> {
    const tls = this.#readTls(mount);
    if (tls === null) return { outcome: 'failed', reason: 'tls', code: 'ERR_TLS_FILES', phase: 'connect' };
    return probe(mount, tls, signal);
  }

  async #canConnect(mount: MountConfig, signal: AbortSignal): Promise<boolean> {
    const tls = this.#readTls(mount);
    if (tls === null) return false;
    try {
      return await canConnect(mount.target, tls, mount.timeouts.connect || CONNECT_TIMEOUT, signal);
    } catch (error) {
      this.#log?.error({ err: error, mount: mount.path }, `No connection to ${mount.name} can be tried`);
      return false;
    }
  }

  #readTls(mount: MountConfig): ProbeTls | null {
    try {
      return mount.target.protocol === 'https:' ? usable(this.#tlsOptionsOf(mount)) : {};
    } catch (error) {
      // Once: they are looked at again with another configuration, and not before.
      if (!this.#told.has(mount))
        this.#log?.error({ err: error, mount: mount.path }, `The TLS files of ${mount.name} cannot be used`);
      this.#told.add(mount);
      return null;
    }
  }

  #settle(watch: Watch, mount: CheckedMount, result: ProbeResult): void {
    const { target, group } = watch;
    const { state } = diagnose(result, mount.health);
    this.#probed?.(mount, state);
    const before = target.health.status;
    target.health = transition(target.health, result, mount.health, new Date(), watch.suspected);
    if (state === 'healthy') watch.suspected = false;
    const after = target.health.status;
    this.#logChange(watch, mount, before, result);
    watch.troubleSince = after.state === 'healthy' ? null : (watch.troubleSince ?? after.since);
    // What has answered, or taken the request, takes connections.
    if (result.outcome === 'answered' || result.phase === 'answer' || result.phase === 'body') target.connected();
    if (looksDifferent(before, after)) this.#changed(group);
  }

  #failed(target: TargetState, code: ProxyErrorCode): void {
    const { blocks } = target.circuit;
    if (target.circuit.failed(code)) this.#opened(target, code);
    else if (target.circuit.blocks !== blocks) this.#circuitChanged(target);
  }

  #opened(target: TargetState, code: ProxyErrorCode): void {
    const { mount } = target;
    const watch = this.#watches.get(target);
    const { failures } = mount.circuit;
    this.#log?.warn(
      { mount: mount.path, target: mount.target.authority, code },
      `${nameOf(target)} took none of ${failures} connections in a row, and is left alone until it does`,
    );
    if (watch && this.#started && watch.probing === null) {
      watch.backoff = mount.circuit.retry;
      if (isChecked(mount)) this.nudge(mount);
      else this.#tryAgain(watch);
    }
    this.#circuitChanged(target);
  }

  #closed(target: TargetState): void {
    const { mount } = target;
    this.#log?.info({ mount: mount.path, target: mount.target.authority }, `${nameOf(target)} takes connections again`);
    this.#circuitChanged(target);
  }

  #circuitChanged(target: TargetState): void {
    const watch = this.#watches.get(target);
    if (watch) this.#changed(watch.group);
  }

  /** Something that people see of a mount has changed, and perhaps where its requests go. */
  #changed(group: TargetGroup): void {
    const from = group.settle();
    const { mount, active, status } = group;
    if (from && mount.balance === 'active-standby') {
      const fields = { mount: mount.path, from: from.mount.target.authority, to: active.mount.target.authority };
      const text = `Requests for ${mount.name} go to target ${active.number} from here on, no more to target ${from.number}`;
      this.#log?.[active.number < from.number ? 'info' : 'warn'](fields, text);
    }
    this.#listeners.tell(mount, status);
  }

  #logChange({ target, troubleSince }: Watch, mount: MountConfig, before: MountStatus, result: ProbeResult): void {
    const after = target.health.status;
    if (before.state === after.state && before.reason === after.reason) return;
    const fields = {
      mount: mount.path,
      target: mount.target.authority,
      state: after.state,
      reason: after.reason,
      code: result.outcome === 'failed' ? result.code : null,
      advice: after.advice,
    };
    const name = nameOf(target);
    if (after.state !== 'healthy') {
      this.#log?.warn(fields, `${name}${isWholeSentence(after.detail) ? ':' : ''} ${after.detail}`);
    } else if (troubleSince === null) {
      this.#log?.debug(fields, `${name} is healthy`);
    } else {
      const outage = spokenDuration(after.since.getTime() - troubleSince.getTime());
      this.#log?.info(fields, `${name} is healthy again after ${outage}`);
    }
  }

  #end(watch: Watch): void {
    if (watch.timer !== null) clearTimeout(watch.timer);
    watch.timer = null;
    this.#waiting.delete(watch);
    watch.probing?.abort();
    watch.probing = null;
  }
}

type CheckedMount = MountConfig & { readonly health: HealthConfig };

const isChecked = (mount: MountConfig): mount is CheckedMount => mount.health !== null;

const isProbed = ({ target }: Watch) => isChecked(target.mount) || target.circuit.isOpen;

function nameOf({ mount, number }: TargetState): string {
  return mount.targets.length > 1 ? `${mount.name} (target ${number})` : mount.name;
}

function newWatch(group: TargetGroup, target: TargetState): Watch {
  return {
    group,
    target,
    troubleSince: null,
    suspected: false,
    timer: null,
    dueAt: Infinity,
    startedAt: -Infinity,
    probing: null,
    backoff: target.mount.circuit.retry,
  };
}

/** `checkedAt` alone is nothing to tell people about. */
const looksDifferent = (a: MountStatus, b: MountStatus) =>
  a.state !== b.state || a.reason !== b.reason || a.detail !== b.detail || a.latency !== b.latency;
