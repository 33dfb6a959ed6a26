import type {
  AcmeConfig,
  Config,
  HealthConfig,
  HttpListen,
  HttpsListen,
  MetricsConfig,
  MountConfig,
  NotifyConfig,
  RateLimitStoreConfig,
  Target,
  TracesConfig,
} from './config';
import type { AcmeEntry, Document, MountEntry } from './schema/document';

/** The document as the program uses it: mounts merged with the top-level defaults, file names absolute. */
export function resolve(document: Document, locate: (file: string) => string): Config {
  const { trustedProxies, trustedFields, hosts, portal, log, drain, reload } = document;
  const { body: _, ...limits } = document.limits;
  return {
    listen: {
      https: httpsListen(document, locate),
      http: httpListen(document),
      keepAlive: document.listen.keepAlive,
      reusePort: document.listen.reusePort,
    },
    hosts: hosts === 'any' ? null : hosts,
    trustedProxies,
    trustedFields,
    mounts: document.mounts.map((mount) => mountConfig(mount, document, locate)),
    portal,
    log,
    metrics: metricsConfig(document.metrics),
    traces: tracesConfig(document, locate),
    limits,
    workers: document.workers,
    secret: document.secret ?? null,
    rateLimitStore: rateLimitStoreConfig(document, locate),
    drain,
    reload,
    notify: notifyConfig(document, locate),
  };
}

function notifyConfig({ notify: { link, webhooks } }: Document, locate: (file: string) => string): NotifyConfig {
  return {
    link: link ?? null,
    webhooks: webhooks
      .filter(({ url }) => url !== 'off')
      .map((webhook) => ({
        ...webhook,
        format: webhook.format ?? 'slack',
        template: webhook.template ?? null,
        contentType: webhook.contentType ?? 'application/json',
        headers: webhook.headers ?? {},
        mounts: webhook.mounts ?? null,
        ca: webhook.ca === undefined ? null : locate(webhook.ca),
      })),
  };
}

function rateLimitStoreConfig(
  { rateLimitStore: store }: Document,
  locate: (file: string) => string,
): RateLimitStoreConfig | null {
  if (store === 'off') return null;
  const { url, password, ca, timeout, prefix } = store;
  return { ...url, password: password ?? url.password, ca: ca === undefined ? null : locate(ca), timeout, prefix };
}

function tracesConfig({ traces }: Document, locate: (file: string) => string): TracesConfig | null {
  if (traces === 'off') return null;
  const { headers = {}, ca } = traces;
  return { ...traces, headers, ca: ca === undefined ? null : locate(ca) };
}

function httpsListen({ listen: { https } }: Document, locate: (file: string) => string): HttpsListen | null {
  if (https === 'off') return null;
  return {
    ...https,
    cert: locate(https.cert ?? 'certs/tls.crt'),
    key: locate(https.key ?? 'certs/tls.key'),
    publicPort: https.publicPort ?? https.port,
    hsts: https.hsts === 'off' ? null : https.hsts,
    acme: https.acme === undefined ? null : acmeConfig(https.acme, locate),
    certificates: (https.certificates ?? []).map(({ cert, key }) => ({ cert: locate(cert), key: locate(key) })),
    clientCa: https.clientCa === undefined ? null : locate(https.clientCa),
    clientAuth: https.clientAuth ?? 'required',
    forwardClientCert: https.forwardClientCert ?? false,
  };
}

function acmeConfig(acme: AcmeEntry, locate: (file: string) => string): AcmeConfig {
  const { termsOfServiceAgreed: _, domains, email, storage, ca, eab, ...rest } = acme;
  return {
    ...rest,
    domains: [...new Set(domains)],
    email: email ?? null,
    storage: locate(storage),
    ca: ca === undefined ? null : locate(ca),
    eab: eab ?? null,
  };
}

function httpListen({ listen: { http, https } }: Document): HttpListen | null {
  if (http === 'off' || http.mode === 'off') return null;
  return { port: http.port, host: http.host, mode: http.mode ?? (https === 'off' ? 'serve' : 'redirect') };
}

function metricsConfig(metrics: Document['metrics']): MetricsConfig | null {
  if (metrics === 'off') return null;
  const { allow, port, host } = metrics;
  if (port === undefined) return { allow: allow ?? ['loopback'], own: null };
  return { allow: allow ?? ['any'], own: { port, host } };
}

function mountConfig(mount: MountEntry, document: Document, locate: (file: string) => string): MountConfig {
  const { path, prefix, storage, host, forwardedPrefix, required, tls, timeouts, balance, sticky, limits } = mount;
  const targets = mount.target;
  const target = targets[0] as Target;
  const name = mount.name ?? (path === '/' ? target.hostname : path.slice(1));
  const located = (file: string | undefined) => (file === undefined ? null : locate(file));
  return {
    name,
    path,
    target,
    targets,
    names: mount.names ?? [],
    balance,
    sticky,
    circuit: {
      failures: mount.circuit?.failures ?? document.circuit.failures,
      retry: mount.circuit?.retry ?? document.circuit.retry,
    },
    prefix,
    storage,
    trailingSlash: mount.trailingSlash ?? (prefix === 'keep' ? 'pass' : 'redirect'),
    host,
    forwardedPrefix,
    trustedIdentity: mount.trustedIdentity ?? document.trustedIdentity,
    tls: { ca: located(tls?.ca), cert: located(tls?.cert), key: located(tls?.key), verify: tls?.verify ?? true },
    health: healthConfig(mount.health, document.health),
    timeouts: {
      connect: timeouts?.connect ?? document.timeouts.connect,
      response: timeouts?.response ?? document.timeouts.response,
      idle: timeouts?.idle ?? document.timeouts.idle,
    },
    limits: { ...limits, body: limits.body ?? document.limits.body },
    allow: mount.allow === undefined || mount.allow.includes('any') ? null : mount.allow,
    deny: mount.deny ?? [],
    methods: mount.methods ?? null,
    origins: mount.origins ?? [],
    rateLimit: mount.rateLimit === undefined || mount.rateLimit === 'off' ? null : mount.rateLimit,
    required,
    kind:
      mount.kind ??
      ([name, path, ...targets.map(({ hostname }) => hostname)].some((text) => /kpow/i.test(text)) ? 'kpow' : 'other'),
    description: mount.description ?? '',
    icon: mount.icon !== undefined && isImage(mount.icon) ? locate(mount.icon) : (mount.icon ?? ''),
  };
}

/** Whether an icon is a file rather than a character or two. */
export function isImage(icon: string): boolean {
  return /\.(svg|png)$/i.test(icon);
}

function healthConfig(health: MountEntry['health'], top: Document['health']): HealthConfig | null {
  if (health === 'off') return null;
  const own: Partial<Exclude<typeof health, string | undefined>> =
    typeof health === 'string' ? { path: health } : (health ?? {});
  const path = own.path ?? top.path;
  if (path === undefined) return null;
  return {
    path,
    interval: own.interval ?? top.interval,
    timeout: own.timeout ?? top.timeout,
    healthyAfter: own.healthyAfter ?? top.healthyAfter,
    unhealthyAfter: own.unhealthyAfter ?? top.unhealthyAfter,
    whenUnhealthy: own.whenUnhealthy ?? top.whenUnhealthy,
  };
}
