import path from 'node:path';
import { ConfigError } from '../config/config-error';
import type { GatewayConfig } from '../config/input';
import type { Directive } from './directives';
import { isAddressRange } from './address-rules';
import { guardInner, guardNames, type Origin } from './fallen';
import { lost, type Lost } from './guards';
import { Ledger } from './ledger';
import { covers, type Listen } from './listens';
import type { Surroundings } from './location';
import { zoneOf, zonesOf } from './rate';
import { Scope } from './scope';
import { clientCertificatesOf, serverOf, type Server } from './server';
import { durationOf } from './values';

export interface Converted {
  readonly config: GatewayConfig;
  readonly ledger: Ledger;
  /** What each mount of `config` is made from. */
  readonly sources: readonly Source[];
}

export interface Source {
  readonly location: Directive;
  /** What protected it in nginx and does not here. */
  readonly lost: readonly Lost[];
  /** What the mount's `allow` has to be for it to be open; null where it is not closed. */
  readonly opens: readonly string[] | 'any' | null;
}

/** What is known beside the text of the configuration. */
export type Outside = Pick<Surroundings, 'tlsProblems' | 'refused'>;

const nothingKnown: Outside = { tlsProblems: () => [], refused: new Map() };

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Https = Writable<Exclude<NonNullable<NonNullable<GatewayConfig['listen']>['https']>, string | false>>;

/**
 * The gateway's configuration for what servers of nginx do.
 * @param main what the main file is called; relative names start at its folder, as nginx has it
 * @param only the `server_name` of the one server to take; null for all that fit together
 * @throws ConfigError when there is nothing to serve
 */
export function convert(
  directives: readonly Directive[],
  main: string,
  only: string | null = null,
  { tlsProblems, refused }: Outside = nothingKnown,
): Converted {
  const ledger = new Ledger();
  const top = new Scope([directives]);
  const http = directives.find(({ name }) => name === 'http');
  const outer = http?.block ? top.within(http.block) : top;
  const upstreams = new Map(outer.own('upstream').map((upstream) => [upstream.args[0] ?? '', upstream]));
  const connection = new Set<string>();
  for (const map of outer.own('map')) {
    if (map.args[0] !== '$http_upgrade') continue;
    connection.add(map.args[1] ?? '');
    ledger.closed(map);
  }
  const locate = (file: string) => path.resolve(path.dirname(main), file);
  const upstreamsOf = {
    zones: zonesOf(outer.own('limit_req_zone', 'limit_conn_zone')),
    maps: new Map(outer.own('map', 'geo').map((map) => [map.args.at(-1) ?? '', map])),
  };
  const { locations, others } = countOf(directives);
  if (locations * (locations + others) > mostWork)
    throw new ConfigError(main, [
      `has ${locations} locations and ${others} other directives around them, too many to be looked at together; import a copy with fewer`,
    ]);
  const around = { ledger, upstreams, connection, locate, tlsProblems, refused, upstreamsOf };
  const connectionZones = countZones(directives);
  const servers = outer.own('server').map((server) => serverOf(server, outer, { ...around, connectionZones }));

  const serving = servers.filter(({ mounts }) => mounts.length > 0);
  const primary = only === null ? serving[0] : serving.find(({ hosts }) => hosts?.includes(only.toLowerCase()));
  if (primary === undefined) throw new ConfigError(main, [nothingToServe(servers, serving, only)]);

  const { joined, origins } = join(primary, only === null ? serving : [primary], servers, ledger);
  for (const server of servers) tellOfRest(server, joined, only !== null, ledger);
  const { scope } = primary;
  const config: Omit<Writable<GatewayConfig>, 'mounts'> = { listen: listenOf(joined, servers, ledger, locate) };
  const proxies = proxiesOf(scope, ledger);
  if (proxies.length > 0) config.trustedProxies = proxies;
  const hosts = joined.some((server) => server.hosts === null) ? null : joined.flatMap((server) => server.hosts ?? []);
  if (hosts !== null) config.hosts = [...new Set(hosts)];
  else tellOfOtherNames(servers, ledger);
  const limits = limitsOf(scope, ledger);
  if (Object.keys(limits).length > 0) config.limits = limits;
  tellOfSharedCounts(origins, upstreamsOf.zones, ledger);
  const closed = origins.map(closedAsNeeded);
  return { config: { ...config, mounts: closed.map(({ mount }) => mount) }, ledger, sources: closed };
}

/** What guarded a mount and does not any more keeps everybody out until somebody has looked at it. */
function closedAsNeeded({ mount, location, lost: all }: Origin): Source & Pick<Origin, 'mount'> {
  const unique = [...new Map(all.map((each) => [each.directive, each])).values()];
  if (!unique.some(({ closes }) => closes)) return { mount, location, lost: unique, opens: null };
  const opens = mount.allow === undefined ? 'any' : (mount.allow as readonly string[]);
  return { mount: { ...mount, allow: [] }, location, lost: unique, opens };
}

/** A zone of nginx's counts wherever it is named; a `rateLimit` counts for its mount. */
function tellOfSharedCounts(origins: readonly Origin[], zones: ReadonlyMap<string, Directive>, ledger: Ledger): void {
  const limits = origins.flatMap(({ guards }) =>
    guards.carried.filter(({ name }) => name === 'limit_req').map((limit) => ({ limit, zone: zoneOf(limit) ?? '' })),
  );
  for (const name of new Set(limits.map(({ zone }) => zone))) {
    const [first, ...more] = limits.filter(({ zone }) => zone === name);
    if (first && more.length > 0 && zones.has(`limit_req ${name}`))
      ledger.remark(
        first.limit,
        `each of ${more.length + 1} mounts counts for itself (rateLimit), where nginx counted them together`,
        true,
      );
  }
}

function countZones(directives: readonly Directive[], counts = new Map<string, number>()): Map<string, number> {
  for (const directive of directives) {
    const zone = directive.name === 'limit_conn' ? zoneOf(directive) : undefined;
    if (zone !== undefined) counts.set(zone, (counts.get(zone) ?? 0) + 1);
    countZones(directive.block ?? [], counts);
  }
  return counts;
}

/** Those whose word on addresses nginx took, where the gateway takes the same word. */
function proxiesOf(scope: Scope, ledger: Ledger): string[] {
  const proxies = scope.all('set_real_ip_from');
  if (proxies.length === 0) return [];
  const header = scope.one('real_ip_header');
  if (!/^x-forwarded-for$/i.test(header?.args[0] ?? '')) {
    const name = header?.args[0] ?? 'X-Real-IP';
    for (const proxy of proxies)
      ledger.remark(
        proxy,
        `is left out: it was for what these say in ${name}, and trustedProxies are believed in X-Forwarded-For and Forwarded; let them send one of these, and name them in trustedProxies`,
      );
    if (header) ledger.remark(header, 'the gateway reads X-Forwarded-For and Forwarded alone');
    return [];
  }
  ledger.carried(header);
  return proxies.flatMap((proxy) => {
    const [address = ''] = proxy.args;
    if (address.startsWith('unix:') || isAddressRange(address)) {
      ledger.carried(proxy);
      return address.startsWith('unix:') ? [] : [address];
    }
    ledger.remark(proxy, 'is left out: trustedProxies are addresses; write those of this name');
    return [];
  });
}

/** Each location is looked at beside the others, and what stands around it. */
const mostWork = 1_000_000;

function countOf(block: readonly Directive[]): { locations: number; others: number } {
  let [locations, others] = [0, 0];
  for (const { name, block: inner } of block) {
    if (name === 'location') locations++;
    else others++;
    if (inner === null || !['http', 'server', 'location'].includes(name)) continue;
    const inside = countOf(inner);
    locations += inside.locations;
    if (name !== 'location') others += inside.others;
  }
  return { locations, others };
}

function nothingToServe(servers: readonly Server[], serving: readonly Server[], only: string | null): string {
  if (only !== null && serving.length > 0) {
    const names = serving.flatMap(({ hosts }) => hosts ?? []);
    return `no server that passes on to a tool has the name ${only}${names.length > 0 ? `; there are ${names.join(', ')}` : ''}`;
  }
  return servers.length === 0
    ? 'has no server; name the nginx configuration that has one'
    : 'has no location that passes on to a tool and that the gateway could take over; write config/gateway.yaml by hand, beginning with kpow-gateway init';
}

/** The gateway has one set of mounts for all names: that of the first server, and what fits beside it. */
function join(
  primary: Server,
  serving: readonly Server[],
  servers: readonly Server[],
  ledger: Ledger,
): { joined: Server[]; origins: Origin[] } {
  const redirects = servers.some(({ toHttps }) => toHttps !== null);
  const joined = [primary];
  const origins = [...primary.mounts];
  const alone = (server: Server) => `import it for itself, with --server ${server.hosts?.[0] ?? 'and a server_name'}`;
  for (const server of serving) {
    if (server === primary) continue;
    const isPlainTwin =
      !redirects &&
      !server.listens.some(({ tls }) => tls) &&
      primary.listens.every(({ tls }) => tls) &&
      clientCertificatesOf(primary.scope) === null &&
      JSON.stringify([server.hosts, mountsOf(server)]) === JSON.stringify([primary.hosts, mountsOf(primary)]);
    // Nobody gets to a tool by a port or an address by which nginx let nobody get there.
    if (!servedAt(primary).every((listen) => covers(server.listens, listen)) && !isPlainTwin) {
      ledger.remark(server.directive, `is left out: a gateway has one set of ports; ${alone(server)}`, true);
      continue;
    }
    joined.push(server);
    let added = 0;
    const unasked = certificatesLost(server, primary);
    for (const origin of server.mounts) {
      origin.lost.push(...unasked);
      const { mount, location } = origin;
      const there = origins.find((other) => other.mount.path === mount.path);
      if (there === undefined) added = origins.push(origin);
      else if (JSON.stringify(there.mount) !== JSON.stringify(mount))
        ledger.remark(
          location,
          `is left out: a gateway has one set of mounts for all its names, and ${mount.path} is that of line ${there.location.line}; ${alone(server)}`,
          true,
        );
    }
    if (added > 0)
      ledger.remark(
        server.directive,
        `its mounts are served at the names of all servers here, and theirs at its own; to keep them apart, ${alone(server)}`,
      );
  }
  if (joined.length > 1) {
    guardNames(
      joined.map(({ mounts }) => mounts),
      origins,
    );
    guardInner(origins, ledger);
  }
  return { joined, origins };
}

const mountsOf = ({ mounts }: Server) => mounts.map(({ mount, lost: gone }) => [mount, gone.length]);

/** Where the mounts of a server are served: the gateway has one port for https, one for http. */
function servedAt({ listens, toHttps }: Server): Listen[] {
  const tls = listens.find((listen) => listen.tls);
  const plain = tls && toHttps ? undefined : listens.find((listen) => !listen.tls);
  return [tls, plain].flatMap((listen) => listen ?? []);
}

/** The gateway asks for client certificates as the first server does. */
function certificatesLost(server: Server, primary: Server): Lost[] {
  const own = clientCertificatesOf(server.scope);
  const first = clientCertificatesOf(primary.scope);
  if (!own) return [];
  const isRequired = (each: typeof own, { certificateRequired }: Server) =>
    each.verify.args[0] === 'on' || certificateRequired;
  const isAsked =
    first !== null && first.ca.args[0] === own.ca.args[0] && (isRequired(first, primary) || !isRequired(own, server));
  if (isAsked) return [];
  return [lost(own.verify, 'the gateway asks for client certificates as the first server does, and not for these')];
}

function tellOfRest(server: Server, joined: readonly Server[], asked: boolean, ledger: Ledger): void {
  const { directive, scope, toHttps } = server;
  if (joined.includes(server)) {
    ledger.carried(directive);
    return;
  }
  if (toHttps?.always === true) {
    ledger.carried(directive);
    return;
  }
  if (asked) {
    ledger.closed(directive);
    return;
  }
  if (server.mounts.length > 0) return;
  // Requests for a name that is not in `hosts` are refused anyway.
  if (refusesAll(scope)) ledger.closed(directive);
  else if (scope.own('location').length === 0)
    ledger.remark(directive, 'is left out: it has no location that passes on to a tool', true);
}

/** What nginx refused for its name is served where the names are not known. */
function tellOfOtherNames(servers: readonly Server[], ledger: Ledger): void {
  for (const { directive, mounts, scope } of servers)
    if (mounts.length === 0 && refusesAll(scope))
      ledger.remark(
        directive,
        'refused what came for other names; the gateway serves every name, until hosts says which are served',
        true,
      );
}

function refusesAll(scope: Scope): boolean {
  return (
    scope.own('ssl_reject_handshake')[0]?.args[0] === 'on' ||
    (scope.own('return').some(({ args }) => /^4\d\d$/.test(args[0] ?? '')) && scope.own('location').length === 0)
  );
}

function listenOf(
  joined: readonly Server[],
  servers: readonly Server[],
  ledger: Ledger,
  locate: (file: string) => string,
): GatewayConfig['listen'] {
  const all = joined.flatMap(({ listens }, index) => (index === 0 || listens.every(({ tls }) => !tls) ? listens : []));
  const tls = all.find((listen) => listen.tls);
  const redirecting = [...joined, ...servers].find(
    ({ toHttps, listens }) => toHttps !== null && listens.some((each) => !each.tls),
  );
  const leads = tls !== undefined && redirecting !== undefined;
  const plain =
    (leads &&
      redirecting.toHttps?.always === true &&
      joined.every(({ listens }) => listens.every((each) => each.tls))) ||
    (leads && joined.includes(redirecting))
      ? redirecting.listens.find((listen) => !listen.tls)
      : all.find((listen) => !listen.tls);
  for (const server of joined)
    for (const directive of server.scope.own('listen'))
      if (isOther(server.listens, directive, [tls, plain]))
        ledger.remark(directive, 'the gateway has one port for https and one for http; this one is left out');
  if (redirecting?.toHttps && tls === undefined)
    ledger.remark(
      redirecting.toHttps.directive,
      'there is no https here that people could be sent to; let the proxy in front, which does TLS, send them there',
    );
  const mode = redirecting && leads && redirecting.listens.some((each) => each === plain) ? 'redirect' : 'serve';
  const keepAlive = joined[0]?.scope.one('keepalive_timeout');
  const time = durationOf(keepAlive?.args[0]);
  if (time !== null) ledger.carried(keepAlive);
  return {
    https:
      tls === undefined
        ? 'off'
        : { ...httpsOf(tls, joined, ledger, locate), ...publicPort(tls, redirecting?.toHttps?.port ?? null) },
    http: plain === undefined ? 'off' : { port: plain.port, host: plain.host, mode },
    ...(time === null || time === '75s' || time.endsWith('ms') ? {} : { keepAlive: time }),
  };
}

const publicPort = (tls: Listen, port: number | null) =>
  port === null || port === tls.port ? {} : { publicPort: port };

function isOther(listens: readonly Listen[], { args }: Directive, taken: readonly (Listen | undefined)[]): boolean {
  const port = Number(/(?<!\d)(\d+)$/.exec(args[0] ?? '')?.[1] ?? 80);
  const listen = listens.find((each) => each.port === port);
  return listen !== undefined && !taken.some((each) => each?.port === port);
}

function httpsOf(
  { port, host }: Listen,
  joined: readonly Server[],
  ledger: Ledger,
  locate: (file: string) => string,
): Https {
  const pairs = new Map<string, { cert: string; key: string }>();
  for (const { scope, listens } of joined) {
    if (!listens.some(({ tls }) => tls)) continue;
    const certs = scope.all('ssl_certificate');
    const keys = scope.all('ssl_certificate_key');
    certs.forEach((cert, index) => {
      const key = keys[index];
      const names = [cert.args[0], key?.args[0]];
      const [certFile, keyFile] = names;
      if (index > 0) ledger.remark(cert, 'the gateway has one certificate for a name; this one is left out');
      else if (names.some((name) => name === undefined || /\$|^(data|engine|store):/.test(name)))
        ledger.remark(cert, 'is not the name of a file with one; write cert and key in listen.https');
      else {
        ledger.carried(cert, key);
        const pair = { cert: locate(certFile ?? ''), key: locate(keyFile ?? '') };
        pairs.set(JSON.stringify(pair), pair);
      }
    });
    keys.slice(1).forEach((key) => ledger.carried(key));
    judgeProtocols(scope, ledger);
  }
  const [own, ...others] = [...pairs.values()];
  const [first] = joined;
  const scope = first?.scope ?? new Scope([]);
  return {
    port,
    host,
    ...own,
    ...(others.length > 0 ? { certificates: others } : {}),
    ...hstsOf(scope, ledger),
    ...clientCertificates(scope, first?.certificateRequired === true, ledger, locate),
  };
}

function judgeProtocols(scope: Scope, ledger: Ledger): void {
  const protocols = scope.one('ssl_protocols');
  if (protocols === undefined) return;
  const old = protocols.args.filter((name) => !/^TLSv1\.[23]$/.test(name));
  if (old.length > 0) ledger.remark(protocols, `the gateway speaks TLS 1.2 and 1.3, not ${old.join(', ')}`);
  else if (!protocols.args.includes('TLSv1.2')) ledger.remark(protocols, 'the gateway speaks TLS 1.2 too');
  else ledger.carried(protocols);
}

/** Both send Strict-Transport-Security only where they are told to. */
function hstsOf(scope: Scope, ledger: Ledger): { hsts?: string } {
  const header = scope.all('add_header').find(({ args }) => args[0]?.toLowerCase() === 'strict-transport-security');
  const seconds = /max-age="?(\d{1,9})/i.exec(header?.args[1] ?? '')?.[1];
  if (!header || seconds === undefined) return {};
  if (/includeSubDomains|preload/i.test(header.args[1] ?? ''))
    ledger.remark(header, 'the gateway says this for its own name alone, without includeSubDomains and preload');
  else ledger.carried(header);
  const days = Number(seconds) / 86_400;
  return { hsts: days > 0 && Number.isInteger(days) ? `${days}d` : `${Number(seconds)}s` };
}

function clientCertificates(scope: Scope, required: boolean, ledger: Ledger, locate: (file: string) => string) {
  const asked = clientCertificatesOf(scope);
  if (asked === null) {
    ledger.carried(scope.one('ssl_client_certificate'));
    if (scope.one('ssl_verify_client')?.args[0] === 'off') ledger.carried(scope.one('ssl_verify_client'));
    return {};
  }
  const { verify, ca } = asked;
  ledger.carried(ca);
  if (verify.args[0] === 'optional_no_ca')
    ledger.remark(verify, 'the gateway takes only certificates of the authorities in clientCa');
  else ledger.carried(verify);
  const all = verify.args[0] === 'on' || required;
  return { clientCa: locate(ca.args[0] ?? ''), ...(all ? {} : { clientAuth: 'optional' as const }) };
}

function limitsOf(scope: Scope, ledger: Ledger): NonNullable<GatewayConfig['limits']> {
  const limits: Record<string, string> = {};
  for (const [name, field] of [
    ['client_header_timeout', 'headTimeout'],
    ['client_body_timeout', 'bodyTimeout'],
    ['send_timeout', 'sendTimeout'],
  ] as const) {
    const directive = scope.one(name);
    const time = durationOf(directive?.args[0]);
    if (time === null) continue;
    ledger.carried(directive);
    limits[field] = time;
  }
  const buffers = scope.one('large_client_header_buffers');
  const each = Number(/^(\d+)k$/i.exec(buffers?.args[1] ?? '')?.[1] ?? NaN);
  // The gateway's own limits are 16 kB for the URL and 64 kB for the whole head.
  if (buffers && each <= 16) ledger.carried(buffers);
  else if (buffers) ledger.remark(buffers, 'see limits.url and limits.head');
  return limits;
}
