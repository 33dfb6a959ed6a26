import type { Config, MountConfig, Target } from '../config/config';
import type { AskedWords } from '../explain/asked';
import { createIdleSite, followRequest } from '../explain/explain';
import { parseAuthority, defaultPort, type PublicOrigin } from '../headers/forwarded';
import type { RawHeaders } from '../headers/raw';
import { isUnder } from '../mount/path';
import { readTlsOptions } from '../upstream/agent';
import { canConnect } from '../upstream/connect-probe';
import { probe } from '../upstream/probe';
import { sendOnce } from '../upstream/send-once';
import { formatTarget } from '../config/target';
import { handshake } from '../explain/asked';
import { sendLimits } from '../explain/send';
import type { Finding } from './finding';
import { escapedFindings } from './findings/escaped';
import { eventsFindings, type EventsSight } from './findings/events';
import { changesWorthATry, frontPageFindings, slashFinding, wellness, type FrontPage } from './findings/front-page';
import { loginFindings } from './findings/login';
import { metricsFindings } from './findings/metrics';
import { answersBehind, domainFindings, nameFindings, nameIn, type NameSight } from './findings/names';
import { healthFindings, reachFinding } from './findings/reach';
import { schemeFindings } from './findings/scheme';
import { websocketFindings, type PathSource, type SocketSight } from './findings/websocket';
import { recognise, type KnownTool } from './known-tools';
import { lookAt } from './look';
import type { ScriptUrl } from './page-urls';
import type { Look, Seen, Step } from './sight';
import { isRefused, symptomsOf } from './symptoms';
import { Visitor, type Patience } from './visitor';

export interface Examination {
  readonly mount: MountConfig;
  /** What the tool seems to be; null where it does not say. */
  readonly tool: string | null;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

export interface ExamineOptions {
  readonly here: AskedWords['here'];
  readonly patience: Patience;
  /** Paths inside the mount that are to be looked at besides those that are known. */
  readonly websockets: readonly string[];
  readonly events: readonly string[];
  /** Requests that left the mount, as the running gateway has counted them. */
  readonly escaped: number;
}

/** An address of the documentation's (RFC 5737): anybody's. */
const stranger = '203.0.113.1';

/** Looks at a mount's tool for real: some dozen GETs, within `patience.mount`. */
export async function examine(config: Config, mount: MountConfig, options: ExamineOptions): Promise<Examination> {
  const unreachable = await reach(mount, config, options);
  if (unreachable.findings.length > 0 && !unreachable.some)
    return { mount, tool: null, findings: unreachable.findings };
  const visitor = new Visitor(config, mount, options.here, options.patience);
  const seen = seenFrom(config, mount, options.here);
  const [front, health] = await Promise.all([lookAt(visitor), healthOf(mount)]);
  const own = await findNames(config, visitor, front, seen);
  const cure = await findCure(config, own.visitor, own.look, seen);
  const failed = front.trail.steps.at(-1)?.exchanged;
  const silent =
    failed?.result.kind === 'failed' && !cure
      ? [reachFinding(mount, failed.target, `${failed.request.method} ${failed.request.target}`, failed.result)]
      : [];
  const unproxied = cure ? null : await lookUnproxied(config, own.look, options);
  const look = cure?.look ?? own.look;
  const tool = recognise([front, look]);
  // What the tool is asked besides, goes the way that is right for it.
  const right = cure ? own.visitor.with(config, cure.change) : own.visitor;
  const [bare, sockets, events, metrics] = await Promise.all([
    lookAtBare(right, look),
    lookAtSockets(config, right, look, tool, options),
    lookAtEvents(right, look, tool, options),
    lookAtMetrics(config, right, tool),
  ]);
  const page: FrontPage = { look: own.look, seen, tool, cure, unproxied };
  const findings = [
    ...unreachable.findings,
    ...silent,
    ...health,
    ...nameFindings(own.sights, seen, tool),
    ...domainFindings(look, seen),
    ...frontPageFindings(page),
    ...(bare ? slashFinding(bare, look) : []),
    ...websocketFindings(sockets, seen, tool),
    ...schemeFindings(look, seen, tool),
    ...eventsFindings(events),
    ...loginFindings(look),
    ...metricsFindings(mount, metrics),
    ...escapedFindings(options.escaped),
  ];
  return { mount, tool: tool?.name ?? null, findings: worstFirst(findings) };
}

const ranks = { wrong: 0, warning: 1, note: 2 } as const;

export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]);
}

/** Whether each of the targets answers at all, whatever it says. */
async function reach(mount: MountConfig, config: Config, { here, patience }: ExamineOptions) {
  const results = await Promise.all(
    mount.targets.slice(0, 8).map(async (target) => {
      const path = `${target.path}/`;
      const tls = readTlsOptions({ ...mount, target });
      const asked = { name: mount.name, target, tls, maxHead: config.limits.head };
      const limits = { ...sendLimits(mount, patience.request), bytes: 1_024, body: 200 };
      const ask = (host: string) =>
        sendOnce({ method: 'GET', target: path, fields: ['Host', host, 'Connection', 'close'] }, asked, limits);
      const own = await ask(target.authority);
      // Some close upon names that they do not know, which may be their own address.
      const closes = own.kind === 'failed' && own.error.code === 'UPSTREAM_CLOSED';
      const result = closes ? await ask(here.authority) : own;
      if (result.kind === 'answered') return null;
      const closed = ['UPSTREAM_CLOSED', 'UPSTREAM_BAD_ANSWER'].includes(result.error.code);
      const speaksTls = closed && target.protocol === 'http:' && (await takesTls(target, patience.request));
      return reachFinding(mount, formatTarget(target), `GET ${path}`, result, speaksTls);
    }),
  );
  const findings = results.filter((it) => it !== null);
  return { findings, some: findings.length < results.length };
}

/** Not every TLS server says so to plain HTTP: some just close. */
function takesTls(target: Target, timeout: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeout);
  return canConnect({ ...target, protocol: 'https:' }, { rejectUnauthorized: false }, timeout, signal);
}

async function healthOf(mount: MountConfig): Promise<Finding[]> {
  const { health } = mount;
  if (!health) return [];
  return healthFindings(mount, await probe({ ...mount, health }, readTlsOptions(mount)));
}

function seenFrom(config: Config, mount: MountConfig, here: AskedWords['here']): Seen {
  const proto = here.secure ? 'https' : 'http';
  const { hostname = '', port = null } = parseAuthority(here.authority) ?? {};
  const origin: PublicOrigin = { proto, authority: here.authority, hostname, port: port ?? defaultPort[proto] };
  const others = config.mounts.filter((it) => it !== mount && it.path !== '/').map(({ path }) => path);
  return { origin, others };
}

/** Tries other settings where something is wrong: the first with which all is well, or else one that helps. */
async function findCure(config: Config, visitor: Visitor, front: Look, seen: Seen): Promise<FrontPage['cure']> {
  const before = wellness(front, seen);
  let cure: FrontPage['cure'] = null;
  for (const change of changesWorthATry(front, symptomsOf(front, seen))) {
    const look = await lookAt(visitor.with(config, change));
    const after = wellness(look, seen);
    if (after === 2) return { change, look, well: true };
    if (after > before) cure ??= { change, look, well: false };
  }
  return cure;
}

/** Takes the names for the tool's own that its redirects lead to and that may be such, and sees whether it answers there. */
async function findNames(config: Config, visitor: Visitor, front: Look, seen: Seen) {
  const sights: NameSight[] = [];
  let [at, own] = [visitor, front];
  for (let name = nameIn(own, config, seen); name && sights.length < mostNames; name = nameIn(own, config, seen)) {
    const names = [...at.mount.names, name.name];
    const renamed = at.with(config, { names });
    const after = await lookAt(renamed);
    const sight = { ...name, names, answers: !name.isLogin && answersBehind(own, after) };
    sights.push(sight);
    if (!sight.answers) break;
    [at, own] = [renamed, after];
  }
  return { sights, visitor: at, look: own };
}

/** Names of one tool that are followed. */
const mostNames = 3;

/** What a refused page is without the fields by which a proxy tells of its client; null for other pages, and for no answer. */
async function lookUnproxied(config: Config, { mount, trail }: Look, { patience }: ExamineOptions) {
  const last = trail.steps.at(-1);
  if (trail.end !== 'answered' || !last?.exchanged || !isRefused(last)) return null;
  const { request } = last.exchanged;
  const fields = request.fields.filter((_, i) => !tellsOfAClient.test(request.fields[i - (i % 2)] ?? ''));
  const asked = { name: mount.name, target: mount.target, tls: readTlsOptions(mount), maxHead: config.limits.head };
  const result = await sendOnce({ ...request, fields }, asked, sendLimits(mount, patience.request));
  return result.kind === 'answered' ? result.status : null;
}

const tellsOfAClient = /^(?:x-forwarded-.*|forwarded|x-real-ip)$/i;

/** The mount's path without a slash, where the gateway passes it on. */
async function lookAtBare(visitor: Visitor, look: Look): Promise<Look | null> {
  const { mount, base } = visitor;
  if (mount.trailingSlash !== 'pass' || base === '' || look.trail.end !== 'answered') return null;
  return lookAt(visitor, base);
}

interface KnownPath {
  readonly target: string;
  readonly source: PathSource;
}

/** Where something is to be looked at: where people say, where the page says, where such tools have it. */
function pathsOf(
  kind: ScriptUrl['kind'],
  visitor: Visitor,
  look: Look,
  asked: readonly string[],
  known: readonly string[] = [],
): KnownPath[] {
  const page = look.trail.steps.at(-1)?.target ?? '/';
  const inPage = look.scripts
    .filter((url) => url.kind === kind)
    .flatMap(({ url }) => {
      const resolved = visitor.resolve(url.replace(/^ws(s?:)/, 'http$1'), page);
      return resolved && isUnder(resolved.pathname, visitor.base) ? [resolved.pathname + resolved.search] : [];
    });
  const all: KnownPath[] = [
    ...asked.map((path) => ({ target: visitor.base + path, source: 'asked' as const })),
    ...inPage.map((target) => ({ target, source: 'page' as const })),
    ...known.map((path) => ({ target: visitor.base + path, source: 'tool' as const })),
  ];
  return all.filter(({ target }, i) => all.findIndex((it) => it.target === target) === i).slice(0, 4);
}

async function lookAtSockets(
  config: Config,
  visitor: Visitor,
  look: Look,
  tool: KnownTool | null,
  { here, websockets }: ExamineOptions,
): Promise<SocketSight[]> {
  const paths = pathsOf('websocket', visitor, look, websockets, tool?.websockets);
  const origin = ['Origin', `${here.secure ? 'https' : 'http'}://${here.authority}`];
  return Promise.all(
    paths.map(async ({ target, source }) => {
      const asPage = await visitor.step(target, [...handshake, ...origin]);
      const wasRefused = asPage.exchanged?.result.kind === 'answered' && asPage.status !== 101;
      const ask = async (by: Visitor, fields: RawHeaders) => (wasRefused ? by.step(target, fields) : null);
      const [asTarget, withoutOrigin] = await Promise.all([
        ask(visitor.with(config, { host: 'target' }), [...handshake, ...origin]),
        ask(visitor, handshake),
      ]);
      return { source, asPage, asTarget, withoutOrigin };
    }),
  );
}

async function lookAtEvents(
  visitor: Visitor,
  look: Look,
  tool: KnownTool | null,
  { events, patience }: ExamineOptions,
): Promise<EventsSight[]> {
  const paths = pathsOf('events', visitor, look, events, tool?.events);
  return Promise.all(
    paths.map(async ({ target, source }) => {
      const step = await visitor.step(target, ['Accept', 'text/event-stream', 'Cache-Control', 'no-cache']);
      return { source, step, waited: patience.request };
    }),
  );
}

/** Only what the gateway lets anybody have. */
async function lookAtMetrics(config: Config, visitor: Visitor, tool: KnownTool | null): Promise<Step[]> {
  const site = createIdleSite(config);
  const { proto, authority } = visitor.origin;
  const paths = (tool?.metrics ?? ['/metrics']).map((path) => visitor.base + path);
  const open = paths.filter((target) => {
    const fields = ['Host', authority];
    const asked = { method: 'GET', secure: proto === 'https', target, fields, address: stranger };
    return followRequest(asked, site).explanation.outcome.kind === 'tool';
  });
  return Promise.all(open.map((target) => visitor.step(target, ['Accept', 'text/plain'])));
}
