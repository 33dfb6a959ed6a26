import type { GatewayConfig } from '../config/input';
import { mountPathProblem } from '../config/mount-path';
import { parseTarget } from '../config/target';
import { parseAuthority } from '../headers/forwarded';
import { isUnder } from '../mount/path';
import type { Directive } from './directives';
import type { Ledger } from './ledger';
import { passageByRewrite, passageByUri, type Passage } from './passage';
import { headerRemark, hostOf } from './proxy-header';
import type { Scope } from './scope';
import { destinationOf, type Destination } from './targets';
import { durationOf, sizeOf } from './values';

export type MountInput = { -readonly [K in keyof Entry]: Entry[K] };
type Entry = GatewayConfig['mounts'][number];

/** What is known around the locations of a server. */
export interface Surroundings {
  readonly ledger: Ledger;
  readonly upstreams: ReadonlyMap<string, Directive>;
  /** Variables that a `map $http_upgrade` makes. */
  readonly connection: ReadonlySet<string>;
  /** Lower case; empty where every name is served. */
  readonly hosts: readonly string[];
  readonly clientCertificates: boolean;
  readonly locate: (file: string) => string;
}

export interface Place {
  readonly modifier: '' | '=' | '^~' | '~' | '~*' | '@';
  readonly path: string;
}

export function placeOf({ args }: Directive): Place {
  const text = args.join(' ');
  const [, modifier = '', path = ''] = /^(=|\^~|~\*|~|@)?\s*(.*)$/s.exec(text) ?? [];
  return { modifier: modifier as Place['modifier'], path };
}

/** The mount of a location that passes on to a tool; null where it cannot be one, which the ledger then says. */
export function mountOf(location: Directive, scope: Scope, around: Surroundings): MountInput | null {
  const { ledger } = around;
  const { modifier, path: written } = placeOf(location);
  const [pass] = scope.own('proxy_pass');
  if (pass === undefined) return null;
  const refuse = (at: Directive, message: string) => {
    ledger.remark(at, message, true);
    if (at !== location) ledger.remark(location, 'is left out, for the reason below');
    return null;
  };
  if (modifier === '~' || modifier === '~*')
    return refuse(location, 'the gateway knows no patterns; write a mount for each path that is meant');
  if (modifier === '@') return refuse(location, 'the gateway asks one tool for each path, and no other after it');
  const path = written.replace(/\/+$/, '') || '/';
  const problem = mountPathProblem(path);
  if (problem !== null) return refuse(location, `the path ${problem}`);

  const destination = destinationOf(pass, scope, around.upstreams, ledger);
  if (typeof destination === 'string') return refuse(pass, destination);
  const passage = passageOf(written, destination, scope, ledger);
  if (passage === null)
    return refuse(
      pass,
      `${written}x would reach the tool as ${destination.uri ?? ''}x, which the gateway cannot do; end both with a slash, or neither`,
    );
  if (modifier === '=' && passage.prefix === 'strip' && path !== '/')
    return refuse(location, 'the gateway cannot give a single path another name; write a mount for all below it');
  const base = passage.prefix === 'strip' ? passage.base : '';
  const targets = destination.authorities.map((authority) => `${destination.scheme}://${authority}${base}`);
  for (const target of targets) {
    const wrong = parseTarget(target);
    if (typeof wrong === 'string') return refuse(pass, `the address ${wrong}`);
  }
  ledger.carried(location, pass);
  if (modifier === '=')
    ledger.remark(location, 'the mount also takes what is below this path; deny it there if need be');

  const mount: MountInput = { path, target: targets.length === 1 ? (targets[0] ?? '') : targets };
  if (destination.balance === 'least-connections') mount.balance = destination.balance;
  if (destination.sticky) mount.sticky = true;
  if (path !== '/') {
    if (passage.prefix === 'keep') mount.prefix = 'keep';
    // Only where the location ends with a slash does nginx send its bare path there.
    if (written.endsWith('/') && passage.prefix === 'keep') mount.trailingSlash = 'redirect';
    if (!written.endsWith('/') && passage.prefix === 'strip') mount.trailingSlash = 'pass';
  }
  setHost(mount, scope, destination, around);
  setTls(mount, scope, destination, around);
  setAllow(mount, scope, ledger);
  setTimeouts(mount, scope, ledger);
  setBody(mount, scope, ledger);
  judgeHeaders(mount, passage, scope, around);
  judgeAnswers(mount, base, scope, destination, around);
  return mount;
}

function passageOf(written: string, { uri }: Destination, scope: Scope, ledger: Ledger): Passage | null {
  for (const rewrite of scope.own('rewrite')) {
    const [pattern = '', replacement = '', flag] = rewrite.args;
    const passage = flag === 'break' ? passageByRewrite(written, pattern, replacement) : null;
    if (passage === null) continue;
    ledger.carried(rewrite);
    // After a rewrite that matches, nginx ignores the URI of proxy_pass.
    return passage;
  }
  const passage = passageByUri(written, uri);
  const [pass] = scope.own('proxy_pass');
  if (pass && passage?.prefix === 'strip' && uri?.endsWith('/') === true && !written.endsWith('/'))
    ledger.remark(pass, `nginx made ${uri}/x of ${written}/x, with a slash too many; the gateway makes ${uri}x`);
  return passage;
}

function setHost(mount: MountInput, scope: Scope, destination: Destination, { ledger }: Surroundings): void {
  const header = scope.all('proxy_set_header').find(({ args }) => args[0]?.toLowerCase() === 'host');
  const host = hostOf(header?.args[1], destination.authorities);
  if (host === null && header)
    ledger.remark(header, 'the tool gets the Host of its target; the gateway can send that or the one of the client');
  else ledger.carried(header);
  if (host !== 'client') mount.host = 'target';
}

function setTls(mount: MountInput, scope: Scope, { scheme }: Destination, { ledger, locate }: Surroundings): void {
  if (scheme !== 'https') return;
  const file = (name: string) => {
    const directive = scope.one(name);
    ledger.carried(directive);
    return directive?.args[0] === undefined ? undefined : locate(directive.args[0]);
  };
  const verify = scope.one('proxy_ssl_verify');
  ledger.carried(verify);
  const verified = verify?.args[0] === 'on';
  const ca = file('proxy_ssl_trusted_certificate');
  const [cert, key] = [file('proxy_ssl_certificate'), file('proxy_ssl_certificate_key')];
  // nginx verifies nothing unless it is told to.
  mount.tls = {
    ...(verified && ca !== undefined ? { ca } : {}),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verified ? {} : { verify: false }),
  };
  if (Object.keys(mount.tls).length === 0) delete mount.tls;
}

function setAllow(mount: MountInput, scope: Scope, ledger: Ledger): void {
  const rules = scope.all('allow', 'deny');
  if (rules.length === 0) return;
  const last = rules.at(-1);
  const allowed = rules.slice(0, -1);
  const closes = last?.name === 'deny' && last.args[0] === 'all';
  const plain = allowed.every(({ name, args }) => name === 'allow' && !['all', 'unix:'].includes(args[0] ?? ''));
  if (closes && plain && allowed.length > 0) {
    mount.allow = allowed.map(({ args }) => args[0] ?? '');
    ledger.carried(...rules);
  } else if (rules.length === 1 && rules[0]?.name === 'allow') ledger.carried(...rules);
  else
    for (const rule of rules)
      ledger.remark(rule, 'NOT IN FORCE: the gateway knows only whom it lets through; write allow in the mount');
}

function setTimeouts(mount: MountInput, scope: Scope, ledger: Ledger): void {
  const timeouts: Record<string, string> = {};
  for (const [name, fields] of [
    ['proxy_connect_timeout', ['connect']],
    ['proxy_read_timeout', ['response', 'idle']],
  ] as const) {
    const directive = scope.one(name);
    if (directive === undefined) continue;
    const time = durationOf(directive.args[0]);
    if (time === null) {
      ledger.remark(directive, 'is not a time; write timeouts in the mount');
      continue;
    }
    ledger.carried(directive);
    for (const field of fields) timeouts[field] = time;
  }
  if (Object.keys(timeouts).length > 0) mount.timeouts = timeouts;
}

function setBody(mount: MountInput, scope: Scope, ledger: Ledger): void {
  const directive = scope.one('client_max_body_size');
  if (directive === undefined) return;
  const body = sizeOf(directive.args[0]);
  if (body === null) {
    ledger.remark(directive, 'is not a size; write limits.body in the mount');
    return;
  }
  ledger.carried(directive);
  mount.limits = { body };
}

function judgeHeaders(mount: MountInput, passage: Passage, scope: Scope, around: Surroundings): void {
  const { ledger, connection, clientCertificates } = around;
  const facts = { path: mount.path, strips: passage.prefix === 'strip', clientCertificates };
  for (const directive of scope.all('proxy_set_header')) {
    const [field = '', value = ''] = directive.args;
    if (field.toLowerCase() === 'host') continue;
    const remark = headerRemark(field, value, facts, connection);
    if (remark === null) ledger.carried(directive);
    else ledger.remark(directive, remark);
  }
}

/** Redirects and cookies: the gateway sets all of them right that point into the tool. */
function judgeAnswers(
  mount: MountInput,
  base: string,
  scope: Scope,
  destination: Destination,
  { ledger, hosts, upstreams }: Surroundings,
): void {
  const publicPath = mount.path === '/' ? '/' : `${mount.path}/`;
  const own = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts]);
  for (const authority of destination.authorities) own.add(parseAuthority(authority)?.hostname ?? authority);
  for (const name of upstreams.keys()) own.add(name.toLowerCase());

  for (const redirect of scope.all('proxy_redirect')) {
    const [from = '', to = ''] = redirect.args;
    const [, host = '', path = ''] = /^(?:(?:https?|\$scheme):\/\/([^/]+))?(\/?.*)$/.exec(from) ?? [];
    const [, toHost = '', toPath = ''] = /^(?:(?:https?|\$scheme):\/\/([^/]+))?(\/?.*)$/.exec(to) ?? [];
    const name = (authority: string) => authority.replace(/:(\d+|\$server_port|\$proxy_port)$/, '').toLowerCase();
    const isOwn = (authority: string) => authority === '' || authority.startsWith('$') || own.has(name(authority));
    const alike = withSlash(path) === withSlash(base) && withSlash(toPath) === publicPath;
    if (['default', 'off'].includes(from) || (alike && isOwn(host) && isOwn(toHost))) ledger.carried(redirect);
    else
      ledger.remark(
        redirect,
        'the gateway sets redirects right that name the target, localhost, the public name, or a path; no others',
      );
  }
  for (const cookie of scope.all('proxy_cookie_path')) {
    const [from = '', to = ''] = cookie.args;
    if (from === 'off' || (from.startsWith('/') && withSlash(to) === publicPath)) ledger.carried(cookie);
    else ledger.remark(cookie, "the gateway puts a cookie's path under the mount, and changes nothing else of it");
  }
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

/** Whether all that is asked for at a location is refused; `internal` is for nginx itself. */
export function refusesAll(scope: Scope): boolean {
  if (scope.own('internal').length > 0) return true;
  if (scope.own('return').some(({ args }) => /^4\d\d$/.test(args[0] ?? ''))) return true;
  const rules = scope.own('allow', 'deny');
  return rules[0]?.name === 'deny' && rules[0].args[0] === 'all';
}

/** Takes over a location that is refused to everyone: as `deny` of the mount that it lies in. */
export function deny(location: Directive, mounts: readonly MountInput[], ledger: Ledger): void {
  const { modifier, path } = placeOf(location);
  const place = path.replace(/\/+$/, '') || '/';
  if (modifier !== '' && modifier !== '=' && modifier !== '^~') {
    ledger.remark(location, 'NOT IN FORCE: the gateway knows no patterns; write the paths in deny of the mount', true);
    return;
  }
  const [mount] = mounts.filter((each) => isUnder(place, each.path)).sort((a, b) => b.path.length - a.path.length);
  if (mount === undefined) {
    ledger.closed(location);
    return;
  }
  const inside = mount.path === '/' ? place : place.slice(mount.path.length);
  if (inside === '' || inside === '/' || mountPathProblem(inside.replace(/^\/-(?=\/|$)/, '/x')) !== null) {
    ledger.remark(location, 'NOT IN FORCE: write the path in deny of the mount, or take the mount out', true);
    return;
  }
  mount.deny = [...(Array.isArray(mount.deny) ? (mount.deny as string[]) : []), inside];
  ledger.closed(location);
}
