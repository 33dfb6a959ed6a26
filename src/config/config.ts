/**
 * The configuration as the program uses it: defaults filled in, durations in milliseconds, sizes in bytes,
 * targets parsed. `load.ts` makes it from YAML; nothing else in the program reads raw configuration.
 */

export type PrefixMode = 'strip' | 'keep' | 'adopt';

/** `http.mode` without `off`: a listener that is off is `null`. */
export type HttpMode = 'redirect' | 'serve';

/**
 * Which fields trusted proxies write. Others may be a client's own, which they pass on unread. `auto`: Forwarded where
 * there is none of X-Forwarded-For, -Proto, -Host and -Port, else these.
 */
export type TrustedFields = 'auto' | 'x-forwarded' | 'forwarded';

/** A certificate from an ACME authority (RFC 8555). */
export interface AcmeConfig {
  /** DNS names in lower case, the first of which names the certificate's files. */
  readonly domains: readonly string[];
  readonly email: string | null;
  /** URL of the authority's directory. */
  readonly directory: string;
  readonly challenge: 'http-01' | 'tls-alpn-01';
  /** Absolute path of a folder. */
  readonly storage: string;
  /** Milliseconds before the end of a certificate. */
  readonly renewBefore: number;
  /** Milliseconds from the first failure to the next try. */
  readonly retry: number;
  /** Absolute path of a PEM file. */
  readonly ca: string | null;
  readonly eab: { readonly keyId: string; readonly hmacKey: string } | null;
}

export interface HttpsListen {
  readonly port: number;
  readonly host: string;
  /** Absolute paths of PEM files; not read where there is `acme`. */
  readonly cert: string;
  readonly key: string;
  /** The port that browsers see, where it differs from `port` (a published container port). */
  readonly publicPort: number;
  /** `max-age` of Strict-Transport-Security in milliseconds; 0 has browsers forget it, null sends none (RFC 6797). */
  readonly hsts: number | null;
  readonly acme: AcmeConfig | null;
  /** Beside the one above, chosen by the name that a client asks for; absolute paths of PEM files. */
  readonly certificates: readonly { readonly cert: string; readonly key: string }[];
  /** Absolute path of a PEM file with the authorities of client certificates; null asks for none. */
  readonly clientCa: string | null;
  /** Of no account where `clientCa` is null. */
  readonly clientAuth: 'required' | 'optional';
  /** Whether tools get the whole client certificate (RFC 9440). */
  readonly forwardClientCert: boolean;
}

export interface HttpListen {
  readonly port: number;
  readonly host: string;
  readonly mode: HttpMode;
}

/** Where a mount's requests go. */
export interface Target {
  readonly protocol: 'http:' | 'https:';
  /** Host name or address, an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** `host` or `host:port` as it stands in a Host field (no port when it is the scheme's default). */
  readonly authority: string;
  /** Base path without a trailing slash: `` or `/base`. */
  readonly path: string;
}

/** A name that a tool knows itself by. */
export interface OwnName {
  /** Lower case, an IPv6 address in brackets. */
  readonly hostname: string;
  /** null where none is written: then none in a URL, or a scheme's default one. */
  readonly port: number | null;
}

/** How many requests each client may make. */
export interface RateLimitConfig {
  readonly requests: number;
  /** Milliseconds, whole seconds. */
  readonly per: number;
  /** What becomes of requests while the store cannot be asked. */
  readonly whenStoreAway: 'count-alone' | 'allow' | 'refuse';
}

/** Where several gateways count together: a server that speaks Redis' protocol. */
export interface RateLimitStoreConfig {
  /** Host name or address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A secret, like `password`: neither may reach a log. '' is none. */
  readonly username: string;
  readonly password: string;
  readonly database: number;
  /** Absolute path of a PEM file. */
  readonly ca: string | null;
  /** Milliseconds that a request waits for it at the most. */
  readonly timeout: number;
  /** What keys begin with. */
  readonly prefix: string;
}

/** How an https target is spoken to; absolute paths of PEM files. */
export interface UpstreamTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly verify: boolean;
}

export interface HealthConfig {
  /** Path at the tool, exactly as it is asked for (neither the mount's prefix nor the target's base path is added). */
  readonly path: string;
  /** Milliseconds between probes, and until one is given up. */
  readonly interval: number;
  readonly timeout: number;
  /** Consecutive results that change the state. */
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
  /** What becomes of requests while the tool itself answers that it is not healthy. */
  readonly whenUnhealthy: 'refuse' | 'pass';
}

/** When a target that takes no connections is left alone. */
export interface CircuitConfig {
  /** Connects that fail in a row. */
  readonly failures: number;
  /** Milliseconds until it is tried for the first time. */
  readonly retry: number;
}

/** Milliseconds; 0 is no limit. */
export interface Timeouts {
  /** TCP and TLS handshake with the tool. */
  readonly connect: number;
  /** From the request's last byte to the first byte of the answer's head. */
  readonly response: number;
  /** The longest silence in an answer's body or a websocket. */
  readonly idle: number;
}

/** What clients may use of the gateway. Bytes, milliseconds (0 is no limit), counts. */
export interface Limits {
  /** Of a request, and of a tool's answer. */
  readonly head: number;
  readonly url: number;
  /** How many header fields a request may have. */
  readonly fields: number;
  /** From a head's first byte, or the beginning of its connection, to its last. */
  readonly headTimeout: number;
  /** The longest silence within a request's body. */
  readonly bodyTimeout: number;
  /** The longest time in which a client takes nothing of what waits for it. */
  readonly sendTimeout: number;
  /** Of all clients, and of one. */
  readonly connections: number;
  readonly connectionsPerClient: number;
  readonly requestsPerConnection: number;
}

/** What a tool is spared. */
export interface UpstreamLimits {
  /** Requests and websockets at once. */
  readonly connections: number;
  /** How many more may wait, and for how many milliseconds. */
  readonly queue: number;
  readonly queueTimeout: number;
}

/** What clients may use of one tool. */
export interface MountLimits extends UpstreamLimits {
  /** Bytes of a request's body; 0 is no limit. */
  readonly body: number;
}

export interface MountConfig {
  readonly name: string;
  /** `/` or `/kpow`: absolute, no trailing slash otherwise. */
  readonly path: string;
  /** The first of `targets`. */
  readonly target: Target;
  /** In the order in which they are wanted; all have the same path. */
  readonly targets: readonly Target[];
  /** Names of the tool besides those of `targets`, which it may write into its answers. */
  readonly names: readonly OwnName[];
  readonly balance: 'active-standby' | 'least-connections';
  readonly sticky: boolean;
  readonly circuit: CircuitConfig;
  readonly prefix: PrefixMode;
  /** Whose names the pages of an adopted tool have in `localStorage`: those of all, or its own. */
  readonly storage: 'shared' | 'separate';
  /** What a request for the path without its trailing slash gets: a redirect, or the tool's own answer. */
  readonly trailingSlash: 'redirect' | 'pass';
  readonly host: 'client' | 'target';
  /** Whether X-Forwarded-Prefix is sent, where something was taken off the path. */
  readonly forwardedPrefix: boolean;
  /** Whether trusted proxies have authenticated the person: then their fields that say who it is are passed on. */
  readonly trustedIdentity: boolean;
  readonly tls: UpstreamTls;
  readonly health: HealthConfig | null;
  readonly timeouts: Timeouts;
  readonly limits: MountLimits;
  /** Addresses, CIDRs, or names of groups; null is everyone. */
  readonly allow: readonly string[] | null;
  /** Paths inside the mount, on whole segments. */
  readonly deny: readonly string[];
  /** Upper case; null is all. */
  readonly methods: readonly string[] | null;
  /** Origins besides the public one whose pages may open websockets, in lower case. */
  readonly origins: readonly string[] | 'any';
  /** null: any number. */
  readonly rateLimit: RateLimitConfig | null;
  /** `/-/healthy` answers 503 while a required mount is not healthy. */
  readonly required: boolean;
  /** kPow gets kPow's own diagnosis and advice. Guessed from name, path and target unless set. */
  readonly kind: 'kpow' | 'other';
  readonly description: string;
  /** A character or two, or the absolute path of an .svg or .png file; '' lets the portal choose. */
  readonly icon: string;
}

export interface LogConfig {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** auto: readable on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** One line a request. */
  readonly access: boolean;
}

export interface MetricsConfig {
  /** Addresses, CIDRs, or loopback | linklocal | uniquelocal | any. */
  readonly allow: readonly string[];
  /** Where they are served alone; null serves them on the ports of `listen`. */
  readonly own: { readonly port: number; readonly host: string } | null;
}

/** Somebody who is told when a mount's state changes. */
export interface WebhookConfig {
  /** A secret, like `headers`: neither may reach a log. */
  readonly url: string;
  /** Only where `template` is null. */
  readonly format: 'slack' | 'json';
  readonly template: string | null;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Paths of mounts; null is all that have `health`. */
  readonly mounts: readonly string[] | null;
  readonly states: readonly ('unhealthy' | 'unreachable' | 'healthy')[];
  /** Milliseconds; a `repeat` of 0 is never. */
  readonly after: number;
  readonly repeat: number;
  readonly timeout: number;
  /** Absolute path of a PEM file. */
  readonly ca: string | null;
}

export interface NotifyConfig {
  /** The portal's address as people reach it. */
  readonly link: string | null;
  readonly webhooks: readonly WebhookConfig[];
}

/** Where traces go, and which requests have one. */
export interface TracesConfig {
  /** The URL that spans are posted to (OTLP over HTTP), its path included. */
  readonly endpoint: string;
  /** How much of the requests is traced, from 0 to 1, where no proxy in front has decided it. */
  readonly ratio: number;
  /** The gateway's name in traces: `service.name`. */
  readonly service: string;
  /** Fields of the requests to the endpoint; secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absolute path of a PEM file with the authority of an https endpoint. */
  readonly ca: string | null;
  /** Whether everyone's `traceparent` is continued, or only that of `trustedProxies`. */
  readonly trust: boolean;
}

export interface Config {
  readonly listen: {
    readonly https: HttpsListen | null;
    readonly http: HttpListen | null;
    /** Milliseconds that a connection may be idle between two requests. */
    readonly keepAlive: number;
    /** Whether other processes may listen on the same ports (SO_REUSEPORT). */
    readonly reusePort: boolean;
  };
  /** Names in lower case, each whole or as `*.example.com`; null is any. */
  readonly hosts: readonly string[] | null;
  /** Addresses, CIDRs, or loopback | linklocal | uniquelocal. */
  readonly trustedProxies: readonly string[];
  readonly trustedFields: TrustedFields;
  readonly mounts: readonly MountConfig[];
  readonly portal: { readonly title: string };
  readonly log: LogConfig;
  /** null serves none. */
  readonly metrics: MetricsConfig | null;
  /** null: off. */
  readonly traces: TracesConfig | null;
  readonly limits: Limits;
  /** How many processes serve; `auto` is as many as there are processors. */
  readonly workers: number | 'auto';
  /** What cookies are signed with; null where each start makes its own. */
  readonly secret: string | null;
  /** Milliseconds: `delay` from the signal until nothing more is accepted, `timeout` from then on. */
  readonly drain: { readonly delay: number; readonly timeout: number };
  /** Whether a change of the configuration's file puts it in force. */
  readonly reload: { readonly watch: boolean };
  /** null: each gateway counts for itself. */
  readonly rateLimitStore: RateLimitStoreConfig | null;
  readonly notify: NotifyConfig;
}

export { ConfigError } from './config-error';
