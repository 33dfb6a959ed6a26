import { isDeepStrictEqual } from 'node:util';
import type { HealthConfig, MountConfig } from '../config/config';
import { spokenDuration } from '../observe/duration';
import type { EventLog } from '../observe/log';
import { diagnose, type ProbeOutcome } from './diagnosis';
import { probe, type ProbeResult, type ProbeTls } from './probe';
import type { MountStatus, StatusBoard } from './status';
import { initialHealth, transition, type Health } from './transition';

export interface HealthMonitorOptions {
  /** File contents and settings for an https target; asked for before each probe, so renewed files count. */
  readonly tlsOptionsOf: (mount: MountConfig) => ProbeTls;
  readonly log?: EventLog;
  /** Told what each probe found, also where that does not change the state yet. */
  readonly probed?: (mount: MountConfig, found: ProbeOutcome) => void;
}

type Listener = (mount: MountConfig, status: MountStatus) => void;

interface Watch {
  mount: MountConfig;
  health: Health;
  /** Since when it has not been healthy, whatever the reasons were meanwhile. */
  troubleSince: Date | null;
  timer: NodeJS.Timeout | null;
  /** When the timer ends, and when the last probe began, on the clock of `performance.now()`. */
  dueAt: number;
  startedAt: number;
  /** Set from the moment that a probe is asked for until it has ended. */
  probing: AbortController | null;
}

/** Several hundred mounts must not open several hundred connections in one moment. */
const PARALLEL = 50;

/** Milliseconds: failing requests bring the next probe forward, however many they are, no nearer than this. */
const NUDGE_EVERY = 1_000;

/**
 * Probes the mounts that have a `health` and keeps what is known of all. Neither its timers nor an error of a tool
 * or a listener holds or ends the process.
 */
export class HealthMonitor implements StatusBoard {
  readonly #tlsOptionsOf: HealthMonitorOptions['tlsOptionsOf'];
  readonly #log: EventLog | undefined;
  readonly #probed: HealthMonitorOptions['probed'];
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Set<Watch>();
  #watches: Map<string, Watch>;
  #running = 0;
  #started = false;

  constructor(mounts: readonly MountConfig[], options: HealthMonitorOptions) {
    this.#tlsOptionsOf = options.tlsOptionsOf;
    this.#log = options.log;
    this.#probed = options.probed;
    this.#watches = new Map(mounts.map((mount) => [mount.path, newWatch(mount)]));
  }

  /** Probes every mount at once, and from then on each at its own interval. */
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
    return this.#watches.get(mount.path)?.health.status ?? initialHealth(false, new Date()).status;
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes over a reloaded configuration. Mounts with the same path, target and health keep what is known of them. */
  replace(mounts: readonly MountConfig[]): void {
    const before = this.#watches;
    this.#watches = new Map();
    for (const mount of mounts) {
      const known = before.get(mount.path);
      const kept = known !== undefined && isSameUpstream(known.mount, mount);
      const watch = kept ? known : newWatch(mount);
      watch.mount = mount;
      this.#watches.set(mount.path, watch);
      if (kept) before.delete(mount.path);
      else if (this.#started) this.#enqueue(watch);
    }
    for (const gone of before.values()) this.#end(gone);
  }

  /** A request has just failed to connect: looks after the mount now, or one second after the last probe began. */
  nudge(mount: Pick<MountConfig, 'path'>): void {
    const watch = this.#watches.get(mount.path);
    if (!this.#started || watch === undefined || watch.probing !== null) return;
    const now = performance.now();
    const dueAt = Math.max(now, watch.startedAt + NUDGE_EVERY);
    if (dueAt < watch.dueAt) this.#schedule(watch, dueAt - now);
  }

  #schedule(watch: Watch, delay: number): void {
    if (watch.timer !== null) clearTimeout(watch.timer);
    watch.dueAt = performance.now() + delay;
    watch.timer = setTimeout(() => this.#enqueue(watch), delay).unref();
  }

  #enqueue(watch: Watch): void {
    if (!isChecked(watch.mount) || watch.probing !== null) return;
    watch.probing = new AbortController();
    this.#waiting.add(watch);
    this.#runWaiting();
  }

  #runWaiting(): void {
    for (const watch of this.#waiting) {
      if (this.#running >= PARALLEL) return;
      this.#waiting.delete(watch);
      const { mount, probing } = watch;
      if (probing !== null && isChecked(mount)) void this.#run(watch, mount, probing.signal);
    }
  }

  async #run(watch: Watch, mount: CheckedMount, signal: AbortSignal): Promise<void> {
    this.#running += 1;
    watch.startedAt = performance.now();
    const result = await this.#probe(mount, signal);
    this.#running -= 1;
    if (!signal.aborted) {
      watch.probing = null;
      // Spread by a tenth, so that hundreds of mounts do not stay in step.
      this.#schedule(watch, mount.health.interval * (0.9 + 0.2 * Math.random()));
      this.#settle(watch, mount, result);
    }
    this.#runWaiting();
  }

  async #probe(mount: CheckedMount, signal: AbortSignal): Promise<ProbeResult> {
    let tls: ProbeTls;
    try {
      tls = mount.target.protocol === 'https:' ? this.#tlsOptionsOf(mount) : {};
    } catch (error) {
      this.#log?.error({ err: error, mount: mount.path }, `The TLS files of ${mount.name} cannot be used`);
      return { outcome: 'failed', reason: 'tls', code: 'ERR_TLS_FILES', phase: 'connect' };
    }
    return probe(mount, tls, signal);
  }

  #settle(watch: Watch, mount: CheckedMount, result: ProbeResult): void {
    this.#probed?.(mount, diagnose(result, mount.health).state);
    const before = watch.health.status;
    watch.health = transition(watch.health, result, mount.health, new Date());
    const after = watch.health.status;
    this.#logChange(watch, mount, before, result);
    watch.troubleSince = after.state === 'healthy' ? null : (watch.troubleSince ?? after.since);
    if (!looksDifferent(before, after)) return;
    for (const listener of this.#listeners) {
      try {
        listener(watch.mount, after);
      } catch (error) {
        this.#log?.error({ err: error, mount: mount.path }, 'A listener for health changes failed');
      }
    }
  }

  #logChange(watch: Watch, mount: MountConfig, before: MountStatus, result: ProbeResult): void {
    const after = watch.health.status;
    if (before.state === after.state && before.reason === after.reason) return;
    const fields = {
      mount: mount.path,
      target: mount.target.authority,
      state: after.state,
      reason: after.reason,
      code: result.outcome === 'failed' ? result.code : null,
      advice: after.advice,
    };
    if (after.state !== 'healthy') {
      this.#log?.warn(fields, `${mount.name} ${after.detail}`);
    } else if (watch.troubleSince === null) {
      this.#log?.debug(fields, `${mount.name} is healthy`);
    } else {
      const outage = spokenDuration(after.since.getTime() - watch.troubleSince.getTime());
      this.#log?.info(fields, `${mount.name} is healthy again after ${outage}`);
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

function newWatch(mount: MountConfig): Watch {
  const health = initialHealth(isChecked(mount), new Date());
  return { mount, health, troubleSince: null, timer: null, dueAt: Infinity, startedAt: -Infinity, probing: null };
}

const isSameUpstream = (a: MountConfig, b: MountConfig) =>
  isDeepStrictEqual([a.target, a.health, a.kind], [b.target, b.health, b.kind]);

/** `checkedAt` alone is nothing to tell people about. */
const looksDifferent = (a: MountStatus, b: MountStatus) =>
  a.state !== b.state || a.reason !== b.reason || a.detail !== b.detail || a.latency !== b.latency;
