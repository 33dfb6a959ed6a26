import { findPassage } from '../adopt/escaped';
import { adoptScript } from '../adopt/script';
import { failureText } from '../app/error-page';
import { readRequestHead } from '../app/request-head';
import { toHttps } from '../app/redirect';
import { createSite, type Site } from '../app/site';
import { goesToHttps, isMisdirected, refusalByCertificate } from '../app/stages';
import type { Config, Target } from '../config/config';
import { formatTarget } from '../config/target';
import { noCertificate } from '../headers/client-certificate';
import { originText, readForwarded, type ClientView, type Peer } from '../headers/forwarded';
import type { AnswerContext } from '../headers/location';
import { listOf } from '../headers/raw';
import { saidRequestId, type RequestFacts } from '../headers/request';
import { normaliseAddress } from '../headers/trust';
import { isWebsocketUpgrade } from '../listener/upgrade-request';
import { withTarget, type Mount } from '../mount/mount';
import { isTooLarge } from '../mount/passage';
import { pathOf } from '../mount/path';
import { readTlsOptions } from '../upstream/agent';
import { HealthMonitor } from '../upstream/health';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';
import type { AskedRequest } from './asked';
import { requestFields, type FieldChange } from './fields';
import { nearMounts, type NearMount } from './near';
import { wayOf, type Way } from './way';

/** The request as the tool gets it. */
export interface ToolRequest {
  readonly method: string;
  /** Origin-form. */
  readonly target: string;
  /** What was done to the path. */
  readonly reason: string;
  readonly fields: readonly FieldChange[];
  /** Where it goes: the tool's addresses, of which it takes the first that is well. */
  readonly to: readonly string[];
}

/** What becomes of a request. */
export type Outcome =
  | { readonly kind: 'tool'; readonly request: ToolRequest; readonly notes: readonly string[] }
  | { readonly kind: 'redirect'; readonly location: string; readonly reason: string }
  | { readonly kind: 'own'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly code: ProxyErrorCode;
      readonly status: number;
      readonly title: string;
      readonly detail: string;
      readonly advice: readonly string[];
    };

export interface Explanation {
  readonly request: AskedRequest;
  /** Who asks, as far as it is believed: the address, and the origin that people see. */
  readonly client: {
    readonly address: string;
    readonly origin: string;
    /** The path that a trusted proxy has taken off; '' for none. */
    readonly prefix: string;
    readonly trusted: boolean;
  } | null;
  /** The path of the mount that the request is for; null for none. */
  readonly mount: string | null;
  readonly near: readonly NearMount[];
  readonly outcome: Outcome;
  readonly way: Way;
}

/** A request that goes to a tool: what it takes to send it for real, and to make of the answer what the client gets. */
export interface ToTool {
  readonly mount: Mount;
  /** As the client said it. */
  readonly asked: AskedRequest;
  /** Whether no mount is in its path, and a page of an adopting one asked for it. */
  readonly escaped: boolean;
  readonly peer: Peer;
  readonly answer: Omit<AnswerContext, 'mount'> & Pick<ClientView, 'prefix'>;
  /** The request as one of the mount's targets gets it. */
  readonly requestTo: (target: Target) => ToolRequest;
}

export interface Followed {
  readonly explanation: Explanation;
  /** null for what goes to no tool. */
  readonly toTool: ToTool | null;
}

/** A site of which nothing is probed, and nothing is known of how its tools are. @throws what `createSite` does */
export function createIdleSite(config: Config): Site {
  const health = new HealthMonitor(config.mounts, { tlsOptionsOf: readTlsOptions });
  return createSite(config, health, health.groupsFor(config.mounts));
}

/** Shows a request's way by the same functions that it goes through when it comes. Nothing is sent, and nothing probed. */
export function followRequest(asked: AskedRequest, site: Site): Followed {
  const certificate = asked.secure && site.config.listen.https?.clientCa ? noCertificate : null;
  const peer: Peer = { address: normaliseAddress(asked.address), secure: asked.secure, certificate };
  const found: Found = { view: null, mount: null, toTool: null };
  let outcome: Outcome;
  try {
    outcome = outcomeOf(asked, site, peer, found);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    outcome = refusalOutcome(error, found.mount);
  }
  const { view, mount, toTool } = found;
  const explanation = {
    request: asked,
    client: view && {
      address: view.address,
      origin: originText(view.origin),
      prefix: view.prefix,
      trusted: view.trusted,
    },
    mount: mount?.config.path ?? null,
    near: looksForAMount(outcome) ? nearMounts(asked.target, site.table.mounts, mount) : [],
    outcome,
    way: wayOf(asked, site, peer, outcome.kind === 'tool' ? mount : null),
  };
  return { explanation, toTool };
}

/** What a failure looks like to whoever asked. */
export function refusalOutcome(error: ProxyError, mount: Mount | null): Outcome & { readonly kind: 'refused' } {
  const { code, status, message: title } = error;
  const text = failureText({ error, mount: mount?.config ?? null, status: null });
  return { kind: 'refused', code, status, title, ...text };
}

/** What has been found out of a request, also where it is refused in the end. */
interface Found {
  view: ClientView | null;
  mount: Mount | null;
  toTool: ToTool | null;
}

function looksForAMount(outcome: Outcome): boolean {
  return outcome.kind === 'tool' || (outcome.kind === 'refused' && outcome.code === 'NO_MOUNT');
}

/** The stages in the app's order, which the relay's admission gives the same answers as. @throws ProxyError */
function outcomeOf(asked: AskedRequest, site: Site, peer: Peer, found: Found): Outcome {
  const { method, target: url, fields: rawHeaders } = asked;
  const { limits, listen } = site.config;
  const parsed = { method, url, rawHeaders, httpVersion: '1.1' };
  const head = readRequestHead(parsed, limits);
  const view = readForwarded(rawHeaders, head.host, peer, site.trusts, site.config.trustedFields);
  if (!view) throw new ProxyError('BAD_REQUEST', null, new Error('Host is not a host name'));
  found.view = view;
  if (isMisdirected(site, view, head.target)) throw new ProxyError('MISDIRECTED');
  const refusal = refusalByCertificate(peer, listen.https, head.target);
  if (refusal) throw refusal;
  if (goesToHttps(listen, peer, view, head.target)) {
    const location = toHttps(view, listen.https?.publicPort ?? 443, head.target);
    return { kind: 'redirect', location, reason: 'the plain port sends people to HTTPS: `listen.http.mode: redirect`' };
  }
  const options = listOf(rawHeaders, 'connection').map((option) => option.toLowerCase());
  const websocket = options.includes('upgrade') && isWebsocketUpgrade(parsed);
  const passage = findPassage(head.target, { method, raw: rawHeaders, view, websocket }, site.table, (mount) =>
    site.board.statusOf(mount),
  );
  if (!passage) return ownPage(head.target, method, site);
  const { mount, upstreamTarget, slashAdded, redirect, escaped } = passage;
  const { config } = mount;
  found.mount = mount;
  if (passage.refusal) throw new ProxyError(passage.refusal, config.name);
  if (redirect !== null) {
    const reason = 'the tool’s relative links need the slash: `trailingSlash: redirect`';
    return { kind: 'redirect', location: redirect, reason };
  }
  if (typeof head.framing === 'object' && isTooLarge(Number(head.framing.length), config.limits))
    throw new ProxyError('BODY_TOO_LARGE', config.name);
  const facts: RequestFacts = {
    view,
    peer,
    framing: head.framing,
    websocket,
    expectsContinue: head.expectsContinue,
    traced: site.config.traces !== null,
  };
  const saidId = view.trusted ? saidRequestId(rawHeaders) : null;
  const requestTo = (target: Target): ToolRequest => ({
    method,
    target: upstreamTarget,
    reason: escaped
      ? `no mount is in its path; a page of ${config.path} asked for it`
      : `${whyThisPath(mount)}${slashAdded ? whyTheSlash : ''}`,
    fields: requestFields(asked, withTarget(mount, target), facts, saidId),
    to: config.targets.map(formatTarget),
  });
  const { origin, host, prefix } = view;
  const answer = { origin, host, prefix, publicTarget: prefix + head.target, upstreamTarget };
  found.toTool = { mount, asked, escaped, peer, answer, requestTo };
  return { kind: 'tool', request: requestTo(config.target), notes: notesOn(mount) };
}

function whyThisPath({ base, config: { prefix, target } }: Mount): string {
  const added = target.path === '' ? '' : `; ${target.path} of \`target\` comes in front`;
  if (base === '') return `the mount is the root, so there is no prefix${added}`;
  return prefix === 'keep'
    ? `\`prefix: keep\` leaves ${base}: the tool knows its prefix${added}`
    : `\`prefix: ${prefix}\` takes ${base} off${added}`;
}

const whyTheSlash = '; the slash is added, for browsers follow no redirect of a websocket’s handshake';

function notesOn({ config, adopts }: Mount): string[] {
  const { health, rateLimit, targets, balance } = config;
  return [
    ...(targets.length > 1
      ? [
          balance === 'active-standby'
            ? 'the first target that is well gets it'
            : 'the target with the fewest connections gets it',
        ]
      : []),
    ...(adopts ? ['its pages, style sheets and manifests are rewritten on their way back: `prefix: adopt`'] : []),
    ...(health ? [`unless ${health.path} says that the tool is not well, which is not asked here`] : []),
    ...(rateLimit ? ['unless its client has asked too often: `rateLimit`'] : []),
  ];
}

function ownPage(target: string, method: string, { portal }: Site): Outcome {
  const path = pathOf(target);
  const reads = method === 'GET' || method === 'HEAD';
  const own: Readonly<Record<string, string>> = {
    '/-/up': 'whether the gateway serves, for balancers',
    '/-/healthy': 'whether the required tools are healthy, for balancers and people',
    '/-/metrics': 'the metrics, for those whom `metrics.allow` names',
    '/-/live': 'the websocket of the portal',
    [portal.path]: 'the portal',
    [adoptScript.path]: 'the script that stands in the pages of mounts with `prefix: adopt`',
  };
  const what =
    own[path] ?? (path.startsWith('/-/assets/') ? 'a file of the portal, if there is such a one' : undefined);
  if (what !== undefined && reads) return { kind: 'own', reason: what };
  throw new ProxyError(what === undefined ? 'NO_MOUNT' : 'METHOD_NOT_ALLOWED');
}
