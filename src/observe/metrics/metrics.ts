import { Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import type { MountConfig } from '../../config/config';
import type { ProbeOutcome } from '../../upstream/diagnosis';
import type { MountState, MountStatus, TargetStatus } from '../../upstream/status';
import { version } from '../../version';
import { Exposition, type Row } from './exposition';
import { MountNumbers } from './mount-numbers';
import { processMetrics } from './process-metrics';

/** The numbers that other parts of the gateway keep already, read when somebody asks for the metrics. */
export interface MetricsSources {
  mounts(): readonly MountConfig[];
  statusOf(mount: MountConfig): MountStatus;
  /** [] where a mount has one target. */
  targetsOf(mount: MountConfig): readonly TargetStatus[];
  /** Requests and websockets that have a place at a mount's tool, and that wait for one. */
  places(mount: MountConfig): { readonly inside: number; readonly waiting: number };
  /** Open connections to a mount's tool, websockets left out. */
  upstreamConnections(mount: MountConfig): { readonly active: number; readonly idle: number };
  requestsInFlight(): number;
  /** Open connections of clients, by listener. */
  clientConnections(): Readonly<Record<string, number>>;
  /** Of the certificates that are served, by the first name in each. */
  certificateExpiries(): Iterable<readonly [string, Date]>;
  /** null where there is none. */
  rateLimitStoreIsThere(): boolean | null;
  /** Processes that are to serve, that do, and that have ended without being told to, or could not begin. */
  workers(): { readonly configured: number; readonly serving: number; readonly failed: number };
}

/** What a process has to tell, before it is text. */
export type MetricValues = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What Prometheus gets. */
export interface MetricsText {
  readonly contentType: string;
  /** In Prometheus' text format, version 0.0.4. */
  text(): Promise<string>;
}

/** Where a request is counted that belongs to no mount; no mount can have this path. */
const own = '/-/';

const states: readonly MountState[] = ['unchecked', 'unknown', 'healthy', 'unhealthy', 'unreachable'];

/**
 * What the gateway tells Prometheus. Every label has a bound: mounts come from the configuration, all others are words
 * of this program. Requests add to plain fields; the rest is worked out when somebody asks.
 */
export class Metrics implements MetricsText {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #own = new MountNumbers();
  #mounts = new Map<string, MountNumbers>();
  readonly #reloads = { success: 0, failure: 0 };
  #lastReloadFailed = false;
  #configuredAt = new Date();

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#takeMounts();
    const added = new Exposition(this.#registry, 'kpow_gateway_', 'sum');
    this.#exposeRequests(added);
    this.#exposeConnections(added);
    this.#exposeWebsockets(added);
    this.#exposeProbes(added);
    const known = new Exposition(this.#registry, 'kpow_gateway_', 'first');
    this.#exposeHealth(known);
    this.#exposeGateway(known);
    this.#exposeCertificates(new Exposition(this.#registry, 'kpow_gateway_', 'min'));
    processMetrics();
  }

  /** The numbers of a mount, by its path; null, or a mount that a reload has taken away, is the gateway's own. */
  of(path: string | null): MountNumbers {
    return (path === null ? undefined : this.#mounts.get(path)) ?? this.#own;
  }

  probed({ path }: Pick<MountConfig, 'path'>, outcome: ProbeOutcome): void {
    const numbers = this.#mounts.get(path);
    if (numbers) numbers.probes[outcome]++;
  }

  reloaded(result: 'success' | 'failure'): void {
    this.#reloads[result]++;
    this.#lastReloadFailed = result === 'failure';
    if (result === 'failure') return;
    this.#configuredAt = new Date();
    this.#takeMounts();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#all.metrics();
  }

  values(): Promise<MetricValues> {
    return this.#all.getMetricsAsJSON();
  }

  get #all(): Registry {
    return Registry.merge([this.#registry, processMetrics()]);
  }

  /** Mounts that stay keep their numbers; those that are gone are not told for ever. */
  #takeMounts(): void {
    const before = this.#mounts;
    this.#mounts = new Map(this.#sources.mounts().map(({ path }) => [path, before.get(path) ?? new MountNumbers()]));
  }

  #exposeRequests(expose: Exposition): void {
    const everywhere = <T>(read: (numbers: MountNumbers) => Iterable<Row<T>>) => [
      ...this.#eachMount(read),
      ...under({ mount: own }, read(this.#own)),
    ];
    expose.counter('requests_total', 'Requests that have ended.', () => everywhere((numbers) => numbers.requests()));
    expose.histogram(
      'request_duration_seconds',
      'From the head of a request to the last byte of its answer, without websockets.',
      () => everywhere(({ duration }) => [[{}, duration]]),
    );
    expose.histogram(
      'time_to_first_byte_seconds',
      'From the head of a request to the first byte of the answer of the tool.',
      () => this.#eachMount(({ firstByte }) => [[{}, firstByte]]),
    );
    expose.counter('response_body_bytes_total', 'Bytes of the bodies of answers, without websockets.', () =>
      everywhere(({ bodyBytes }) => [[{}, bodyBytes]]),
    );
    expose.counter('failures_total', 'Requests that failed, by the code that the failure page and the log show.', () =>
      everywhere(({ failures }) => labelled('code', failures)),
    );
    expose.counter('escaped_requests_total', 'Requests for paths outside a mount that adopts, by its own pages.', () =>
      this.#eachMount(({ escaped }) => [[{}, escaped]]),
    );
    expose.counter('retries_total', 'Requests that were sent to the tool once more.', () =>
      this.#eachMount(({ retries }) => [[{}, retries]]),
    );
    expose.gauge('resident_memory_bytes', 'Memory of all processes together.', () => [[{}, process.memoryUsage.rss()]]);
    expose.gauge('requests_in_flight', 'Requests under way, without websockets.', () => [
      [{}, this.#sources.requestsInFlight()],
    ]);
  }

  #exposeConnections(expose: Exposition): void {
    expose.gauge('client_connections', 'Open connections of clients.', () =>
      labelled('listener', Object.entries(this.#sources.clientConnections())),
    );
    expose.gauge('upstream_connections', 'Open connections to the tool, without websockets.', () =>
      this.#eachConfig((mount) => labelled('state', Object.entries(this.#sources.upstreamConnections(mount)))),
    );
    const places = (read: (places: ReturnType<MetricsSources['places']>) => number) =>
      this.#eachConfig((mount) => [[{}, read(this.#sources.places(mount))]]);
    expose.gauge('upstream_in_use', 'Requests and websockets at the tool.', () => places(({ inside }) => inside));
    expose.gauge('upstream_queue', 'Requests that wait for a place at the tool.', () =>
      places(({ waiting }) => waiting),
    );
    expose.counter('upstream_requests_total', 'Requests to the tool, by the connection that they took.', () =>
      this.#eachMount(({ connections }) => labelled('connection', Object.entries(connections))),
    );
  }

  #exposeWebsockets(expose: Exposition): void {
    expose.gauge('websockets_open', 'Open websockets.', () =>
      this.#eachMount(({ websocketsOpen }) => [[{}, websocketsOpen]]),
    );
    expose.counter('websockets_opened_total', 'Websockets that the tool has accepted.', () =>
      this.#eachMount(({ websocketsOpened }) => [[{}, websocketsOpened]]),
    );
    expose.counter('websockets_ended_total', 'Websockets that have ended, by who ended them.', () =>
      this.#eachMount(({ websocketEnds }) => labelled('by', Object.entries(websocketEnds))),
    );
    expose.counter('websocket_bytes_total', 'Bytes that went through websockets, frames included.', () =>
      this.#eachMount(({ websocketBytes: { toClient, toUpstream } }) =>
        labelled('direction', [
          ['to_client', toClient],
          ['to_tool', toUpstream],
        ]),
      ),
    );
  }

  #exposeProbes(expose: Exposition): void {
    expose.counter('probes_total', 'Probes, by what they found.', () =>
      this.#eachMount(({ probes }) => labelled('outcome', Object.entries(probes))),
    );
  }

  #exposeHealth(expose: Exposition): void {
    const statuses = (read: (status: MountStatus) => Iterable<Row>) =>
      this.#eachConfig((mount) => read(this.#sources.statusOf(mount)));
    expose.gauge('mount_state', '1 for the state that a mount is in, 0 for the others.', () =>
      statuses(({ state }) =>
        labelled(
          'state',
          states.map((each) => [each, Number(each === state)]),
        ),
      ),
    );
    expose.gauge('mount_trouble', '1 with the reason why a mount is not healthy; absent while it is.', () =>
      statuses(({ reason }) => labelled('reason', reason === null ? [] : [[reason, 1]])),
    );
    expose.gauge('mount_state_since_timestamp_seconds', 'When a mount came into its state.', () =>
      statuses(({ since }) => [[{}, seconds(since)]]),
    );
    const targets = (read: (target: TargetStatus) => Iterable<Row>) =>
      this.#eachConfig((mount) => this.#sources.targetsOf(mount).flatMap((target) => rowsOf(target, read(target))));
    expose.gauge('target_state', '1 for the state that one of several targets is in, 0 for the others.', () =>
      targets(({ status: { state } }) =>
        labelled(
          'state',
          states.map((each) => [each, Number(each === state)]),
        ),
      ),
    );
    expose.gauge('target_active', '1 for each of several targets that requests go to.', () =>
      targets(({ active }) => [[{}, Number(active)]]),
    );
    expose.gauge('target_out', '1 for each of several targets that takes no connections.', () =>
      targets(({ outSince }) => [[{}, Number(outSince !== null)]]),
    );
    expose.gauge('probe_duration_seconds', 'How long the tool took to answer the last probe.', () =>
      statuses(({ latency }) => (latency === null ? [] : [[{}, latency / 1000]])),
    );
  }

  /** Of processes that serve different ones, the one that expires first counts. */
  #exposeCertificates(expose: Exposition): void {
    expose.gauge('certificate_expiry_timestamp_seconds', 'When a served certificate expires, by its first name.', () =>
      labelled(
        'certificate',
        [...this.#sources.certificateExpiries()].map(([name, expiry]) => [name, seconds(expiry)]),
      ),
    );
  }

  #exposeGateway(expose: Exposition): void {
    expose.gauge(
      'rate_limit_store_up',
      '0 while the store of the rate limits is away; absent where there is none.',
      () => {
        const isThere = this.#sources.rateLimitStoreIsThere();
        return isThere === null ? [] : [[{}, Number(isThere)]];
      },
    );
    expose.gauge('workers_configured', 'Processes that are to serve.', () => [
      [{}, this.#sources.workers().configured],
    ]);
    expose.gauge('workers', 'Processes that serve.', () => [[{}, this.#sources.workers().serving]]);
    expose.counter(
      'worker_failures_total',
      'Processes that have ended without being told to, or could not begin to serve.',
      () => [[{}, this.#sources.workers().failed]],
    );
    expose.counter('config_reloads_total', 'Reloads of the configuration.', () =>
      labelled('result', Object.entries(this.#reloads)),
    );
    expose.gauge('config_last_reload_successful', '0 while the last reload has been refused.', () => [
      [{}, Number(!this.#lastReloadFailed)],
    ]);
    expose.gauge('config_loaded_timestamp_seconds', 'When the configuration in force was loaded.', () => [
      [{}, seconds(this.#configuredAt)],
    ]);
    expose.gauge('build_info', 'Always 1; the version of the gateway and of Node.', () => [
      [{ version: version(), node: process.versions.node }, 1],
    ]);
  }

  *#eachMount<T>(read: (numbers: MountNumbers) => Iterable<Row<T>>): Iterable<Row<T>> {
    for (const [mount, numbers] of this.#mounts) yield* under({ mount }, read(numbers));
  }

  *#eachConfig(read: (mount: MountConfig) => Iterable<Row>): Iterable<Row> {
    for (const mount of this.#sources.mounts()) yield* under({ mount: mount.path }, read(mount));
  }
}

function* under<T>(above: { readonly mount: string }, rows: Iterable<Row<T>>): Iterable<Row<T>> {
  for (const [labels, value] of rows) yield [{ ...above, ...labels }, value];
}

function rowsOf({ number }: TargetStatus, rows: Iterable<Row>): Row[] {
  return [...rows].map(([labels, value]) => [{ target: String(number), ...labels }, value]);
}

function labelled(label: string, values: Iterable<readonly [string, number]>): Row[] {
  return [...values].map(([name, value]) => [{ [label]: name }, value]);
}

const seconds = (date: Date) => date.getTime() / 1000;
