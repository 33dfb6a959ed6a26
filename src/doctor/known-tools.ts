import { valuesOf } from '../headers/raw';
import { titleOf } from './page-urls';
import type { Look } from './sight';

/** What is known of a tool beforehand: its documentation says so. */
export interface KnownTool {
  readonly name: string;
  readonly title?: RegExp;
  /** A field of its answers, lower case, and what it holds. */
  readonly field?: readonly [name: string, value: RegExp];
  /** The setting that tells it where it is; and what `prefix` has to be with it. @param url of the mount, no slash behind */
  readonly basePath?: (url: string, path: string) => string;
  /** How it is told that people come by https. */
  readonly https?: (url: string) => string;
  /** Its websockets, as paths inside the mount. */
  readonly websockets?: readonly string[];
  /** How it is told whose pages may open them. */
  readonly origins?: (origin: string) => string;
  readonly events?: readonly string[];
  /** What it tells whoever asks, as paths inside the mount. */
  readonly metrics?: readonly string[];
}

const tools: readonly KnownTool[] = [
  {
    name: 'kPow',
    title: /^kpow\b/i,
    https: () => 'HTTP_FORWARDED=true',
    // Sente's client says who it is.
    websockets: ['/chsk?client-id=kpow-gateway-doctor'],
    metrics: ['/metrics/v1', '/offsets/v1', '/streams/v1'],
  },
  {
    name: 'Prometheus',
    title: /^Prometheus\b/,
    basePath: (url) => `--web.external-url=${url}, and no --web.route-prefix`,
    https: (url) => `--web.external-url=${url}`,
    metrics: ['/metrics'],
  },
  {
    name: 'Alertmanager',
    title: /^Alertmanager\b/,
    basePath: (url) => `--web.external-url=${url}, and no --web.route-prefix`,
    https: (url) => `--web.external-url=${url}`,
    metrics: ['/metrics'],
  },
  {
    name: 'Grafana',
    title: /^Grafana\b/,
    basePath: (url) => `root_url = ${url}/ and serve_from_sub_path = true`,
    https: (url) => `root_url = ${url}/`,
    websockets: ['/api/live/ws'],
    origins: (origin) => `root_url, or [live] allowed_origins = ${origin}`,
    metrics: ['/metrics'],
  },
  { name: 'AKHQ', title: /\bAKHQ\b/, basePath: (_, path) => `micronaut.server.context-path: ${path}` },
  {
    name: 'kafka-ui',
    title: /^(?:UI for Apache Kafka|Kafbat UI)/i,
    basePath: (_, path) => `SERVER_SERVLET_CONTEXT_PATH=${path}`,
  },
  { name: 'Kafdrop', title: /^Kafdrop\b/i, basePath: (_, path) => `SERVER_SERVLET_CONTEXTPATH=${path}` },
  {
    name: 'Redpanda Console',
    title: /^Redpanda Console/i,
    basePath: (_, path) => `server.basePath: ${path}`,
  },
  { name: 'Jaeger', title: /^Jaeger UI/i, basePath: (_, path) => `QUERY_BASE_PATH=${path}` },
  {
    name: 'Kibana',
    field: ['kbn-name', /./],
    basePath: (_, path) => `server.basePath: ${path} and server.rewriteBasePath: true`,
  },
  {
    name: 'Node-RED',
    title: /^Node-RED\b/,
    basePath: (_, path) => `httpAdminRoot: '${path}' and httpNodeRoot: '${path}' in settings.js`,
    websockets: ['/comms'],
  },
  {
    name: 'Jupyter',
    title: /^Jupyter/,
    basePath: (_, path) => `ServerApp.base_url = '${path}/'`,
    websockets: ['/api/events/subscribe'],
    origins: (origin) => `ServerApp.allow_origin = '${origin}'`,
  },
  {
    name: 'RabbitMQ management',
    title: /^RabbitMQ Management/,
    basePath: (_, path) => `management.path_prefix = ${path}`,
  },
  {
    name: 'Airflow',
    title: /\bAirflow\b/,
    basePath: (url) => `base_url = ${url}`,
    https: () => 'airflow api-server --proxy-headers',
  },
  {
    name: 'MinIO Console',
    title: /^MinIO Console/i,
    https: (url) => `MINIO_BROWSER_REDIRECT_URL=${url}`,
  },
  { name: 'Flink', title: /^Apache Flink\b/ },
  { name: 'Confluent Schema Registry', field: ['content-type', /application\/vnd\.schemaregistry/] },
];

const kpow = tools[0] ?? null;

/** Which tool this seems to be, by what it says of itself; null where it does not. */
export function recognise(looks: readonly Look[]): KnownTool | null {
  if (looks.some(({ mount }) => mount.kind === 'kpow')) return kpow;
  return (
    tools.find(({ title, field }) =>
      looks.some(
        ({ page, trail }) =>
          (title?.test(titleOf(page)) ?? false) ||
          (field !== undefined && trail.steps.some(({ exchanged }) => hasField(exchanged?.result, field))),
      ),
    ) ?? null
  );
}

function hasField(
  result: NonNullable<Look['trail']['steps'][number]['exchanged']>['result'] | undefined,
  [name, value]: NonNullable<KnownTool['field']>,
): boolean {
  return result?.kind === 'answered' && valuesOf(result.fields, name).some((it) => value.test(it));
}
