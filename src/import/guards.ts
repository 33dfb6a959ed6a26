import { allowedBy } from './address-rules';
import {
  alternatives,
  asksForPlace,
  conditionOf,
  consequenceOf,
  isGuardByLua,
  isOfFile,
  isRefusal,
  type Condition,
} from './conditions';
import type { Directive } from './directives';
import { bothOf, isOfNoMatter, methodsLeftBy, withHead } from './methods';
import { countedBy, rateOf, zoneOf, type Rate } from './rate';
import type { Scope } from './scope';

/** A protection of nginx's that the gateway does not have. */
export interface Lost {
  readonly directive: Directive;
  /** Begins with `NOT IN FORCE`. */
  readonly remark: string;
  /** Whether the mount is closed for it; false where something narrower is. */
  readonly closes: boolean;
}

export function lost(directive: Directive, why: string, closes = true): Lost {
  return { directive, remark: `NOT IN FORCE: ${why}`, closes };
}

/** What is known around the locations of a server, as far as protections depend on it. */
export interface GuardSurroundings {
  /** The server's own place. */
  readonly server: Scope;
  readonly upstreamsOf: {
    readonly zones: ReadonlyMap<string, Directive>;
    readonly maps: ReadonlyMap<string, Directive>;
  };
  /** How often a zone of `limit_conn` is used. */
  readonly connectionZones: ReadonlyMap<string, number>;
  /** Lower case; empty where every name is served. */
  readonly hosts: readonly string[];
  /** Whether the server listens in plain HTTP, and serves there. */
  readonly plain: boolean;
  /** Whether `if ($ssl_client_verify != SUCCESS)` of the server is in `clientAuth`. */
  readonly certificateRequired: boolean;
}

/** What protects a location in nginx. */
export interface Guards {
  /** All of it. */
  readonly inForce: ReadonlySet<Directive>;
  /** What the gateway does as well. */
  readonly carried: readonly Directive[];
  readonly lost: readonly Lost[];
  /** null: everybody, all, any number. */
  readonly allow: readonly string[] | null;
  readonly methods: readonly string[] | null;
  readonly rateLimit: Rate | null;
  readonly connections: number | null;
  /** What is to be said of what is carried over. */
  readonly remarks: readonly (readonly [Directive, string])[];
}

/** What guards one place and not another; what is written in both alike is no difference. */
export function beyond(one: Guards, other: Guards): Directive[] {
  const [own, others] = [one, other].map(({ allow, methods, rateLimit, connections: number }) =>
    JSON.stringify([allow, methods, rateLimit, number]),
  );
  const carriedAlike = new Set(own === others ? one.carried : []);
  return [...one.inForce].filter((each) => !other.inForce.has(each) && !carriedAlike.has(each));
}

type Finding = { -readonly [K in keyof Guards]: Guards[K] } & {
  inForce: Set<Directive>;
  carried: Directive[];
  lost: Lost[];
  remarks: (readonly [Directive, string])[];
};

/** @param scope the location's place */
export function guardsOf(scope: Scope, around: GuardSurroundings): Guards {
  const found: Finding = {
    inForce: new Set(),
    carried: [],
    lost: [],
    allow: null,
    methods: null,
    rateLimit: null,
    connections: null,
    remarks: [],
  };
  const asked = askers(scope);
  addresses(scope, asked.length > 0, found);
  // Where either is enough, those whom `allow` names come in as before, and nobody else does.
  const either = scope.one('satisfy')?.args[0] === 'any' && found.allow !== null && found.allow.length > 0;
  found.carried.push(...scope.names('askers', isAsker).flatMap((name) => scope.all(name).filter(isOff)));
  for (const directive of asked) lose(found, directive, whyNot(directive), !(either && ofAccess.test(directive.name)));
  for (const directive of scope.own('limit_except')) methodsOf(directive, found);
  for (const directive of around.server.own('if')) condition(directive, scope, around, true, found);
  if (scope !== around.server)
    for (const directive of scope.own('if')) condition(directive, scope, around, false, found);
  for (const directive of around.server.own('return'))
    if (!isToHttps(directive)) lose(found, directive, 'nginx answered every request of this server so');
  rates(scope, around, found);
  connections(scope, around, found);
  return found;
}

function lose(found: Finding, directive: Directive, why: string, closes = true): void {
  found.inForce.add(directive);
  found.lost.push(lost(directive, why, closes));
}

function carry(found: Finding, ...directives: readonly Directive[]): void {
  for (const directive of directives) found.inForce.add(directive);
  found.carried.push(...directives);
}

const isToHttps = ({ args }: Directive) => /^https:\/\//.test(args[1] ?? args[0] ?? '');

/** Modules that ask who somebody is, or look at what a request holds; without those that are configured by them. */
const others = new Set([
  ...['js_access', 'modsecurity', 'app_protect_enable', 'app_protect_policy_file', 'SecRulesEnabled', 'DeniedUrl'],
  ...['CheckRule', 'testcookie', 'waf', 'wallarm_mode', 'valid_referers', 'secure_link', 'secure_link_secret'],
  ...['proxy_method', 'vouch', 'oidc', 'openidc', 'spnego', 'ldap', 'cas', 'shield'],
]);
/** Of the phase that `satisfy` is about. */
const ofAccess = /^(auth_|access_by_lua)/;
const configureOnly = /^auth_(basic_user_file|request_set|delay|http.*|jwt_.*)$/;

const isAsker = (name: string) =>
  (name.startsWith('auth_') && !configureOnly.test(name)) || isGuardByLua(name) || others.has(name);

/** The directives in force that ask for more than an address, such as a password. */
function askers(scope: Scope): Directive[] {
  const guarding = scope.names('askers', isAsker);
  // `auth_digest_user_file` belongs to `auth_digest`.
  const principal = guarding.filter((name) => !guarding.some((other) => name.startsWith(`${other}_`)));
  const silent = ['proxy_pass_request_headers', 'proxy_pass_request_body'].flatMap((name) => scope.all(name));
  return [...principal.flatMap((name) => scope.all(name)), ...silent].filter(
    (each) => isOff(each) === silent.includes(each),
  );
}

const isOff = ({ args }: Directive) => args[0]?.toLowerCase() === 'off';

function whyNot({ name }: Directive): string {
  if (name.startsWith('auth_'))
    return 'nobody is asked for a login; let the tool ask, or name addresses in allow of the mount';
  if (name === 'valid_referers') return 'the gateway looks at no Referer; see whether the tool does';
  if (name.startsWith('secure_link')) return 'the gateway checks no signed links; let the tool do it';
  if (name.startsWith('proxy_pass_request') || name === 'proxy_method')
    return 'the tool gets the request as the client sent it; see whether it may';
  return 'the gateway has nothing for it; see whether the tool can do it, or name addresses in allow of the mount';
}

function addresses(scope: Scope, isAsked: boolean, found: Finding): void {
  const rules = scope.all('allow', 'deny');
  if (rules.length === 0) return;
  const allowed = allowedBy(rules);
  if (allowed === null) {
    for (const rule of rules)
      lose(found, rule, 'the gateway knows only whom it lets through; write these in allow of the mount');
    return;
  }
  const satisfy = scope.one('satisfy');
  const real = scope.all('set_real_ip_from');
  const header = scope.one('real_ip_header');
  if (allowed === 'any') {
    // Whoever need not be asked either is everybody: `satisfy any` would let in all.
    carry(found, ...rules);
  } else if (real.length > 0 && !/^x-(forwarded-for|real-ip)$/i.test(header?.args[0] ?? 'X-Real-IP')) {
    for (const rule of rules)
      lose(found, rule, `it was for the addresses in ${header?.args[0] ?? ''}, which the gateway does not read`);
  } else {
    found.allow = allowed;
    carry(found, ...rules);
    if (satisfy?.args[0] === 'any' && isAsked)
      found.remarks.push([satisfy, 'the gateway lets in the addresses in allow alone, whomever else nginx asked']);
  }
  if (satisfy) found.carried.push(satisfy);
}

/** The methods that it names are let through; the others, whatever nginx asked of them, are not. */
function methodsOf(directive: Directive, found: Finding): void {
  const inside = directive.block ?? [];
  const first = inside.find(({ name }) => name === 'allow' || name === 'deny');
  const rules = inside.filter(({ name }) => name === 'allow' || name === 'deny');
  const isAny = first === undefined || allowedBy(rules) === 'any';
  const asks = inside.some(({ name, args }) => !['allow', 'deny', 'satisfy'].includes(name) && args[0] !== 'off');
  if (isAny && !asks) {
    found.carried.push(directive);
    return;
  }
  const methods = withHead(directive.args.map((name) => name.toUpperCase()));
  if (methods.length === 0) {
    lose(found, directive, 'it names no method that the gateway knows; write methods in the mount');
    return;
  }
  found.methods = bothOf(found.methods, methods);
  carry(found, directive);
  const nobody = !asks && allowedBy(rules)?.length === 0;
  if (!nobody)
    found.remarks.push([
      directive,
      'the other methods are refused to everybody (methods), where nginx let some people use them',
    ]);
}

function condition(
  directive: Directive,
  scope: Scope,
  around: GuardSurroundings,
  ofServer: boolean,
  found: Finding,
): void {
  const asked = conditionOf(directive);
  const consequence = consequenceOf(directive);
  if (consequence === 'passed') return;
  const ofMethod = asked?.subject === '$request_method' && !isOfNoMatter(asked);
  if (asked && consequence === 'turned away' && asksForPlace(asked) && !ofMethod) return;
  // `if (-f /maintenance.on) { return 503; }` keeps nobody out for long.
  if (asked && isOfFile(asked) && returnsOf(directive).every(([status]) => status?.startsWith('5'))) return;
  const refusing = returnsOf(directive).some(isRefusal);
  if (asked && (refusing || ofMethod)) {
    if (asked.subject === '$request_method') {
      const methods = methodsLeftBy(asked);
      const both = methods && methods !== 'any' && bothOf(found.methods, methods);
      if (methods === 'any') {
        carry(found, directive);
        return;
      }
      if (both && both.length > 0) {
        found.methods = both;
        carry(found, directive);
        if (!refusing)
          found.remarks.push([directive, 'the methods that nginx answered otherwise are refused (methods)']);
        return;
      }
    }
    if (asked.subject === '$remote_addr' && asked.operator === '!=' && found.allow === null) {
      const allow = allowedBy([
        { ...directive, name: 'allow', args: [asked.value] },
        { ...directive, name: 'deny', args: ['all'] },
      ]);
      if (allow && scope.all('set_real_ip_from').length === 0) {
        found.allow = allow as readonly string[];
        carry(found, directive);
        return;
      }
    }
    const isMet =
      (ofServer && around.certificateRequired && isForCertificate(asked)) ||
      (namesOf(asked)?.length !== undefined && around.hosts.length > 0 && holdsNone(asked, around.hosts)) ||
      (asksForTls(asked) && !around.plain);
    if (isMet) {
      carry(found, directive);
      return;
    }
  }
  lose(
    found,
    directive,
    'the gateway decides by path alone; let the tool decide, or name addresses in allow of the mount',
  );
}

const returnsOf = ({ block }: Directive) =>
  (block ?? []).filter(({ name }) => name === 'return').map(({ args }) => args);

/** `if ($ssl_client_verify != SUCCESS)` */
export function isForCertificate({ subject, operator, value }: Condition): boolean {
  return subject === '$ssl_client_verify' && operator === '!=' && value === 'SUCCESS';
}

function asksForTls({ subject, operator, value }: Condition): boolean {
  const text = `${subject} ${operator} ${value}`;
  return ['$scheme != https', '$scheme = http', '$https != on', '$https = ', '$server_port = 80'].includes(text);
}

function namesOf({ subject, operator, value }: Condition): string[] | null {
  if (subject !== '$host' || !['!=', '!~', '!~*'].includes(operator)) return null;
  return operator === '!=' ? [value] : alternatives(value);
}

/** Whether a condition on `$host` holds for none of the names that are served, so that the others get 421 anyway. */
function holdsNone(asked: Condition, hosts: readonly string[]): boolean {
  const names = namesOf(asked)?.map((name) => name.toLowerCase()) ?? [];
  return hosts.every((host) => names.includes(host));
}

function rates(scope: Scope, { upstreamsOf: { zones, maps } }: GuardSurroundings, found: Finding): void {
  const advice = 'write rateLimit in the mount, such as { requests: 100, per: 1m }';
  if (scope.one('limit_req_dry_run')?.args[0] === 'on') return;
  for (const limit of scope.all('limit_req')) {
    const zone = zones.get(`limit_req ${zoneOf(limit) ?? ''}`);
    const counted = zone && countedBy(zone.args[0] ?? '', maps);
    const rate = zone && rateOf(zone, limit);
    if (!zone || !rate) lose(found, limit, `its rate is not known; ${advice}`);
    else if (counted === 'together' || counted === 'otherwise')
      lose(found, limit, `the gateway counts by address, not by ${zone.args[0] ?? ''}; ${advice}`);
    else if (found.rateLimit !== null)
      lose(found, limit, 'the gateway has one rateLimit for a mount; see whether it does');
    else {
      found.rateLimit = rate;
      carry(found, limit);
      if (counted === 'some addresses')
        found.remarks.push([limit, 'rateLimit counts every address, also those that nginx left out']);
    }
  }
}

function connections(scope: Scope, around: GuardSurroundings, found: Finding): void {
  if (scope.one('limit_conn_dry_run')?.args[0] === 'on') return;
  for (const limit of scope.all('limit_conn')) {
    const { zones, maps } = around.upstreamsOf;
    const zone = zones.get(`limit_conn ${zoneOf(limit) ?? ''}`);
    const counted = zone && countedBy(zone.args[0] ?? '', maps);
    const number = Number(/^\d{1,6}$/.exec(limit.args[1] ?? '')?.[0] ?? 0);
    const isAlone = scope.own('limit_conn').includes(limit) && around.connectionZones.get(zoneOf(limit) ?? '') === 1;
    if (counted === 'together' && isAlone && number > 0 && scope.own('location').length === 0) {
      found.connections = Math.min(found.connections ?? number, number);
      carry(found, limit);
    } else
      lose(
        found,
        limit,
        'see limits.connections of the mount (of all clients together), and limits.connectionsPerClient (at all mounts)',
      );
  }
}
