import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app/app';
import { beginContext, contextIfAny } from './app/context';
import { endedRequest } from './app/ended-request';
import { failureAnswer } from './app/failure';
import { failureBody } from './app/failure-body';
import { helmetFields } from './app/own-page';
import { metricsListener } from './app/metrics-endpoint';
import { connectionsOf, createSite, failureDeps, type Site } from './app/site';
import { OwnCommon, type Common, type Probed } from './common';
import type { Config } from './config/config';
import { readFileContents, type FileContents } from './config/file-contents';
import { refuseBrokenTools } from './config/tool-files';
import type { InheritedSockets } from './listener/activation';
import { CertificateSource } from './listener/certificate-source';
import { ConnectionLimits, type ConnectionLimit } from './listener/connection-limits';
import { ListenError, type ListenerName } from './listener/listen-error';
import { Listener, type ListenerOptions } from './listener/listener';
import type { PendingUpgrade } from './listener/pending-upgrade';
import { expiriesOf } from './listener/server-names';
import type { TlsSettings } from './listener/tls-settings';
import { normaliseAddress } from './headers/trust';
import type { Mount } from './mount/mount';
import { logAccess } from './observe/access-log';
import { createLog, type Log } from './observe/log';
import { Metrics } from './observe/metrics/metrics';
import { newRequestId } from './observe/request-id';
import { SeenOnce } from './observe/seen-once';
import type { RequestOutcome } from './observe/request-outcome';
import { Traces } from './observe/traces/traces';
import { createLiveStatus, type LiveStatus } from './portal/live';
import { OpenTunnels } from './relay/open-tunnels';
import { Relay } from './relay/relay';
import type { ProxyError } from './upstream/proxy-error';
import { reload, ReloadTurns, stopping } from './reload';
import type { Route } from './upstream/route';

export interface Addresses {
  /** Where the gateway listens; null for a listener that is off. */
  readonly https: AddressInfo | null;
  readonly http: AddressInfo | null;
  /** null unless the metrics have a port of their own. */
  readonly metrics: AddressInfo | null;
}

/** What is open towards clients; a websocket is no longer a request. */
export interface Load {
  readonly requests: number;
  readonly websockets: number;
  readonly connections: number;
}

export interface StopOptions {
  /** Milliseconds in place of `drain.delay`. */
  readonly delay?: number;
}

export interface Gateway {
  /**
   * Listens, and probes every mount at once.
   * @param inherited listening sockets that are used instead of the configured ports and hosts
   * @throws ConfigError for a certificate that cannot be used, ListenError for a port that cannot be used
   */
  start(inherited?: InheritedSockets): Promise<Addresses>;
  /**
   * Puts another configuration in force without dropping a connection. Ports, hosts and limits stay as they are until
   * a restart.
   * @param config or what makes it: what that throws counts as a failed reload
   * @param files what those that it names hold; read now unless given
   * @returns what needs a restart, a field's path each
   * @throws what makes the new configuration unusable; the old one stays in force
   */
  reload(config: Config | (() => Config), files?: FileContents): Promise<string[]>;
  /** Of the moment of the call. It does not fail. */
  load(): Promise<Load>;
  /**
   * Drains: goes on for `drain.delay` while `/-/healthy` says 503; then stops accepting, lets requests end, closes
   * websockets, and cuts off what is left after `drain.timeout`.
   */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * A gateway on real ports. Nothing happens before `start`.
 * @param files what those that the configuration names hold
 * @param createCommon makes what it has in common with other processes
 */
export function createGateway(
  config: Config,
  log: Log = createLog(config.log),
  files = readFileContents(config),
  createCommon: (probed: Probed) => Common = (probed) => new OwnCommon(config, files, log, probed),
): Gateway {
  return new RunningGateway(config, files, log, createCommon);
}

class RunningGateway implements Gateway {
  readonly #log: Log;
  readonly #started: Config;
  readonly #common: Common;
  readonly #live: LiveStatus;
  readonly #metrics: Metrics;
  readonly #traces: Traces;
  readonly #listeners: Record<ListenerName, Listener | null> = { https: null, http: null, metrics: null };
  readonly #addresses: Record<ListenerName, AddressInfo | null> = { https: null, http: null, metrics: null };
  /** Requests under way, open websockets left out. */
  #underWay = 0;
  readonly #tunnels = new OpenTunnels();
  readonly #certificates: CertificateSource;
  readonly #relays: Relay[] = [];
  readonly #connectionLimits: ConnectionLimits;
  #site: Site;
  #app: RequestListener;
  #whenIdle: (() => void) | null = null;
  #stopping = false;
  readonly #reloads = new ReloadTurns();
  readonly #escapedPaths = new SeenOnce(1_000);

  constructor(config: Config, files: FileContents, log: Log, createCommon: (probed: Probed) => Common) {
    this.#log = log;
    this.#started = config;
    this.#common = createCommon((mount, found) => this.#metrics.probed(mount, found));
    const { health, connections } = this.#common;
    this.#site = createSite(config, health, health.groupsFor(config.mounts), null, files);
    this.#connectionLimits = new ConnectionLimits({
      limits: () => this.#site.config.limits,
      counts: connections,
      trusts: (address) => this.#site.trusts(address),
      makeRoom: () => this.#relays.some((relay) => relay.closeAnIdleOne()),
      refused: (...refusal) => this.#refused(...refusal),
    });
    this.#metrics = this.#createMetrics();
    this.#certificates = new CertificateSource(log, {
      serve: (tls) => this.#listeners.https?.setTls(tls),
      before: this.#common.servedTls,
      served: (tls) => this.#common.serves(tls),
    });
    this.#live = createLiveStatus(this.#site.portal);
    this.#traces = new Traces(config.traces, files, log);
    this.#app = this.#createApp();
  }

  async start(inherited: InheritedSockets = {}): Promise<Addresses> {
    const { listen, metrics } = this.#site.config;
    const { https, http, reusePort } = listen;
    const tls = https && (await this.#certificates.prepare(https));
    await this.#common.ready(this.#site.config);
    const handle: Handle = (req, res, upgrade) => this.#handle(req, res, upgrade);
    try {
      if (https)
        await this.#listen(
          'https',
          placeOf(https, reusePort, inherited.https),
          tls && tls.settings,
          handle,
          this.#createRelay(),
        );
      if (http) await this.#listen('http', placeOf(http, reusePort, inherited.http), null, handle, this.#createRelay());
      if (metrics?.own) await this.#listen('metrics', placeOf(metrics.own, reusePort), null, this.#metricsPort(), null);
      if (tls) this.#certificates.use(tls);
      this.#common.watch();
      return { ...this.#addresses };
    } catch (error) {
      this.#stopping = true;
      await this.#drain();
      throw error;
    }
  }

  reload(given: Config | (() => Config), files?: FileContents): Promise<string[]> {
    return this.#reloads.take(() => {
      if (this.#stopping) throw stopping();
      return reload(given, this.#started, this.#metrics, (config) =>
        this.#putInForce(config, files ?? readFileContents(config)),
      );
    });
  }

  async #putInForce(config: Config, files: FileContents): Promise<void> {
    refuseBrokenTools(config, files, this.#site);
    const { https } = config.listen;
    const tls = https && this.#listeners.https && (await this.#certificates.prepare(https));
    if (this.#stopping) throw stopping();
    // Everything that can fail comes first, so that a configuration is in force as a whole or not at all.
    const { health } = this.#common;
    const groups = health.groupsFor(config.mounts);
    const site = createSite(config, health, groups, this.#site, files);
    this.#traces.replace(config.traces, files);
    if (tls) this.#certificates.use(tls);
    this.#common.replace(config, files, groups);
    const before = this.#site;
    this.#site = site;
    endPools(before, site);
    this.#app = this.#createApp();
    this.#live.update(site.portal);
    // Last, since whoever is admitted is served at once.
    for (const [{ config: mount }, { gate }] of site.routes) gate.replace(mount.limits);
    this.#log.level = config.log.level;
  }

  load(): Promise<Load> {
    const { https, http, metrics } = this.#listeners;
    const connections = [https, http, metrics].reduce((sum, listener) => sum + (listener?.connections ?? 0), 0);
    return Promise.resolve({ requests: this.#underWay, websockets: this.#tunnels.size, connections });
  }

  async stop({ delay = this.#site.config.drain.delay }: StopOptions = {}): Promise<void> {
    this.#stopping = true;
    if (delay > 0) {
      for (const listener of Object.values(this.#listeners)) listener?.windDown();
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
    await this.#drain();
  }

  async #drain(): Promise<void> {
    const { timeout } = this.#site.config.drain;
    const closing = Object.values(this.#listeners).map(async (listener) => (await listener?.close(timeout)) ?? 0);
    const lastWords = this.#common.stopWatching();
    const certificates = this.#certificates.stop();
    const idle = this.#underWay === 0 ? Promise.resolve() : new Promise<void>((done) => (this.#whenIdle = done));
    // Websockets come last, but with time enough to be told.
    const lastCall = setTimeout(() => this.#tunnels.goAway(), timeout - Math.min(timeToSayGoodbye, timeout / 2));
    const ending = Promise.all([idle, this.#live.close()]).then(() => this.#tunnels.goAway());
    const cut = (await Promise.all(closing)).reduce((sum, count) => sum + count, 0);
    clearTimeout(lastCall);
    this.#whenIdle?.();
    await Promise.all([ending, certificates, lastWords]);
    this.#common.stop();
    for (const connections of connectionsOf(this.#site)) connections.end();
    if (cut > 0)
      this.#log.warn({ connections: cut }, `Cut off ${cut} connections that did not end within drain.timeout`);
    // What was cut off ends within a few turns of the event loop, TLS being one layer more, and is logged then.
    const left = () => this.#underWay + this.#tunnels.size;
    for (let turn = 0; turn < 10 && left() > 0; turn++) await new Promise((next) => setImmediate(next));
    await this.#traces.close();
  }

  #createApp(): RequestListener {
    const suspect = (mount: Mount) => this.#common.health.nudge(mount.config);
    const { https } = this.#site.config.listen;
    // Without a public port of its own it is the one that is listened on, whatever a reload has put into the file.
    const publicPort = () =>
      (https?.publicPort !== https?.port && https?.publicPort) || this.#addresses.https?.port || 443;
    return createApp(this.#site, {
      publicPort,
      live: this.#live,
      metrics: this.#common.metricsText(this.#metrics),
      meterOf: (mount) => this.#metrics.of(mount.config.path),
      keyAuthorization: (token) => this.#certificates.keyAuthorization(token),
      suspect,
      escaped: (mount, path) => this.#escaped(mount, path),
      tunnels: this.#tunnels,
      leaving: () => this.#stopping,
      rateLimiterOf: (mount) => this.#common.rateLimiterOf(mount.config),
    }) as RequestListener;
  }

  #createMetrics(): Metrics {
    const open = (name: ListenerName) => this.#listeners[name]?.connections;
    const { health } = this.#common;
    return new Metrics({
      mounts: () => this.#site.config.mounts,
      statusOf: (mount) => health.statusOf(mount),
      targetsOf: (mount) => health.targetsOf(mount),
      places: (mount) => this.#site.routeOf(mount)?.gate ?? { inside: 0, waiting: 0 },
      upstreamConnections: (mount) => openConnections(this.#site.routeOf(mount)),
      requestsInFlight: () => this.#underWay,
      clientConnections: () => ({ https: open('https') ?? 0, http: open('http') ?? 0 }),
      certificateExpiries: () => expiriesOf(this.#listeners.https?.tls?.certificates ?? []),
      rateLimitStoreIsThere: () => this.#common.rateLimitStoreIsThere,
      workers: () => ({ configured: 1, serving: 1, failed: 0 }),
    });
  }

  /** The short way through, for a port that serves mounts. */
  #createRelay(): Relay {
    const { keepAlive } = this.#site.config.listen;
    const relay = new Relay({
      site: () => this.#site,
      tracer: () => this.#traces.tracer,
      keepAlive,
      headTimeout: this.#site.config.limits.headTimeout,
      maxHead: this.#site.config.limits.head,
      failureAnswer: (error, request) => failureAnswer(failureDeps(this.#site), error, request),
      began: () => {
        this.#underWay++;
      },
      ended: (outcome) => {
        this.#left();
        this.#ended(outcome);
      },
      upgraded: () => {
        this.#left();
        return (outcome) => this.#ended(outcome);
      },
      tunnels: this.#tunnels,
      suspect: (mount) => this.#common.health.nudge(mount.config),
      meterOf: (mount) => this.#metrics.of(mount.config.path),
    });
    this.#relays.push(relay);
    return relay;
  }

  #metricsPort(): Handle {
    const allows = (address: string) => this.#site.readsMetrics(address);
    return metricsListener(this.#common.metricsText(this.#metrics), allows);
  }

  async #listen(
    name: ListenerName,
    place: ListenerOptions['place'],
    tls: TlsSettings | null,
    handle: Handle,
    relay: Relay | null,
  ): Promise<void> {
    const listener = new Listener({
      place,
      tls,
      ticketKeys: this.#common.ticketKeys,
      relay,
      keepAlive: this.#site.config.listen.keepAlive,
      challengeContext: () => this.#certificates.challengeContext,
      maxHead: this.#site.config.limits.head,
      headTimeout: this.#site.config.limits.headTimeout,
      limits: () => this.#site.config.limits,
      admit: (socket) => this.#connectionLimits.admit(socket),
      stalled: ({ remoteAddress = '' }) =>
        this.#log.info(
          { client: normaliseAddress(remoteAddress) },
          'A client took nothing of its answer for `limits.sendTimeout`, and was cut off',
        ),
      handle,
      rejected: (socket, error) => this.#rejected(socket.remoteAddress ?? '', error),
      broken: (res, error) => {
        const context = contextIfAny(res.req);
        if (context === null) return this.#rejected(res.req.socket.remoteAddress ?? '', error);
        if (context.giveUp) {
          context.giveUp(error);
          return null;
        }
        context.failure = error;
        res.statusCode = error.status;
        return context.id;
      },
      explain: (error, id, html) => {
        const { path: portalPath } = this.#site.portal;
        const failure = { error, requestId: id, mount: null, status: null, portalPath, retry: false };
        return { ...failureBody(failure, html), fields: helmetFields };
      },
    });
    this.#addresses[name] = await listener.listen().catch((error: unknown) => {
      throw new ListenError(name, error);
    });
    this.#listeners[name] = listener;
  }

  #handle(req: IncomingMessage, res: ServerResponse, upgrade: PendingUpgrade | null): void {
    const context = beginContext(req, upgrade, this.#site.trusts, this.#traces.tracer, (ended, status) => {
      if (!opened) this.#left();
      this.#ended(endedRequest(req, ended, status));
    });
    let opened = false;
    if (upgrade) {
      upgrade.whenTaken = () => {
        opened = true;
        this.#left();
      };
    }
    this.#underWay++;
    res.once('finish', () => context.end(res.statusCode));
    res.once('close', () => context.end(res.writableFinished || context.failure ? res.statusCode : 499));
    this.#app(req, res);
  }

  #left(): void {
    this.#underWay--;
    if (this.#underWay === 0) this.#whenIdle?.();
  }

  #ended(outcome: RequestOutcome): void {
    const { record, failure, trace } = outcome;
    if (failure?.cause && failure.level !== 'info') {
      this.#log[failure.level](
        { id: record.id, code: failure.code, mount: record.mount ?? undefined, err: failure.cause },
        failure.message,
      );
    }
    this.#metrics.of(record.mount).ended(outcome);
    trace?.end(outcome);
    if (this.#site.config.log.access) logAccess(this.#log, record, outcome);
  }

  #escaped({ config }: Mount, path: string): void {
    this.#metrics.of(config.path).escaped++;
    const shown = path.slice(0, longestPathTold);
    if (!this.#escapedPaths.isNew(`${config.path} ${shown}`)) return;
    this.#log.warn(
      { mount: config.name, path: shown },
      `A page of ${config.name} asked for a path outside ${config.path}, and its tool answered: see docs/adopt.md`,
    );
  }

  #refused(limit: ConnectionLimit, address: string, count: number): void {
    this.#metrics.of(null).rejected('TOO_MANY_CONNECTIONS');
    const { limits } = this.#site.config;
    const whose = limit === 'connections' ? 'in all' : `from ${address}`;
    const fix =
      limit === 'connections'
        ? 'Raise it if the machine has memory for more.'
        : 'If that is a proxy, name it in `trustedProxies`; otherwise raise the limit.';
    this.#log.warn(
      { client: address, limit: limits[limit], refused: count },
      `Connections are refused: there are ${limits[limit]} ${whose}, as many as \`limits.${limit}\` lets there be. ${fix}`,
    );
  }

  /** Records a connection that brought no request. Returns the id that it is told. */
  #rejected(address: string, error: ProxyError): string {
    const id = newRequestId();
    const { code, status, cause } = error;
    const client = normaliseAddress(address);
    this.#metrics.of(null).rejected(code);
    this.#log.info({ id, client, code, status, err: cause }, `A connection brought no request: ${error.message}`);
    return id;
  }
}

/** Milliseconds before `drain.timeout` cuts them off in which websockets are told, whatever is still under way. */
const timeToSayGoodbye = 2_000;

/** Characters of a path in a line that says that it escaped. */
const longestPathTold = 200;

type Handle = ListenerOptions['handle'];

function openConnections(route: Route | null): { active: number; idle: number } {
  const open = { active: 0, idle: 0 };
  for (const { connections } of route?.upstreams ?? []) {
    open.active += connections.counts.active;
    open.idle += connections.counts.idle;
  }
  return open;
}

function endPools(before: Site, after: Site): void {
  const kept = new Set(connectionsOf(after));
  for (const connections of connectionsOf(before)) if (!kept.has(connections)) connections.retire();
}

/** A socket that is there already goes before the configured port. */
function placeOf(
  { port, host }: { readonly port: number; readonly host: string },
  reusePort: boolean,
  inherited?: number,
) {
  return inherited === undefined ? { port, host, reusePort } : { fd: inherited };
}
