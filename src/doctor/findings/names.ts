import type { Config, OwnName } from '../../config/config';
import { ownName } from '../../config/own-name';
import { Refusal } from '../../config/kinds';
import { authorityOf, bracketed, isSameHost } from '../../headers/addresses';
import { refusedDomain } from '../../headers/cookies';
import { originText, parseAuthority } from '../../headers/forwarded';
import { compileTrust } from '../../headers/trust';
import { parseUrl } from '../../parse-url';
import { inGateway, shortened, stepText, urlOf, withoutValue } from '../evidence';
import type { Finding } from '../finding';
import type { KnownTool } from '../known-tools';
import type { Look, Seen, Step } from '../sight';

/** A redirect to a name that may be the tool's own, though the gateway does not know it as such. */
export interface NameFound {
  readonly step: Step;
  readonly name: OwnName;
  /** Whether the name is of no use outside the network, or is the public one with another port. */
  readonly internal: boolean;
  /** Whether the URL is that of a sign-in, which is most often another server's. */
  readonly isLogin: boolean;
  readonly url: string;
}

export interface NameSight extends NameFound {
  /** All of the mount's with this one. */
  readonly names: readonly OwnName[];
  /** Whether the tool itself serves the path that the redirect leads to. */
  readonly answers: boolean;
}

const privately = compileTrust(['loopback', 'linklocal', 'uniquelocal']);

/** Names of one label, and those that no public DNS has (RFC 6761, RFC 6762, RFC 8375; ICANN's .internal). */
function isInternal(hostname: string): boolean {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (privately(bare)) return true;
  return !/[.:]/.test(bare) || /\.(?:local|localdomain|localhost|internal|lan|home\.arpa|svc)\.?$/.test(bare);
}

/** OpenID Connect, OAuth, SAML and CAS carry the way back. */
const ofALogin = /[?&](?:client_id|redirect_uri|SAMLRequest|service|wtrealm)=/i;

/** The name that the front page's redirects end at; null where it is another site's, or another mount's tool. */
export function nameIn({ trail, mount }: Look, config: Config, { origin }: Seen): NameFound | null {
  const step = trail.steps.at(-1);
  const base = originText(origin) + (step?.target ?? '/');
  // What the gateway sends people to, it knows itself.
  if (trail.end !== 'elsewhere' || !step?.exchanged || step.location === null) return null;
  const url = parseUrl(step.location, base);
  const said = url && parseAuthority(url.host);
  if (!said || !/^https?:$/.test(url.protocol) || url.origin === parseUrl(base)?.origin || url.username !== '')
    return null;
  const isAnothers = config.mounts.some(
    ({ path, targets }) =>
      path !== mount.path &&
      targets.some(({ hostname, port }) => isSameHost(bracketed(hostname), said.hostname) && port === said.port),
  );
  const internal = isInternal(said.hostname) || said.hostname === origin.hostname;
  const isLogin = ofALogin.test(url.search);
  // A name that anybody can reach is most often a sign-in's; with a port of its own it may be the tool's.
  if (isAnothers || (!internal && (isLogin || said.port === null))) return null;
  return { step, name: { hostname: said.hostname, port: said.port }, internal, isLogin, url: step.location };
}

/** Whether the path that a redirect led to is there, once its name is taken for the tool's. */
export function answersBehind(before: Look, { trail }: Look): boolean {
  const next = trail.steps[before.trail.steps.length];
  if (next?.exchanged?.result.kind !== 'answered') return false;
  return next.status < 400 || next.status === 401 || next.status === 403;
}

/** Brackets mean a list in YAML. */
const listed = (names: readonly OwnName[]) =>
  names.map((name) => (name.hostname.startsWith('[') ? `'${authorityOf(name)}'` : authorityOf(name))).join(', ');

export function nameFindings(sights: readonly NameSight[], { origin }: Seen, tool: KnownTool | null): Finding[] {
  const own = sights.filter(({ answers }) => answers);
  const [other] = sights.filter(({ answers, internal }) => !answers && internal);
  const last = own.at(-1);
  const findings: Finding[] = [];
  if (last)
    findings.push({
      severity: own.some(({ internal }) => internal) ? 'wrong' : 'warning',
      title: 'A redirect names the tool by another name than `target`',
      evidence: own.map(({ step }) => stepText(step)),
      cause:
        'The tool builds addresses from a name of its own, which browsers cannot reach or which leads past the gateway. It serves that path itself.',
      fix: [
        inGateway(`names: [${listed(last.names)}]`),
        tool?.https
          ? `Or ${tool.name}: ${tool.https(`${originText(origin)}/…`)}`
          : 'Or set the tool’s own public address to the one that people see, if it has such a setting.',
      ],
    });
  if (other)
    findings.push({
      severity: 'warning',
      title: 'A redirect leads to an address inside the network',
      evidence: [stepText(other.step)],
      cause: `Browsers cannot reach ${authorityOf(other.name)}, unless they are inside that network themselves.`,
      fix: [
        `If it is another server, as a sign-in is: write its public address into the tool’s settings.`,
        `If it is this tool: ${inGateway(`names: [${listed(other.names)}]`)}`,
      ],
    });
  return findings;
}

/** Cookies that a browser refuses because their Domain is neither the public host nor one of the tool's names. */
export function domainFindings(look: Look, { origin }: Seen): Finding[] {
  const refused = look.trail.steps.flatMap(({ target, exchanged }) =>
    (exchanged?.fields ?? []).flatMap(({ name, before, after }) => {
      if (before === null || after === null || name.toLowerCase() !== 'set-cookie') return [];
      const domain = refusedDomain(after, origin.hostname);
      return domain === null ? [] : [{ domain, line: `GET ${shortened(target)}: Set-Cookie: ${withoutValue(before)}` }];
    }),
  );
  const [first] = refused;
  if (!first) return [];
  const name = ownName.read(first.domain.replace(/^\./, ''));
  return [
    {
      severity: 'wrong',
      title: 'Browsers refuse its cookie: its Domain is another host’s',
      evidence: [...new Set(refused.map(({ line }) => line))].slice(0, 3),
      cause: `People see ${urlOf(look, originText(origin))}, of which ${shortened(first.domain)} is neither the host nor above it. Without its cookie a login goes round in a circle.`,
      fix: [
        ...(name instanceof Refusal
          ? []
          : [`If that is the tool’s own name: ${inGateway(`names: [${listed([...look.mount.names, name])}]`)}`]),
        'Let the tool set its cookies without a Domain, or with the public one.',
      ],
    },
  ];
}
