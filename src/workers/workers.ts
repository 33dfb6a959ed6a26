import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mistake } from '../commands/until-end';
import { OwnCommon } from '../common';
import type { Config } from '../config/config';
import { readFileContents, type FileContents } from '../config/file-contents';
import type { Addresses, Gateway, Load, StopOptions } from '../gateway';
import type { InheritedSockets } from '../listener/activation';
import type { ServedTls } from '../listener/certificate-source';
import type { Log } from '../observe/log';
import { Metrics, type MetricValues } from '../observe/metrics/metrics';
import type { Beginning, HealthNews, PrimaryCalls } from './calls';
import { asStarted, reload, ReloadTurns, stopping } from '../reload';
import { within } from '../within';
import { ConnectionSums } from './connection-sums';
import { Member } from './member';
import { mergedMetrics, remains } from './merged-metrics';
import { shareOf } from './share';

/** Milliseconds that a worker has to tell its metrics. */
const metricsTimeout = 1_000;

/** Milliseconds that a worker has to tell what is open there. */
const loadTimeout = 1_000;

/** Milliseconds: one that ends so soon after its start, as the one before it did, is replaced after a growing delay. */
const shortLife = 10_000;
const firstDelay = 1_000;
const longestDelay = 30_000;

/** Milliseconds. */
const pingEvery = 5_000;
const pingTimeout = 15_000;

/** Milliseconds beyond its time to drain after which a worker is ended with force. */
const drainGrace = 5_000;

/**
 * A gateway of several processes. This one, the primary, serves nobody: it starts the workers, which share the ports,
 * replaces those that end, and does what is to be done once: probes, messages, rate limits, sums of metrics.
 *
 * The workers take connections from one socket themselves (SCHED_NONE), as those of nginx do. If the primary gave them
 * out in turn, as node:cluster does otherwise, one that it has just given to a worker that dies would stay open, and
 * nobody would answer it.
 */
export class Workers implements Gateway {
  readonly #log: Log;
  readonly #started: Config;
  readonly #common: OwnCommon;
  readonly #metrics: Metrics;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #connections = new ConnectionSums();
  /** Those that serve, by index; null while one is being replaced. */
  readonly #members: (Member | null)[];
  /** Those that are replaced and still drain. */
  readonly #leaving = new Set<Member>();
  readonly #shortLives: number[];
  #config: Config;
  #files: FileContents;
  #servedTls: ServedTls | null = null;
  #inherited: InheritedSockets = {};
  /** What workers that have ended had counted. */
  #gone: Promise<MetricValues> = Promise.resolve([]);
  #failures = 0;
  #stopping = false;
  readonly #reloads = new ReloadTurns();

  /** @param count how many workers, at least 2 */
  constructor(config: Config, log: Log, count: number) {
    this.#config = this.#started = config;
    this.#log = log;
    this.#members = Array.from({ length: count }, () => null);
    this.#shortLives = Array.from({ length: count }, () => 0);
    this.#files = readFileContents(config);
    this.#common = new OwnCommon(config, this.#files, log, (mount, found) => this.#metrics.probed(mount, found));
    this.#metrics = this.#createMetrics();
  }

  async start(inherited: InheritedSockets = {}): Promise<Addresses> {
    this.#inherited = inherited;
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ exec: path.join(__dirname, 'worker-main.js'), args: [], serialization: 'advanced' });
    // Whatever ends this process, none of them stays behind.
    process.on('exit', () => this.#all.forEach((member) => member.kill()));
    const { health, ticketKeys } = this.#common;
    await this.#common.ready(this.#config);
    health.onChange(({ path: mount }) => this.#tellHealth([mount]));
    ticketKeys.start(() => this.#all.forEach(({ channel }) => channel.tell('ticketKeys', ticketKeys.current)));
    try {
      // One makes the files that are missing, and finds what is wrong, before the others come.
      const [first = 0, ...others] = this.#members.keys();
      const addresses = await this.#launch(this.#fork(first));
      await Promise.all(others.map((index) => this.#launch(this.#fork(index))));
      this.#common.watch();
      return addresses;
    } catch (error) {
      this.#stopping = true;
      await this.#end(0);
      throw error;
    }
  }

  reload(given: Config | (() => Config)): Promise<string[]> {
    return this.#reloads.take(() => {
      if (this.#stopping) throw stopping();
      return reload(given, this.#started, this.#metrics, (config) => this.#putInForce(config));
    });
  }

  async #putInForce(config: Config): Promise<void> {
    const files = readFileContents(config);
    const tried = await this.#tryOut(config, files);
    if (this.#stopping) throw stopping();
    this.#config = config;
    this.#files = files;
    this.#common.replace(config, files, this.#common.health.groupsFor(config.mounts));
    this.#log.level = config.log.level;
    const others = this.#serving.filter((member) => member !== tried);
    await Promise.all(
      others.map((member) =>
        member.channel
          .ask('reload', { config: this.#configOf(member.index, config), files })
          .catch((error: unknown) => {
            // Whoever drains takes none, and is not to be cut off for it.
            if (this.#stopping || member.isReplaced) return;
            this.#log.error({ err: error }, `${member.name} did not take the new configuration`);
            member.kill();
          }),
      ),
    );
    // What they took over as new, they know nothing of.
    this.#tellHealth();
  }

  /** Has one worker take a configuration, to find out whether it can be used. */
  async #tryOut(config: Config, files: FileContents): Promise<Member> {
    for (const member of this.#serving) {
      try {
        await member.channel.ask('reload', { config: this.#configOf(member.index, config), files });
        return member;
      } catch (error) {
        if (member.channel.isOpen) throw error;
      }
    }
    throw new Error('No worker serves at present that could take it; try again when one does');
  }

  async load(): Promise<Load> {
    const none: Load = { requests: 0, websockets: 0, connections: 0 };
    const asked = this.#all.map(({ channel }) => within(loadTimeout, channel.ask('load', null)).catch(() => none));
    return (await Promise.all(asked)).reduce(
      (sum, one) => ({
        requests: sum.requests + one.requests,
        websockets: sum.websockets + one.websockets,
        connections: sum.connections + one.connections,
      }),
      none,
    );
  }

  async stop({ delay = this.#config.drain.delay }: StopOptions = {}): Promise<void> {
    this.#stopping = true;
    for (const { channel } of this.#all) channel.tell('stop', { delay });
    await Promise.race([pause(delay, null, { ref: false }), this.#allEnded()]);
    await this.#end(this.#config.drain.timeout + drainGrace);
  }

  /** @param patience milliseconds until workers are ended with force */
  async #end(patience: number): Promise<void> {
    this.#common.ticketKeys.stop();
    const lastWords = this.#common.stopWatching();
    const force = setTimeout(() => this.#all.forEach((member) => member.kill()), patience);
    await this.#allEnded();
    clearTimeout(force);
    await lastWords;
    this.#common.stop();
  }

  async #allEnded(): Promise<void> {
    await Promise.all(this.#all.map(({ ended }) => ended));
  }

  get #all(): Member[] {
    return [...this.#members.filter((member) => member !== null), ...this.#leaving];
  }

  get #serving(): Member[] {
    return this.#all.filter(({ hasStarted, isReplaced }) => hasStarted && !isReplaced);
  }

  #configOf(index: number, config: Config): Config {
    return shareOf(config, index, this.#members.length, this.#secret);
  }

  #fork(index: number): Member {
    const member = new Member(index, (caller) => this.#callsOf(caller));
    this.#members[index] = member;
    void member.ended.then((how) => this.#ended(member, how));
    return member;
  }

  async #launch(member: Member): Promise<Addresses> {
    const { index } = member;
    const beginning: Beginning = {
      config: this.#configOf(index, asStarted(this.#started, this.#config)),
      files: this.#files,
      servedTls: this.#servedTls,
      inherited: this.#inherited,
      ticketKeys: this.#common.ticketKeys.current,
      health: this.#healthOf(this.#paths),
      elsewhere: this.#connections.elsewhere(member.id),
    };
    const addresses = await Promise.race([member.channel.ask('start', beginning), endedEarly(member)]);
    // The others have come to it by reloads as well, and one may come meanwhile.
    for (let has = this.#started; has !== this.#config;) {
      has = this.#config;
      await member.channel.ask('reload', { config: this.#configOf(index, has), files: this.#files });
    }
    member.hasStarted = true;
    void this.#watch(member);
    this.#log.info(member.fields, `${member.name} serves, as process ${member.pid}`);
    return addresses;
  }

  /** A worker that hangs would leave its clients without an answer for ever. */
  async #watch(member: Member): Promise<void> {
    let answers = true;
    while (answers) {
      await pause(pingEvery, null, { ref: false });
      answers = await within(pingTimeout, member.channel.ask('ping', null)).then(
        () => true,
        () => false,
      );
    }
    if (!member.channel.isOpen) return;
    this.#log.error(member.fields, `${member.name} has not answered for ${pingTimeout / 1_000} s, and is ended`);
    member.kill();
  }

  #callsOf(member: Member): PrimaryCalls {
    const { health } = this.#common;
    return {
      count: async ({ path: mount, client }) =>
        (await this.#common.rateLimiterOf({ path: mount })?.count(client)) ?? null,
      metrics: () => this.#metricsText(),
      connected: (target) => health.targetOf(target)?.connected(),
      failed: ({ code, ...target }) => health.targetOf(target)?.failed(code),
      nudge: (mount) => health.nudge({ path: mount }),
      connections: (news) => {
        this.#connections.take(member.id, news);
        this.#tellConnections(member, news.clients.keys());
      },
      servedTls: (tls) => (this.#servedTls = tls),
      mistaken: () => this.#replace(member),
    };
  }

  #healthOf(mounts: readonly string[]): HealthNews {
    const groups = mounts.map((mount) => [mount, this.#common.health.groupOf(mount)?.snapshot] as const);
    return new Map(groups.flatMap(([mount, snapshot]) => (snapshot ? [[mount, snapshot]] : [])));
  }

  get #paths(): string[] {
    return this.#config.mounts.map((mount) => mount.path);
  }

  #tellHealth(mounts = this.#paths): void {
    const news = this.#healthOf(mounts);
    for (const { channel } of this.#all) channel.tell('health', news);
  }

  #tellConnections(changed: Member, clients: Iterable<string>): void {
    const these = [...clients];
    for (const member of this.#all) {
      if (member !== changed) member.channel.tell('elsewhere', this.#connections.elsewhere(member.id, these));
    }
  }

  #ended(member: Member, how: number | string): void {
    this.#leaving.delete(member);
    if (this.#members[member.index] === member) this.#members[member.index] = null;
    this.#tellConnections(member, this.#connections.forget(member.id));
    this.#gone = this.#gone.then((gone) =>
      remains([gone, member.metrics]).catch((error: unknown) => {
        this.#log.error({ err: error, ...member.fields }, `What ${member.name} had counted is lost`);
        return gone;
      }),
    );
    if (this.#stopping || !member.hasStarted) return;
    this.#failures++;
    this.#log.error(member.fields, `${member.name} has ended (${how}), and with it what it had under way`);
    if (Object.keys(this.#inherited).length > 0 && this.#all.length === 0) {
      // node:cluster has closed the sockets that were passed on, and nobody can open them again.
      this.#log.fatal('No worker is left, and with the last one the sockets of systemd were lost: ending');
      process.exit(mistake);
    }
    this.#replace(member);
  }

  /** Puts another in a worker's place, and tries again until it serves. */
  #replace(member: Member): void {
    if (member.isReplaced || this.#stopping) return;
    const { index } = member;
    member.isReplaced = true;
    if (this.#members[index] === member) {
      this.#members[index] = null;
      this.#leaving.add(member);
    }
    const wasShort = performance.now() - member.startedAt < shortLife;
    const lives = (this.#shortLives[index] = wasShort ? (this.#shortLives[index] ?? 0) + 1 : 0);
    const delay = lives <= 1 ? 0 : Math.min(firstDelay * 2 ** (lives - 2), longestDelay);
    void pause(delay).then(() => this.#launchAgain(index, delay));
  }

  #launchAgain(index: number, delay: number): void {
    if (this.#stopping) return;
    const member = this.#fork(index);
    this.#launch(member).catch((error: unknown) => this.#notLaunched(member, delay, error));
  }

  #notLaunched(member: Member, delay: number, error: unknown): void {
    if (this.#stopping) return;
    this.#failures++;
    // Of no use to anybody, and perhaps still there: where it was mistaken before it served, another takes its place.
    member.kill();
    const fields = { ...member.fields, err: error };
    if (member.isReplaced) {
      this.#log.error(fields, `${member.name} could not be started; another takes its place`);
      return;
    }
    member.isReplaced = true;
    const next = Math.min(Math.max(delay * 2, firstDelay), longestDelay);
    this.#log.error(fields, `${member.name} could not be started; the next try is in ${next / 1_000} s`);
    void pause(next).then(() => this.#launchAgain(member.index, next));
  }

  async #metricsText(): Promise<string> {
    await Promise.all(
      this.#all.map(async (member) => {
        // Whoever is too busy is there with what it said last.
        const told = await within(metricsTimeout, member.channel.ask('metrics', null)).catch(() => null);
        if (told) member.metrics = told;
      }),
    );
    const workers = this.#all.map(({ metrics }) => metrics);
    const [own, gone] = await Promise.all([this.#metrics.values(), this.#gone]);
    return mergedMetrics([own, ...workers, gone]).metrics();
  }

  /** What the primary knows for all; requests and connections are the workers'. */
  #createMetrics(): Metrics {
    const { health } = this.#common;
    return new Metrics({
      mounts: () => this.#config.mounts,
      statusOf: (mount) => health.statusOf(mount),
      targetsOf: (mount) => health.targetsOf(mount),
      places: () => ({ inside: 0, waiting: 0 }),
      upstreamConnections: () => ({ active: 0, idle: 0 }),
      requestsInFlight: () => 0,
      clientConnections: () => ({}),
      certificateExpiries: () => [],
      rateLimitStoreIsThere: () => this.#common.rateLimitStoreIsThere,
      workers: () => ({
        configured: this.#members.length,
        serving: this.#serving.length,
        failed: this.#failures,
      }),
    });
  }
}

async function endedEarly({ ended }: Member): Promise<never> {
  throw new Error(`it ended (${await ended}) before it served`);
}
