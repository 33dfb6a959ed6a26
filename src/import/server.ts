import { conditionOf, asksForPlace, isRefusal } from './conditions';
import type { Directive } from './directives';
import { guardInner, guardRewrites, isForAcme, settle, type Left, type Origin } from './fallen';
import { beyond, guardsOf, isForCertificate, lost, type Lost } from './guards';
import type { Ledger } from './ledger';
import { listensOf, type Listen } from './listens';
import { mountOf, placeOf, type Surroundings } from './location';
import type { Scope } from './scope';

export interface Server {
  readonly directive: Directive;
  readonly scope: Scope;
  readonly listens: readonly Listen[];
  /** Lower case; null where it answers to every name. */
  readonly hosts: readonly string[] | null;
  readonly mounts: readonly Origin[];
  /** Where it sends what comes in plain HTTP; null where it does not. */
  readonly toHttps: ToHttps | null;
  /** Whether everybody needs a client certificate, although `ssl_verify_client` is optional. */
  readonly certificateRequired: boolean;
}

export interface ToHttps {
  readonly directive: Directive;
  /** null for https's usual one. */
  readonly port: number | null;
  /** Whether nothing is left for locations to do. */
  readonly always: boolean;
}

/** What `ssl_verify_client` asks for; null for nothing. */
export function clientCertificatesOf(scope: Scope): { readonly ca: Directive; readonly verify: Directive } | null {
  const verify = scope.one('ssl_verify_client');
  // Since 1.27 nginx takes either.
  const ca = scope.one('ssl_client_certificate') ?? scope.one('ssl_trusted_certificate');
  return !verify || verify.args[0] === 'off' || ca?.args[0] === undefined ? null : { ca, verify };
}

export function serverOf(
  directive: Directive,
  outer: Scope,
  around: Omit<Surroundings, 'hosts' | 'clientCertificates' | 'server' | 'plain' | 'certificateRequired'>,
) {
  const { ledger } = around;
  const scope = outer.within(directive.block ?? []);
  const listens = listensOf(scope, ledger);
  const hosts = hostsOf(scope, ledger);
  const certificates = clientCertificatesOf(scope);
  const toHttps = toHttpsOf(scope, hosts ?? [], ledger);
  // Without https nobody can be sent there, so that the plain port serves.
  const plain = listens.some(({ tls }) => !tls) && (toHttps === null || !listens.some(({ tls }) => tls));
  const demanding = scope.own('if').find((each) => {
    const condition = conditionOf(each);
    return condition !== null && isForCertificate(condition) && each.block?.some(isReturnOfRefusal) === true;
  });
  const certificateRequired = demanding !== undefined && certificates !== null && !plain;
  if (certificateRequired) ledger.closed(demanding);
  tellOfAcme(scope, ledger);
  const surroundings: Surroundings = {
    ...around,
    server: scope,
    hosts: hosts ?? [],
    clientCertificates: certificates !== null,
    plain,
    certificateRequired,
  };
  const mounts = toHttps?.always === true ? [] : mountsOf(scope, surroundings);
  return { directive, scope, listens, hosts, mounts, toHttps, certificateRequired } satisfies Server;
}

const isReturnOfRefusal = ({ name, args }: Directive) => name === 'return' && isRefusal(args);

function tellOfAcme(scope: Scope, ledger: Ledger): void {
  for (const location of scope.own('location')) {
    if (!isForAcme(placeOf(location).path)) continue;
    const advice =
      'write acme in listen.https in place of cert and key, and the gateway gets its certificates itself; see docs/certificates.md';
    const isTool = location.block?.some(({ name }) => name === 'proxy_pass') === true;
    ledger.remark(location, isTool ? `is for a client of ACME; ${advice}` : `is left out: ${advice}`, !isTool);
  }
}

function mountsOf(scope: Scope, around: Surroundings): Origin[] {
  const mounts: Origin[] = [];
  const left: Left[] = [];
  const slashes: Directive[] = [];
  const visit = (place: Scope, outer: readonly Directive[]) => {
    for (const location of place.own('location')) {
      const inner = place.within(location.block ?? []);
      const chain = [...outer, location];
      const end = endOf(inner, chain.length, around);
      const built = end === null ? mountOf(location, inner, around) : null;
      // Before it asks the tool, try_files hands on what is no file.
      const handedOn = nextOf(inner.own('try_files'), scope).flatMap((next) =>
        built ? beyond(guardsOf(next, around), built.guards) : [],
      );
      const why = 'guarded the location that try_files hands requests on to';
      const gone = handedOn.map((directive) => lost(directive, why));
      if (built) mounts.push({ ...built, lost: [...built.lost, ...gone], location, chain });
      else if (isSlashRedirect(location, inner)) slashes.push(location);
      else
        left.push({
          location,
          scope: inner,
          chain,
          refuses: end === 'refused',
          next: nextOf(inner.own('try_files', 'error_page'), scope),
        });
      if (!built && end === 'answered') tellOfUnreached(location, inner, around.ledger);
      visit(inner, chain);
    }
  };
  visit(scope, []);
  const kept = unrepeated(mounts, around.ledger);
  for (const location of slashes) {
    const path = placeOf(location).path;
    const mount = kept.find((origin) => origin.mount.path === path)?.mount;
    if (!mount) continue;
    if (mount.prefix === 'keep') mount.trailingSlash = 'redirect';
    else delete mount.trailingSlash;
    around.ledger.closed(location);
  }
  settle(left, kept, around);
  guardRewrites(scope, left, kept);
  guardInner(kept, around.ledger);
  const unasked = certificatesUnasked(scope);
  for (const { directive } of unasked) around.ledger.closed(directive);
  for (const origin of kept) origin.lost.push(...unasked);
  return kept;
}

/** The named locations that directives hand requests on to, which have guards of their own. */
function nextOf(directives: readonly Directive[], server: Scope): Scope[] {
  const names = directives.map(({ args }) => args.at(-1) ?? '');
  return server
    .own('location')
    .filter((location) => placeOf(location).modifier === '@' && names.includes(location.args.join('')))
    .map((location) => server.within(location.block ?? []));
}

/** What `clientCa` does not do. */
function certificatesUnasked(scope: Scope): Lost[] {
  const verify = scope.one('ssl_verify_client');
  if (!verify || verify.args[0] === 'off') return [];
  if (clientCertificatesOf(scope) === null)
    return verify.args[0] === 'optional_no_ca'
      ? []
      : [lost(verify, 'no file names the authorities; write clientCa in listen.https')];
  const [crl, ocsp] = [scope.one('ssl_crl'), scope.one('ssl_ocsp')];
  return [
    ...(crl ? [lost(crl, 'the gateway reads no revocation lists: who has a revoked certificate would come in')] : []),
    ...(ocsp && ocsp.args[0] !== 'off'
      ? [lost(ocsp, 'the gateway asks nobody whether a certificate is revoked: who has a revoked one would come in')]
      : []),
  ];
}

/**
 * How nginx ends every request to a location before it asks a tool: `refused`, `answered`; null where it may ask it.
 * @param depth how many locations the place is in, itself included
 */
function endOf(scope: Scope, depth: number, around: Surroundings): 'refused' | 'answered' | null {
  // `internal` is for nginx itself.
  if (scope.levels.slice(0, depth).some((level) => level.some(({ name }) => name === 'internal'))) return 'refused';
  const own = scope.levels[0] ?? [];
  const at = own.findIndex(({ name }) => name === 'return');
  const answer = own[at];
  const mayGoOn = own.slice(0, at).some(({ name, block }) => name === 'if' && block?.some(isReturnOfRefusal) !== true);
  if (answer && !mayGoOn) {
    const [status = ''] = answer.args;
    const elsewhere = scope.all('error_page').some(({ args }) => args.includes(status) && args.at(-1)?.startsWith('@'));
    return isRefusal(answer.args) && !elsewhere ? 'refused' : 'answered';
  }
  const rules = scope.own('allow', 'deny');
  const refuses = rules[0]?.name === 'deny' && rules[0].args[0] === 'all';
  if (!refuses) return null;
  const either = scope.one('satisfy')?.args[0] === 'any' && guardsOf(scope, around).lost.length > 0;
  return either ? null : 'refused';
}

function tellOfUnreached(location: Directive, scope: Scope, ledger: Ledger): void {
  const [pass] = scope.own('proxy_pass');
  if (pass) ledger.remark(pass, 'nginx never gets there, since it answers by return', true);
  for (const { args } of scope.own('return'))
    if (isRefusal(args))
      ledger.remark(
        location,
        'is left out: error_page leads elsewhere from it, and the gateway asks one tool for each path',
      );
}

/** `location = /kpow { return 301 /kpow/; }`, also without the `=`. */
function isSlashRedirect(location: Directive, inner: Scope): boolean {
  const { modifier, path } = placeOf(location);
  const [to] = inner.own('return');
  return (
    ['', '=', '^~'].includes(modifier) &&
    path !== '/' &&
    /^30[1278]$/.test(to?.args[0] ?? '') &&
    new RegExp(String.raw`^(\$scheme://\$(http_)?host(:\$server_port)?)?${escaped(path)}/(\$is_args\$args)?$`).test(
      to?.args[1] ?? '',
    )
  );
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** `location /kpow` and `location /kpow/` are one mount; so are `= /kpow` and these. */
function unrepeated(mounts: readonly Origin[], ledger: Ledger): Origin[] {
  const byPath = new Map<string, Origin>();
  for (const origin of mounts) {
    const { path } = origin.mount;
    const earlier = byPath.get(path);
    if (earlier === undefined) byPath.set(path, origin);
    else {
      const isLess = placeOf(origin.location).modifier === '=' || !placeOf(origin.location).path.endsWith('/');
      const [kept, left] = isLess ? [earlier, origin] : [origin, earlier];
      byPath.set(path, kept);
      const carried = new Set(left.guards.carried);
      for (const guard of beyond(left.guards, kept.guards))
        if (carried.has(guard))
          kept.lost.push(lost(guard, `guarded line ${left.location.line}, which is part of this mount now`));
      kept.lost.push(...left.lost);
      if (JSON.stringify({ ...kept.mount, trailingSlash: 0 }) !== JSON.stringify({ ...left.mount, trailingSlash: 0 }))
        ledger.remark(left.location, `is left out: ${path} is one mount, made from line ${kept.location.line}`, true);
      else ledger.closed(left.location);
      const { modifier, path: written } = placeOf(left.location);
      if (left.guards.inForce.size > 0 && modifier !== '=' && !written.endsWith('/'))
        ledger.add(
          left.location,
          `nginx guarded ${written}x as well, which is not in this mount`,
          'is part of a mount',
        );
    }
  }
  return [...byPath.values()];
}

function hostsOf(scope: Scope, ledger: Ledger): string[] | null {
  const hosts: string[] = [];
  let every = false;
  for (const directive of scope.own('server_name')) {
    ledger.carried(directive);
    for (const name of directive.args) {
      if (name === '_' || name === '' || name === '*') every = true;
      else if (name.startsWith('.') && isName(name.slice(1))) hosts.push(name.slice(1), `*${name}`);
      else if (isName(name.replace(/^\*\./, ''))) hosts.push(name);
      else ledger.remark(directive, `${name}: the gateway knows whole names and *.example.com; write them in hosts`);
    }
  }
  return every || hosts.length === 0 ? null : hosts.map((host) => host.toLowerCase());
}

const isName = (name: string) => /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/i.test(name);

/** nginx's ways to send people to https: `return`, `rewrite`, either in an `if` (certbot's) or in `location /`. */
function toHttpsOf(scope: Scope, hosts: readonly string[], ledger: Ledger): ToHttps | null {
  const root = scope.own('location').find((location) => {
    const { path, modifier } = placeOf(location);
    return path === '/' && (modifier === '' || modifier === '^~');
  });
  // Others ask for more than the place, such as for a key, and send those without it to a login.
  const conditions = scope.own('if').filter((each) => {
    const condition = conditionOf(each);
    return condition !== null && asksForPlace(condition);
  });
  const blocks = [
    { block: scope.levels[0] ?? [], around: null },
    ...[...conditions, root].flatMap((around) => (around ? [{ block: around.block ?? [], around }] : [])),
  ];
  for (const { block, around } of blocks) {
    for (const directive of block) {
      const url = redirectUrl(directive);
      const [, host = '', port, rest = ''] = /^https:\/\/([^/:$]*(?:\$\w+)?)(?::(\d+))?([^]*)$/.exec(url ?? '') ?? [];
      if (url === null || host === '') continue;
      ledger.carried(directive, around ?? undefined);
      if (!/^(\$request_uri|\$uri|\/?\$1)?(\$is_args\$args)?\??$/.test(rest))
        ledger.remark(directive, 'the gateway sends people to https at the same path');
      else if (!host.startsWith('$') && hosts.length > 0 && !hosts.includes(host.toLowerCase()))
        ledger.remark(directive, 'the gateway sends people to https at the name that they asked for');
      if (around?.name === 'if') for (const other of block) ledger.carried(other);
      const always = around?.name !== 'if' || !scope.own('location').length;
      if (always) for (const other of scope.own('return')) ledger.carried(other);
      return {
        directive: around?.name === 'if' ? around : directive,
        port: port === undefined ? null : Number(port),
        always,
      };
    }
  }
  return null;
}

function redirectUrl({ name, args }: Directive): string | null {
  if (name === 'return') return (/^30[1278]$/.test(args[0] ?? '') ? args[1] : args[0]) ?? null;
  if (name === 'rewrite' && (args[2] === 'permanent' || args[2] === 'redirect')) return args[1] ?? null;
  return null;
}
