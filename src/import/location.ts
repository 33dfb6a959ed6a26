import type { GatewayConfig } from '../config/input';
import { Refusal } from '../config/kinds';
import { mountPathProblem } from '../config/mount-path';
import { ownName } from '../config/own-name';
import { parseTarget } from '../config/target';
import { parseAuthority } from '../headers/forwarded';
import type { Problem } from '../config/problem';
import type { Directive } from './directives';
import { guardsOf, lost, type Guards, type GuardSurroundings, type Lost } from './guards';
import type { Ledger } from './ledger';
import { passageByRewrite, passageByUri, passageOfWhole, type Passage } from './passage';
import { hostOf, judgeHeader, type Judgement } from './proxy-header';
import type { Scope } from './scope';
import { destinationOf, type Destination } from './targets';
import { durationOf, sizeOf } from './values';
import { withoutEnd } from '../without-end';

export type MountInput = { -readonly [K in keyof Entry]: Entry[K] };
type Entry = GatewayConfig['mounts'][number];

/** What is known around the locations of a server. */
export interface Surroundings extends GuardSurroundings {
  readonly ledger: Ledger;
  readonly upstreams: ReadonlyMap<string, Directive>;
  /** Variables that a `map $http_upgrade` makes. */
  readonly connection: ReadonlySet<string>;
  readonly clientCertificates: boolean;
  readonly locate: (file: string) => string;
  /** What is wrong with the files that a tool is spoken to with. */
  readonly tlsProblems: (tls: TlsFiles) => readonly Problem[];
  /** Locations whose mounts the gateway would not take, and why. */
  readonly refused: ReadonlyMap<Directive, string>;
}

export type TlsFiles = Partial<Record<'ca' | 'cert' | 'key', string>>;

/** A mount, and what is to be told of it. */
export interface Built {
  readonly mount: MountInput;
  readonly guards: Guards;
  readonly lost: readonly Lost[];
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
export function mountOf(location: Directive, scope: Scope, around: Surroundings): Built | null {
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
    return refuse(location, 'is left out: the gateway knows no patterns; write a mount for each path that is meant');
  if (modifier === '@') return refuse(location, 'the gateway asks one tool for each path, and no other after it');
  const path = withoutEnd(written, '/') || '/';
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
  const base = passage.base ?? '';
  const targets = destination.authorities.map((authority) => `${destination.scheme}://${authority}${base}`);
  for (const target of targets) {
    const wrong = parseTarget(target);
    if (typeof wrong === 'string') return refuse(pass, `the address ${wrong}`);
  }
  const refusal = around.refused.get(location);
  if (refusal !== undefined) return refuse(location, `is left out, since the gateway would not take it: ${refusal}`);
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
  setSlash(mount, scope, ledger);
  setHost(mount, scope, destination, around);
  setTls(mount, scope, destination, around);
  const guards = guardsOf(scope, around);
  const returns = scope.own('return').map((at) => lost(at, 'nginx answered so, unless an if above it said otherwise'));
  setGuards(mount, guards, ledger);
  setTimeouts(mount, scope, ledger);
  setLimits(mount, guards, scope, ledger);
  const all = [...guards.lost, ...returns, ...judgeHeaders(mount, passage, scope, around)];
  for (const { directive } of all) ledger.closed(directive);
  judgeAnswers(mount, base, scope, destination, around);
  return { mount, guards, lost: all };
}

function setGuards(mount: MountInput, guards: Guards, ledger: Ledger): void {
  if (guards.allow !== null) mount.allow = [...guards.allow];
  if (guards.methods !== null) mount.methods = [...guards.methods];
  if (guards.rateLimit !== null) mount.rateLimit = guards.rateLimit;
  for (const directive of guards.carried) ledger.closed(directive);
  for (const [directive, remark] of guards.remarks) ledger.remark(directive, remark, true);
}

function passageOf(written: string, destination: Destination, scope: Scope, ledger: Ledger): Passage | null {
  const { uri, keepsPath } = destination;
  for (const rewrite of scope.own('rewrite')) {
    const [pattern = '', replacement = '', flag] = rewrite.args;
    if (flag !== 'break') continue;
    const exact = passageByRewrite(written, pattern, replacement);
    const passage = exact ?? passageByRewrite(written, pattern, replacement.replace(/\/(?=\$\w+$)/, ''));
    if (passage === null) continue;
    if (exact) ledger.carried(rewrite);
    else ledger.remark(rewrite, 'nginx told the tool // at the beginning of its path; the gateway tells it one slash');
    // After a rewrite that matches, nginx ignores the URI of proxy_pass.
    return passage;
  }
  if (keepsPath) return passageOfWhole(uri);
  const passage = passageByUri(written, uri);
  const [pass] = scope.own('proxy_pass');
  if (pass && passage?.prefix === 'strip' && uri?.endsWith('/') === true && !written.endsWith('/'))
    ledger.remark(pass, `nginx made ${uri}/x of ${written}/x, with a slash too many; the gateway makes ${uri}x`);
  return passage;
}

/** `rewrite ^/kpow$ /kpow/ redirect` */
function setSlash(mount: MountInput, scope: Scope, ledger: Ledger): void {
  for (const rewrite of scope.own('rewrite')) {
    const [pattern, replacement, flag = ''] = rewrite.args;
    const isSlash = pattern === `^${mount.path}$` && replacement === `${mount.path}/`;
    if (!isSlash || !['redirect', 'permanent'].includes(flag)) continue;
    ledger.carried(rewrite);
    if (mount.prefix === 'keep') mount.trailingSlash = 'redirect';
    else delete mount.trailingSlash;
  }
}

function setHost(mount: MountInput, scope: Scope, destination: Destination, { ledger }: Surroundings): void {
  const header = scope.all('proxy_set_header').find(({ args }) => args[0]?.toLowerCase() === 'host');
  const host = hostOf(header?.args[1], destination.authorities);
  if (host === null && header)
    ledger.remark(header, 'the tool gets the Host of its target; the gateway can send that or the one of the client');
  else ledger.carried(header);
  if (host !== 'client') mount.host = 'target';
}

function setTls(mount: MountInput, scope: Scope, { scheme }: Destination, around: Surroundings): void {
  if (scheme !== 'https') return;
  const { ledger, locate } = around;
  const directives = {
    ca: scope.one('proxy_ssl_trusted_certificate'),
    cert: scope.one('proxy_ssl_certificate'),
    key: scope.one('proxy_ssl_certificate_key'),
  };
  const verify = scope.one('proxy_ssl_verify');
  ledger.carried(verify, ...Object.values(directives));
  // nginx verifies nothing unless it is told to.
  const verified = verify?.args[0] === 'on';
  const files: TlsFiles = {};
  for (const field of ['ca', 'cert', 'key'] as const) {
    const name = directives[field]?.args[0];
    if (name !== undefined && (field !== 'ca' || verified)) files[field] = locate(name);
  }
  const problems = around.tlsProblems(files);
  for (const { path, message } of problems) {
    const field = path[0] as keyof TlsFiles;
    const meanwhile =
      field === 'ca'
        ? 'until ca is written in tls of the mount, the tool has to have a certificate of a public authority'
        : 'until cert and key are written in tls of the mount, the tool is shown no certificate';
    const at = directives[field] ?? directives.cert ?? directives.key;
    if (at) ledger.remark(at, `${message}; ${meanwhile}`);
  }
  if (problems.some(({ path }) => path[0] === 'ca')) delete files.ca;
  if (problems.some(({ path }) => path[0] !== 'ca')) {
    delete files.cert;
    delete files.key;
  }
  const tls = { ...files, ...(verified ? {} : { verify: false }) };
  if (Object.keys(tls).length > 0) mount.tls = tls;
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

function setLimits(mount: MountInput, { connections }: Guards, scope: Scope, ledger: Ledger): void {
  const limits: Record<string, string | number> = {};
  const directive = scope.one('client_max_body_size');
  const body = sizeOf(directive?.args[0]);
  if (directive && body === null) ledger.remark(directive, 'is not a size; write limits.body in the mount');
  else if (directive && body !== null) {
    ledger.carried(directive);
    limits['body'] = body;
  }
  if (connections !== null) Object.assign(limits, { connections, queue: 0 });
  if (Object.keys(limits).length > 0) mount.limits = limits;
}

/** @returns the fields without which somebody could say of himself what nginx said of him, or kept him from saying */
function judgeHeaders(mount: MountInput, passage: Passage, scope: Scope, around: Surroundings): Lost[] {
  const { ledger } = around;
  const found: Lost[] = [];
  for (const [directive, { remark, guards }] of headersOf(mount, passage.prefix === 'strip', scope, around)) {
    if (remark === null) ledger.carried(directive);
    else if (guards) found.push(lost(directive, remark));
    else ledger.remark(directive, remark);
  }
  return found;
}

function headersOf(
  { path, host }: Pick<MountInput, 'path' | 'host'>,
  strips: boolean,
  scope: Scope,
  { connection, clientCertificates, plain }: Surroundings,
): (readonly [Directive, Judgement])[] {
  const facts = { path, strips, clientCertificates, plain, ownName: host === 'target' };
  return scope
    .all('proxy_set_header')
    .filter(({ args }) => args[0]?.toLowerCase() !== 'host')
    .map((directive) => [directive, judgeHeader(directive.args[0] ?? '', directive.args[1] ?? '', facts, connection)]);
}

/** The fields by which a place that no mount is made from kept people from saying who they are. */
export function guardingHeaders(scope: Scope, around: Surroundings): Directive[] {
  if (scope.own('proxy_pass').length === 0) return [];
  return headersOf({ path: '' }, false, scope, around).flatMap(([directive, { guards }]) =>
    guards ? [directive] : [],
  );
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
    const [, host = '', path = ''] = /^(?:(?:https?|\$scheme):\/\/([^/]+))?(\/?[^]*)$/.exec(from) ?? [];
    const [, toHost = '', toPath = ''] = /^(?:(?:https?|\$scheme):\/\/([^/]+))?(\/?[^]*)$/.exec(to) ?? [];
    const name = (authority: string) => authority.replace(/:(\d+|\$server_port|\$proxy_port)$/, '').toLowerCase();
    const isOwn = (authority: string) => authority === '' || authority.startsWith('$') || own.has(name(authority));
    const alike = withSlash(path) === withSlash(base) && withSlash(toPath) === publicPath;
    if (['default', 'off'].includes(from) || (alike && isOwn(host) && isOwn(toHost))) ledger.carried(redirect);
    else if (alike && isOwn(toHost) && addName(mount, host)) ledger.carried(redirect);
    else
      ledger.remark(
        redirect,
        'the gateway sets redirects right that name the target, localhost, the public name, a path, or one of names in the mount; no others',
      );
  }
  for (const cookie of scope.all('proxy_cookie_domain')) {
    const [from = '', to = ''] = cookie.args;
    const bare = from.replace(/^\./, '').toLowerCase();
    const isPublic = /^\$(?:http_)?host$/.test(to) || hosts.includes(to.replace(/^\./, '').toLowerCase());
    if (from === 'off' || (isPublic && (own.has(bare) || addName(mount, bare)))) ledger.carried(cookie);
  }
  for (const cookie of scope.all('proxy_cookie_path')) {
    const [from = '', to = ''] = cookie.args;
    if (from === 'off' || (from.startsWith('/') && withSlash(to) === publicPath)) ledger.carried(cookie);
    else ledger.remark(cookie, "the gateway puts a cookie's path under the mount, and changes nothing else of it");
  }
}

/** Another name of the tool. @returns false for what is none */
function addName(mount: MountInput, name: string): boolean {
  if (ownName.read(name) instanceof Refusal) return false;
  const names = Array.isArray(mount.names) ? (mount.names as string[]) : [];
  mount.names = names.includes(name) ? names : [...names, name];
  return true;
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
