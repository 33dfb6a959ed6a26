// Generated from src/config/schema by `npm run build && node dist/config/generate.js`; edit there.

/** A configuration as YAML or JSON would give it: `docs/configuration.md`, as a type. */
export interface GatewayConfig {
  /**
   * The ports.
   */
  readonly listen?: {
    /**
     * Where HTTPS is served. `off`: not at all.
     */
    readonly https?: 'off' | false | {
      /**
       * The port for HTTPS. 0 takes any free one.
       * @default 8443
       */
      readonly port?: number | undefined;
      /**
       * The address to listen on: `0.0.0.0` is every IPv4 address of the machine, `::` also every IPv6 one.
       * @default "0.0.0.0"
       */
      readonly host?: string | undefined;
      /**
       * PEM file: the server's certificate, then the intermediate ones. When `cert` and `key` are both missing, a self-signed pair for localhost is generated there.
       * @default `certs/tls.crt`
       */
      readonly cert?: string | undefined;
      /**
       * PEM file: the certificate's private key, not encrypted.
       * @default `certs/tls.key`
       */
      readonly key?: string | undefined;
      /**
       * The port that browsers see, where it is another one: a published container port, a load balancer.
       * @default as `port`
       */
      readonly publicPort?: number | undefined;
      /**
       * How long browsers remember to ask this host by HTTPS alone, on every port (Strict-Transport-Security): its other plain HTTP ports no longer open in them. `0s` has them forget it. See [certificates.md](certificates.md#strict-transport-security).
       * @default "off"
       */
      readonly hsts?: false | 0 | string | undefined;
      /**
       * A certificate from an ACME authority such as Let's Encrypt, ordered and renewed by the gateway itself; takes the place of `cert` and `key`. See docs/certificates.md.
       */
      readonly acme?: {
        /**
         * The names that browsers use; each has to lead to this gateway. DNS names without wildcards; a list, or a text with commas.
         */
        readonly domains?: string | readonly string[] | undefined;
        /**
         * That you agree to the authority's terms of service.
         */
        readonly termsOfServiceAgreed: true;
        /**
         * Where the authority may write to.
         */
        readonly email?: string | undefined;
        /**
         * The authority: Let's Encrypt, its staging (try it there first: generous limits, certificates that no browser trusts), or the https URL of another's directory.
         * @default "letsencrypt"
         */
        readonly directory?: string | undefined;
        /**
         * How the authority sees that the names lead here: `http-01` asks for a file on port 80, `tls-alpn-01` makes a TLS handshake on port 443. These ports have to lead to `listen.http` or `listen.https`.
         * @default "http-01"
         */
        readonly challenge?: 'http-01' | 'tls-alpn-01' | undefined;
        /**
         * The folder for account keys, certificates and pending challenges. Keep it; gateways that serve the same names share it.
         * @default "certs/acme"
         */
        readonly storage?: string | undefined;
        /**
         * How long before its end a certificate is renewed; never before two thirds of the certificate's lifetime are over.
         * @default "30d"
         */
        readonly renewBefore?: string | undefined;
        /**
         * How long after a failure the next try comes; the time doubles with each failure, up to 6h. Public authorities count failures.
         * @default "1m"
         */
        readonly retry?: string | undefined;
        /**
         * PEM file with the authority that signed the directory's own certificate, where it is a private one.
         */
        readonly ca?: string | undefined;
        /**
         * What ties the account to one that you have with the authority (external account binding), where it asks for that.
         */
        readonly eab?: {
          /**
           * The key identifier.
           */
          readonly keyId: string;
          /**
           * The key, in base64url.
           */
          readonly hmacKey: string;
        } | undefined;
      } | undefined;
      /**
       * More certificates, each served to those who ask for a name in it (SNI), wildcards included. `cert` is served to all others.
       */
      readonly certificates?: readonly {
        /**
         * PEM file: the server's certificate, then the intermediate ones.
         */
        readonly cert: string;
        /**
         * PEM file: the certificate's private key, not encrypted.
         */
        readonly key: string;
      }[] | undefined;
      /**
       * PEM file with the authorities whose client certificates are taken (mutual TLS). Tools are told whose it was in `X-SSL-Client-Verify`, `X-SSL-Client-DN` and `X-SSL-Client-Fingerprint`.
       */
      readonly clientCa?: string | undefined;
      /**
       * Whether everybody needs a client certificate; those without get 403, but for `/-/up` and `/-/healthy`. Goes with `clientCa`.
       * @default `required`
       */
      readonly clientAuth?: 'required' | 'optional' | undefined;
      /**
       * Whether tools also get the whole client certificate, in `Client-Cert` (RFC 9440): 1 to 3 kB with each request. Goes with `clientCa`.
       * @default `false`
       */
      readonly forwardClientCert?: boolean | undefined;
    } | undefined;
    /**
     * Where plain HTTP is served. `off`: not at all.
     */
    readonly http?: 'off' | false | {
      /**
       * The port for plain HTTP. 0 takes any free one.
       * @default 8080
       */
      readonly port?: number | undefined;
      /**
       * The address to listen on: `0.0.0.0` is every IPv4 address of the machine, `::` also every IPv6 one.
       * @default "0.0.0.0"
       */
      readonly host?: string | undefined;
      /**
       * `redirect` sends browsers to HTTPS. `serve` serves the mounts in plain HTTP: only behind a proxy that does TLS. `off` does not listen.
       * @default `redirect`; `serve` where https is off
       */
      readonly mode?: 'redirect' | 'serve' | 'off' | false | undefined;
    } | undefined;
    /**
     * How long a connection may be idle between two requests. Longer than the idle limit of a balancer in front, or it sends requests into connections that are just being closed.
     * @default "75s"
     */
    readonly keepAlive?: string | undefined;
    /**
     * Whether other processes of the same user may listen on the same ports, so that a new one can start before the old one ends (SO_REUSEPORT). Needs Linux or FreeBSD, and Node 22.12 or newer; see [restarts.md](restarts.md).
     * @default false
     */
    readonly reusePort?: boolean | undefined;
  } | undefined;
  /**
   * The proxies in front of the gateway whose word on client address, scheme and host is taken: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`; a list, or a text with commas. Nobody, by default.
   * @default []
   */
  readonly trustedProxies?: string | readonly string[] | undefined;
  /**
   * Which fields the trusted proxies write: `X-Forwarded-*`, or `Forwarded` (RFC 7239). The others are not read: they may be what a client has sent to the proxy. `auto`: `Forwarded` only where no `X-Forwarded-` field of the address (`-For`, `-Proto`, `-Host`, `-Port`, `-Prefix` and the like) comes with it.
   * @default "auto"
   */
  readonly trustedFields?: 'auto' | 'x-forwarded' | 'forwarded' | undefined;
  /**
   * Whether the proxies in `trustedProxies` have authenticated the person: then fields such as `X-WEBAUTH-USER`, `Remote-User` and `X-Forwarded-User` go on to the tool from them, and from nobody else. See [access.md](access.md#who-the-person-is).
   * @default false
   */
  readonly trustedIdentity?: boolean | undefined;
  /**
   * The names that are served; a request for another gets 421. `*.example.com` is every name below it. Probes of `/-/up` and `/-/healthy` may use any.
   * @default "any"
   */
  readonly hosts?: 'any' | readonly string[] | undefined;
  /**
   * The tools, and where they appear.
   */
  readonly mounts: readonly {
    /**
     * What people see on the portal, in failures and in the log.
     * @default from `path`
     */
    readonly name?: string | undefined;
    /**
     * Where the tool appears, without a trailing slash; `/` is the root. The longest path wins, on whole segments. Not under `/-/`.
     */
    readonly path: string;
    /**
     * The tool's own address; a path in it goes before each request's. Several, in the order in which they are wanted: see [upstreams.md](upstreams.md).
     */
    readonly target: string | readonly string[];
    /**
     * Other names that the tool knows itself by, with the port: its redirects, cookies and (with `prefix: adopt`) pages that say one of them are put right as those that say the name in `target` are. `kpow-gateway doctor` finds such a name.
     * @default none
     */
    readonly names?: string | readonly string[] | undefined;
    /**
     * Which of several targets requests go to. `active-standby`: all to the first that is well. `least-connections`: to that which has the fewest under way; for tools that may run more than once, which kPow may not.
     * @default "active-standby"
     */
    readonly balance?: 'active-standby' | 'least-connections' | undefined;
    /**
     * Whether a browser stays with its target while that is well, by a signed cookie; with `least-connections`. Several gateways need the same `secret`.
     * @default false
     */
    readonly sticky?: boolean | undefined;
    /**
     * When this tool's targets are left alone.
     */
    readonly circuit?: {
      /**
       * How many connects that fail in a row take a target out. The other targets get its requests; where there is none, a target that only refuses is still tried, and one that lets connects time out is answered for with 503 at once.
       * @default as `circuit.failures`
       */
      readonly failures?: number | undefined;
      /**
       * When a target that is out is tried by a connection of its own, without a request, for the first time; then after twice the time, and so on, up to 30 s. A good probe of `health` brings it back as well.
       * @default as `circuit.retry`
       */
      readonly retry?: string | undefined;
    } | undefined;
    /**
     * Whether `path` is taken off before the request goes to the tool. `keep` for a tool that has `path` as its own base path; `adopt` for one that knows of no base path and writes `/...` in its pages: see [adopt.md](adopt.md).
     * @default "strip"
     */
    readonly prefix?: 'strip' | 'keep' | 'adopt' | undefined;
    /**
     * Whether the tool’s pages have names of their own in `localStorage` and `sessionStorage`, which otherwise all tools of the address share; with `prefix: adopt`.
     * @default "shared"
     */
    readonly storage?: 'shared' | 'separate' | undefined;
    /**
     * What a request for `path` without its trailing slash gets: a redirect to it, or the tool's own answer. A websocket's handshake is not redirected, which browsers do not follow, but sent on with the slash.
     * @default `pass` when keeping, otherwise `redirect`
     */
    readonly trailingSlash?: 'redirect' | 'pass' | undefined;
    /**
     * The `Host` that the tool gets: as the client sent it, or the one in `target`. With `target`, `Origin` and `Referer` of the gateway’s own pages, `X-Forwarded-Host`, `X-Forwarded-Port` and `Forwarded` name the target too.
     * @default "client"
     */
    readonly host?: 'client' | 'target' | undefined;
    /**
     * Whether the tool gets `X-Forwarded-Prefix`: what was taken off the path here, and before that by a trusted proxy in front. `false` for a tool that puts it before its links itself and so doubles it.
     * @default true
     */
    readonly forwardedPrefix?: boolean | undefined;
    /**
     * Whether the proxies in `trustedProxies` have authenticated the person: then fields such as `X-WEBAUTH-USER`, `Remote-User` and `X-Forwarded-User` go on to the tool from them, and from nobody else. See [access.md](access.md#who-the-person-is).
     * @default as `trustedIdentity`
     */
    readonly trustedIdentity?: boolean | undefined;
    /**
     * How an `https://` target is spoken to.
     */
    readonly tls?: {
      /**
       * PEM file with the authority that signed the tool's certificate, where it is a private one.
       */
      readonly ca?: string | undefined;
      /**
       * PEM file with the client certificate that the tool asks for; goes with `key`.
       */
      readonly cert?: string | undefined;
      /**
       * PEM file with the client certificate's private key.
       */
      readonly key?: string | undefined;
      /**
       * Whether the certificate of the tool is verified. `false` accepts any: for tests.
       * @default true
       */
      readonly verify?: boolean | undefined;
    } | undefined;
    /**
     * Whose requests are let through, the others get 403: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`, `any`; a list, or a text with commas.
     * @default `any`
     */
    readonly allow?: string | readonly string[] | undefined;
    /**
     * Paths inside the mount that are not served, with all that is below them: 403, however a request spells them.
     * @default none
     */
    readonly deny?: string | readonly string[] | undefined;
    /**
     * The methods that are let through, the others get 405; `read-only` is GET, HEAD and OPTIONS. Websockets are GET.
     * @default all
     */
    readonly methods?: 'read-only' | readonly string[] | undefined;
    /**
     * The origins, besides the gateway's own, whose pages may open websockets here. Any page that somebody looks at could otherwise use their login.
     * @default the gateway's own alone
     */
    readonly origins?: 'any' | readonly string[] | undefined;
    /**
     * How many requests a client may make in this mount; those above are answered 429. `off`: any number.
     * @default `off`
     */
    readonly rateLimit?: 'off' | false | {
      /**
       * How many requests an address may make in the time `per`; an IPv6 address counts as its /64.
       */
      readonly requests: number;
      /**
       * It begins with the first request, and when it is over the count begins anew.
       * @default "1m"
       */
      readonly per?: string | undefined;
      /**
       * While `rateLimitStore` does not answer: `count-alone` lets each gateway count for itself, `allow` lets all requests through, `refuse` answers them 503.
       * @default "count-alone"
       */
      readonly whenStoreAway?: 'count-alone' | 'allow' | 'refuse' | undefined;
    } | undefined;
    /**
     * How this tool is probed: a path is short for `{ path }`, `off` is not at all.
     * @default as `health`
     */
    readonly health?: string | false | {
      /**
       * What is asked for at the tool, exactly as it stands: neither the mount's path nor the target's is put before it. 2xx is healthy.
       * @default as `health.path`
       */
      readonly path?: string | undefined;
      /**
       * The time between two probes.
       * @default as `health.interval`
       */
      readonly interval?: string | undefined;
      /**
       * When a probe is given up.
       * @default as `health.timeout`
       */
      readonly timeout?: string | undefined;
      /**
       * How many good probes in a row make the tool healthy.
       * @default as `health.healthyAfter`
       */
      readonly healthyAfter?: number | undefined;
      /**
       * How many bad probes in a row make it unhealthy.
       * @default as `health.unhealthyAfter`
       */
      readonly unhealthyAfter?: number | undefined;
      /**
       * While the tool itself answers that it is not healthy: `refuse` answers 503 with a page that says so, `pass` lets requests through.
       * @default as `health.whenUnhealthy`
       */
      readonly whenUnhealthy?: 'refuse' | 'pass' | undefined;
    } | undefined;
    /**
     * How long this tool may take.
     */
    readonly timeouts?: {
      /**
       * For connecting to the tool, TLS handshake included.
       * @default as `timeouts.connect`
       */
      readonly connect?: false | 0 | string | undefined;
      /**
       * From the end of the request to the first byte of the tool's answer. A pause of the upload has a limit of its own: `limits.bodyTimeout`.
       * @default as `timeouts.response`
       */
      readonly response?: false | 0 | string | undefined;
      /**
       * The longest silence within an answer or on a websocket.
       * @default as `timeouts.idle`
       */
      readonly idle?: false | 0 | string | undefined;
    } | undefined;
    /**
     * What clients may use of this tool.
     */
    readonly limits?: {
      /**
       * The largest body of a request to a tool; a larger one gets 413 (nginx: client_max_body_size).
       * @default as `limits.body`
       */
      readonly body?: false | string | undefined;
      /**
       * How many requests and websockets may be at the tool at once.
       * @default 8192
       */
      readonly connections?: number | undefined;
      /**
       * How many more may wait for their turn, first come, first served; the others get 503.
       * @default 1024
       */
      readonly queue?: number | undefined;
      /**
       * How long one may wait before it gets 503.
       * @default "10s"
       */
      readonly queueTimeout?: string | undefined;
    } | undefined;
    /**
     * Whether `/-/healthy` answers 503 while this tool is not healthy.
     * @default false
     */
    readonly required?: boolean | undefined;
    /**
     * `kpow` gets kPow's own diagnosis and advice when it fails.
     * @default `kpow` where name, path or the host of the target says kpow
     */
    readonly kind?: 'kpow' | 'other' | undefined;
    /**
     * A sentence for the portal.
     */
    readonly description?: string | undefined;
    /**
     * For the portal: a character or two, or an .svg or .png file.
     * @default chosen by the portal
     */
    readonly icon?: string | undefined;
  }[];
  /**
   * How tools are probed; a mount may have its own.
   */
  readonly health?: {
    /**
     * What is asked for at the tool, exactly as it stands: neither the mount's path nor the target's is put before it. 2xx is healthy.
     * @default none: only mounts with a path of their own are probed
     */
    readonly path?: string | undefined;
    /**
     * The time between two probes.
     * @default "5s"
     */
    readonly interval?: string | undefined;
    /**
     * When a probe is given up.
     * @default "3s"
     */
    readonly timeout?: string | undefined;
    /**
     * How many good probes in a row make the tool healthy.
     * @default 1
     */
    readonly healthyAfter?: number | undefined;
    /**
     * How many bad probes in a row make it unhealthy.
     * @default 2
     */
    readonly unhealthyAfter?: number | undefined;
    /**
     * While the tool itself answers that it is not healthy: `refuse` answers 503 with a page that says so, `pass` lets requests through.
     * @default "refuse"
     */
    readonly whenUnhealthy?: 'refuse' | 'pass' | undefined;
  } | undefined;
  /**
   * How long a tool may take; a mount may have its own.
   */
  readonly timeouts?: {
    /**
     * For connecting to the tool, TLS handshake included.
     * @default "5s"
     */
    readonly connect?: false | 0 | string | undefined;
    /**
     * From the end of the request to the first byte of the tool's answer. A pause of the upload has a limit of its own: `limits.bodyTimeout`.
     * @default "60s"
     */
    readonly response?: false | 0 | string | undefined;
    /**
     * The longest silence within an answer or on a websocket.
     * @default "off"
     */
    readonly idle?: false | 0 | string | undefined;
  } | undefined;
  /**
   * When a target that takes no connections is left alone, whether it has `health` or not; a mount may have its own.
   */
  readonly circuit?: {
    /**
     * How many connects that fail in a row take a target out. The other targets get its requests; where there is none, a target that only refuses is still tried, and one that lets connects time out is answered for with 503 at once.
     * @default 3
     */
    readonly failures?: number | undefined;
    /**
     * When a target that is out is tried by a connection of its own, without a request, for the first time; then after twice the time, and so on, up to 30 s. A good probe of `health` brings it back as well.
     * @default "1s"
     */
    readonly retry?: string | undefined;
  } | undefined;
  /**
   * What the gateway signs its cookies with (`sticky`). Several gateways behind one address need the same; it stands in no log.
   * @default made at each start
   */
  readonly secret?: string | undefined;
  /**
   * What clients may use of the gateway.
   */
  readonly limits?: {
    /**
     * The largest head of a request (its first line and headers), and of a tool's answer.
     * @default "64kb"
     */
    readonly head?: string | undefined;
    /**
     * The longest path with query; not more than `head`.
     * @default "16kb"
     */
    readonly url?: string | undefined;
    /**
     * How many header fields a request may have.
     * @default 500
     */
    readonly fields?: number | undefined;
    /**
     * The largest body of a request to a tool; a larger one gets 413 (nginx: client_max_body_size).
     * @default "1gb"
     */
    readonly body?: false | string | undefined;
    /**
     * How long a request's head may take to arrive, from its first byte or from the connection's start. A connection that brings nothing is closed in silence.
     * @default "30s"
     */
    readonly headTimeout?: string | undefined;
    /**
     * The longest silence within a request's body.
     * @default "60s"
     */
    readonly bodyTimeout?: false | 0 | string | undefined;
    /**
     * How long a client may take nothing of what waits for it, before its connection is cut off.
     * @default "60s"
     */
    readonly sendTimeout?: false | 0 | string | undefined;
    /**
     * How many connections of clients may be open. Where there are more, one that is idle is closed.
     * @default 16384
     */
    readonly connections?: number | undefined;
    /**
     * How many of them may come from one address (one /64 for IPv6). `trustedProxies` may have any number.
     * @default 2048
     */
    readonly connectionsPerClient?: number | undefined;
    /**
     * How many requests one connection may bring, before its client has to make another.
     * @default 10000
     */
    readonly requestsPerConnection?: number | undefined;
  } | undefined;
  /**
   * The Redis or Valkey server in which several gateways count for `rateLimit` together. `off`: each counts for itself.
   * @default "off"
   */
  readonly rateLimitStore?: false | string | {
    /**
     * `redis://` or `valkey://`, with TLS `rediss://` or `valkeys://`; user, password and database as in `redis://user:password@host:6379/0`. User and password stand in no log.
     */
    readonly url: string;
    /**
     * The password, where it is not in `url`: here nothing in it needs to be encoded. It stands in no log.
     */
    readonly password?: string | undefined;
    /**
     * PEM file with the authority that signed the store's certificate, where it is a private one.
     */
    readonly ca?: string | undefined;
    /**
     * The longest that a request waits for the store. After that the store counts as away: each mount has its `whenStoreAway`.
     * @default "250ms"
     */
    readonly timeout?: string | undefined;
    /**
     * What keys begin with. Gateways that share it, and the `path` and `rateLimit` of a mount, count together.
     * @default "kpow-gateway"
     */
    readonly prefix?: string | undefined;
  } | undefined;
  /**
   * How many processes serve: `auto` is one for each processor. One is enough for most. Several serve more requests, and when one fails, the others keep their connections. See [scaling.md](scaling.md).
   * @default 1
   */
  readonly workers?: number | 'auto' | undefined;
  /**
   * What happens at the end.
   */
  readonly drain?: {
    /**
     * How long connections are still accepted after SIGTERM, while `/-/healthy` answers 503 and each answer is the last of its connection: as long as a balancer in front takes to notice.
     * @default "0s"
     */
    readonly delay?: string | undefined;
    /**
     * How long requests may go on after that before they are cut. Websockets are closed once no request is under way.
     * @default "10s"
     */
    readonly timeout?: string | undefined;
  } | undefined;
  /**
   * How another configuration is put in force.
   */
  readonly reload?: {
    /**
     * Whether a change of this file, or of one that a mount names, is put in force, as SIGHUP does it. A broken file is reported, and the old one stays in force.
     * @default true
     */
    readonly watch?: boolean | undefined;
  } | undefined;
  /**
   * The log.
   */
  readonly log?: {
    /**
     * What is logged: this and everything graver.
     * @default "info"
     */
    readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | undefined;
    /**
     * `auto` is readable on a terminal and JSON otherwise.
     * @default "auto"
     */
    readonly format?: 'auto' | 'json' | 'pretty' | undefined;
    /**
     * Whether each request gets a line.
     * @default true
     */
    readonly access?: boolean | undefined;
  } | undefined;
  /**
   * How Prometheus reads the metrics at `/-/metrics`. `off`: not at all.
   */
  readonly metrics?: 'off' | false | {
    /**
     * Who may read the metrics: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`, `any`; a list, or a text with commas.
     * @default `loopback`; `any` where they have a `port` of their own
     */
    readonly allow?: string | readonly string[] | undefined;
    /**
     * A port of their own for the metrics, in plain HTTP, at `/metrics`; then they are on no other. For a network that users do not reach.
     * @default none: `/-/metrics` on the ports of `listen`
     */
    readonly port?: number | undefined;
    /**
     * The address that `port` listens on.
     * @default "0.0.0.0"
     */
    readonly host?: string | undefined;
  } | undefined;
  /**
   * Traces of requests, sent by OTLP. `off`: none.
   * @default "off"
   */
  readonly traces?: 'off' | false | {
    /**
     * The receiver, which takes OTLP over HTTP. `/v1/traces` is added unless the path ends in `/traces` already.
     */
    readonly endpoint: string;
    /**
     * How much of the requests is traced. A trusted proxy that sends `traceparent` decides for its own requests.
     * @default 0.1
     */
    readonly ratio?: number | undefined;
    /**
     * The gateway's name in traces: `service.name`.
     * @default "kpow-gateway"
     */
    readonly service?: string | undefined;
    /**
     * Header fields for the receiver. They stand in no log.
     */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /**
     * PEM file with the authority that signed the receiver's certificate, where it is a private one.
     */
    readonly ca?: string | undefined;
    /**
     * Whose `traceparent` is continued, its sampled flag obeyed: `false` only that of `trustedProxies`, `true` everyone's, which lets any client have all of its requests traced.
     * @default false
     */
    readonly trust?: boolean | undefined;
  } | undefined;
  /**
   * The page at `/` that lists the tools.
   */
  readonly portal?: {
    /**
     * The heading of the portal.
     * @default "Tools"
     */
    readonly title?: string | undefined;
  } | undefined;
  /**
   * Who is told when a tool's state changes; see [notifications.md](notifications.md).
   */
  readonly notify?: {
    /**
     * The portal's address, as people reach it; each message ends with it.
     */
    readonly link?: string | undefined;
    /**
     * Who is told.
     * @default []
     */
    readonly webhooks?: readonly {
      /**
       * Where messages are posted to. `off` takes the webhook out: `url: ${SLACK_WEBHOOK_URL:-off}`.
       */
      readonly url: false | string;
      /**
       * `slack`: a text that Slack, Mattermost, Rocket.Chat and Google Chat show as it is. `json`: all that is known, for programs.
       * @default `slack`, unless there is a `template`
       */
      readonly format?: 'slack' | 'json' | undefined;
      /**
       * A body of your own in place of a format, with placeholders such as `{{name}}` and `{{state}}`; all are in [notifications.md](notifications.md).
       */
      readonly template?: string | undefined;
      /**
       * The template's media type; placeholders are escaped as it needs it.
       * @default `application/json`
       */
      readonly contentType?: string | undefined;
      /**
       * Header fields that the receiver asks for.
       */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /**
       * The paths of the mounts that this webhook is told of.
       * @default all that have `health`
       */
      readonly mounts?: string | readonly string[] | undefined;
      /**
       * `unhealthy`: the tool answers that it is not well, as kPow in its ERROR state does. `unreachable`: it does not answer. `healthy`: it is well again; told only after its trouble was.
       * @default ["unhealthy","unreachable","healthy"]
       */
      readonly states?: 'unhealthy' | 'unreachable' | 'healthy' | readonly ('unhealthy' | 'unreachable' | 'healthy')[] | undefined;
      /**
       * How long trouble, and the end of it, has to last before it is told. Nobody is told of what is shorter.
       * @default "30s"
       */
      readonly after?: string | undefined;
      /**
       * How often to remind while the trouble lasts.
       * @default "off"
       */
      readonly repeat?: false | 0 | string | undefined;
      /**
       * How long the receiver may take to answer.
       * @default "10s"
       */
      readonly timeout?: string | undefined;
      /**
       * PEM file with the authority that signed the receiver's certificate, where it is a private one.
       */
      readonly ca?: string | undefined;
    }[] | undefined;
  } | undefined;
}
