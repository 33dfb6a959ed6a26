import type { Directive } from './directives';
import type { Ledger } from './ledger';
import { listensOf, type Listen } from './listens';
import { deny, mountOf, placeOf, refusesAll, type MountInput, type Surroundings } from './location';
import { Scope } from './scope';

/** A mount, and the location that it is made from. */
export interface Origin {
  readonly mount: MountInput;
  readonly location: Directive;
}

export interface Server {
  readonly directive: Directive;
  readonly scope: Scope;
  readonly listens: readonly Listen[];
  /** Lower case; null where it answers to every name. */
  readonly hosts: readonly string[] | null;
  readonly mounts: readonly Origin[];
  /** Where it sends what comes in plain HTTP; null where it does not. */
  readonly toHttps: ToHttps | null;
}

export interface ToHttps {
  /** null for https's usual one. */
  readonly port: number | null;
  /** Whether nothing is left for locations to do. */
  readonly always: boolean;
}

export function serverOf(
  directive: Directive,
  outer: Scope,
  around: Omit<Surroundings, 'hosts' | 'clientCertificates'>,
) {
  const { ledger } = around;
  const scope = outer.within(directive.block ?? []);
  const listens = listensOf(scope, ledger);
  const hosts = hostsOf(scope, ledger);
  const clientCertificates = scope.one('ssl_client_certificate') !== undefined;
  const toHttps = toHttpsOf(scope, hosts ?? [], ledger);
  const surroundings = { ...around, hosts: hosts ?? [], clientCertificates };
  const mounts = toHttps?.always === true ? [] : mountsOf(scope, surroundings);
  return { directive, scope, listens, hosts, mounts, toHttps } satisfies Server;
}

function mountsOf(scope: Scope, around: Surroundings): Origin[] {
  const mounts: Origin[] = [];
  const refused: Directive[] = [];
  const slashes: Directive[] = [];
  const visit = (place: Scope) => {
    for (const location of place.own('location')) {
      const inner = place.within(location.block ?? []);
      if (refusesAll(inner)) refused.push(location);
      else if (isSlashRedirect(location, inner)) slashes.push(location);
      else {
        const mount = mountOf(location, inner, around);
        if (mount) mounts.push({ mount, location });
      }
      visit(inner);
    }
  };
  visit(scope);
  const kept = unrepeated(mounts, around.ledger);
  for (const location of slashes) {
    const path = placeOf(location).path;
    const mount = kept.find((origin) => origin.mount.path === path)?.mount;
    if (!mount) continue;
    if (mount.prefix === 'keep') mount.trailingSlash = 'redirect';
    else delete mount.trailingSlash;
    around.ledger.closed(location);
  }
  for (const location of refused)
    deny(
      location,
      kept.map(({ mount }) => mount),
      around.ledger,
    );
  return kept;
}

/** `location = /kpow { return 301 /kpow/; }` */
function isSlashRedirect(location: Directive, inner: Scope): boolean {
  const { modifier, path } = placeOf(location);
  const [to] = inner.own('return');
  return (
    modifier === '=' &&
    path !== '/' &&
    /^30[1278]$/.test(to?.args[0] ?? '') &&
    new RegExp(String.raw`^(\$scheme://\$(http_)?host)?${escaped(path)}/(\$is_args\$args)?$`).test(to?.args[1] ?? '')
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
      if (JSON.stringify({ ...kept.mount, trailingSlash: 0 }) !== JSON.stringify({ ...left.mount, trailingSlash: 0 }))
        ledger.remark(left.location, `is left out: ${path} is one mount, made from line ${kept.location.line}`, true);
      else ledger.closed(left.location);
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
  const conditions = scope.own('if');
  const blocks = [
    { block: scope.levels[0] ?? [], around: null },
    ...[...conditions, root].flatMap((around) => (around ? [{ block: around.block ?? [], around }] : [])),
  ];
  for (const { block, around } of blocks) {
    for (const directive of block) {
      const url = redirectUrl(directive);
      const [, host = '', port, rest = ''] = /^https:\/\/([^/:$]*(?:\$\w+)?)(?::(\d+))?(.*)$/.exec(url ?? '') ?? [];
      if (url === null || host === '') continue;
      ledger.carried(directive, around ?? undefined);
      if (!/^(\$request_uri|\$uri|\/?\$1)?(\$is_args\$args)?\??$/.test(rest))
        ledger.remark(directive, 'the gateway sends people to https at the same path');
      else if (!host.startsWith('$') && hosts.length > 0 && !hosts.includes(host.toLowerCase()))
        ledger.remark(directive, 'the gateway sends people to https at the name that they asked for');
      if (around?.name === 'if') for (const other of block) ledger.carried(other);
      const always = around?.name !== 'if' || !scope.own('location').length;
      if (always) for (const other of scope.own('return')) ledger.carried(other);
      return { port: port === undefined ? null : Number(port), always };
    }
  }
  return null;
}

function redirectUrl({ name, args }: Directive): string | null {
  if (name === 'return') return (/^30[1278]$/.test(args[0] ?? '') ? args[1] : args[0]) ?? null;
  if (name === 'rewrite' && (args[2] === 'permanent' || args[2] === 'redirect')) return args[1] ?? null;
  return null;
}
