import type { TrustedFields } from '../config/config';
import type { ClientCertificate } from './client-certificate';
import { readElements, type ForwardedElement } from './forwarded-elements';
import { frontPrefix } from './front-prefix';
import { dashed, hasField, listOf, valuesOf, type RawHeaders } from './raw';
import { normaliseAddress } from './trust';

/** The connection that a request came on. */
export interface Peer {
  /** As `normaliseAddress` writes it. */
  readonly address: string;
  readonly secure: boolean;
  /** null where none is asked for. */
  readonly certificate: ClientCertificate | null;
}

/** The address that people see in their browser, without a path. */
export interface PublicOrigin {
  readonly proto: 'http' | 'https';
  /** `host` or `host:port`, as it stands in a Host field. */
  readonly authority: string;
  /** Lower case, an IPv6 address in brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** Who asks, and at which address, after what trusted proxies say has been heard and what others say has not. */
export interface ClientView {
  readonly trusted: boolean;
  /** Address of the client: the last of the chain that is not itself a trusted proxy. */
  readonly address: string;
  readonly origin: PublicOrigin;
  /** The Host field as it arrived, less an empty port: a tool may build its URLs from it. */
  readonly host: string;
  /** The path that a trusted proxy has taken off before the gateway's own: `/tools`; '' for none. */
  readonly prefix: string;
  /** Which fields were believed; null where none could be. */
  readonly heard: Exclude<TrustedFields, 'auto'> | null;
  /** The chain as a trusted proxy sent it, as X-Forwarded-For writes it, else ''. */
  readonly forwardedFor: string;
  /** The same as Forwarded (RFC 7239) writes it, where it came so; else ''. */
  readonly forwarded: string;
}

/** As it stands in an Origin field (RFC 6454 §6.2). */
export function originText({ proto, authority }: Pick<PublicOrigin, 'proto' | 'authority'>): string {
  return `${proto}://${authority}`;
}

/** Whether an Origin field names this origin; schemes and hosts have no case. */
export function isOrigin(value: string, origin: PublicOrigin): boolean {
  return value.toLowerCase() === originText(origin).toLowerCase();
}

const authorityPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::([0-9]{0,5}))?$/i;

/** Splits `host[:port]` (RFC 3986 §3.2). The port may be empty. Returns null for what is none, user information included. */
export function parseAuthority(authority: string): { hostname: string; port: number | null } | null {
  const match = authorityPattern.exec(authority);
  if (!match?.[1]) return null;
  const port = match[2] ? Number(match[2]) : null;
  if (port !== null && port > 65535) return null;
  return { hostname: match[1].toLowerCase(), port };
}

/** The same without the colon of an empty port (RFC 3986 §6.2.3), which not everybody understands. */
export function withoutEmptyPort(authority: string): string {
  return authority.endsWith(':') ? authority.slice(0, -1) : authority;
}

/** The port of an origin that names none (RFC 9110 §4.2). */
export const defaultPort = { http: 80, https: 443 } as const;

function originOf(proto: 'http' | 'https', host: string, port: number | null): PublicOrigin | null {
  const parsed = parseAuthority(host);
  if (!parsed) return null;
  const effective = parsed.port ?? port ?? defaultPort[proto];
  const named = withoutEmptyPort(host);
  const authority = parsed.port !== null || effective === defaultPort[proto] ? named : `${named}:${String(effective)}`;
  return { proto, authority, hostname: parsed.hostname, port: effective };
}

const schemes: Readonly<Record<string, 'http' | 'https'>> = { http: 'http', https: 'https', ws: 'http', wss: 'https' };

/** What a proxy calls the scheme, in any case; undefined for none. */
export function schemeOf(said: string): 'http' | 'https' | undefined {
  const name = said.toLowerCase();
  return Object.hasOwn(schemes, name) ? schemes[name] : undefined;
}

/** @returns null for what is no port of an address */
export function parsePort(said: string): number | null {
  const port = /^[0-9]{1,5}$/.test(said) ? Number(said) : 0;
  return port > 0 && port <= 65535 ? port : null;
}

/** What trusted proxies say, before anything is made of it. */
interface Said {
  /** Addresses, from the client's end to ours; the last one asked the peer. */
  readonly chain: readonly string[];
  readonly proto: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly forwarded: string;
}

/**
 * Works out the client's address and the public origin.
 * What a peer that is not a trusted proxy says of itself is not read at all.
 * @param asked the request's authority: its Host field, or that of an absolute-form target
 * @returns null when `asked` is not an authority
 */
export function readForwarded(
  raw: RawHeaders,
  asked: string,
  peer: Peer,
  trusts: (address: string) => boolean,
  fields: TrustedFields = 'auto',
): ClientView | null {
  const own = originOf(peer.secure ? 'https' : 'http', asked, null);
  if (!own) return null;
  const host = withoutEmptyPort(asked);
  if (!trusts(peer.address)) {
    const nothing = { prefix: '', heard: null, forwardedFor: '', forwarded: '' };
    return { trusted: false, address: peer.address, origin: own, host, ...nothing };
  }
  const heard = fields === 'auto' ? heardOf(raw) : fields;
  const said = heard === 'forwarded' ? saidByTheStandard(raw, trusts) : saidByCustom(raw);
  // The standard has no parameter for it.
  const prefix = fields === 'forwarded' ? '' : frontPrefix(nearestOf(raw, 'x-forwarded-prefix') ?? '');
  const proto = schemeOf(said.proto ?? '') ?? own.proto;
  const port = parsePort(said.port ?? '');
  const origin = originOf(proto, said.host ?? '', port) ?? originOf(proto, host, port) ?? own;
  return {
    trusted: true,
    address: clientOf([...said.chain.map(withoutPort), peer.address], trusts),
    origin,
    host,
    prefix,
    heard,
    forwardedFor: said.chain.join(', '),
    forwarded: said.forwarded,
  };
}

/** Those that tell of the address, also the ones that are not read: who writes one of them does not write Forwarded. */
const customary = 'for proto host port prefix server scheme protocol ssl'
  .split(' ')
  .map((name) => `x-forwarded-${name}`);

/** Hardly a proxy writes both, and each passes on what it does not know: the client's own. */
function heardOf(raw: RawHeaders): Exclude<TrustedFields, 'auto'> {
  return customary.some((name) => hasField(raw, name)) ? 'x-forwarded' : 'forwarded';
}

function saidByCustom(raw: RawHeaders): Said {
  return {
    chain: listOf(raw, 'x-forwarded-for'),
    proto: nearestOf(raw, 'x-forwarded-proto'),
    host: nearestOf(raw, 'x-forwarded-host'),
    port: nearestOf(raw, 'x-forwarded-port'),
    forwarded: '',
  };
}

/** Of several values the one nearest to us: the others may have come from a client, and been added to. */
export function nearestOf(raw: RawHeaders, name: string): string | undefined {
  const last = valuesOf(raw, name).at(-1);
  return last?.slice(last.lastIndexOf(',') + 1).trim() || undefined;
}

function saidByTheStandard(raw: RawHeaders, trusts: (address: string) => boolean): Said {
  const elements = readElements(valuesOf(raw, 'forwarded'));
  const believed = believedOf(elements, trusts);
  const named = elements.slice(elements.findLastIndex((element) => !element.has('for')) + 1);
  const chain = named.map((element) => nodeOf(element.get('for') ?? ''));
  return {
    chain,
    proto: believed.find((element) => element.has('proto'))?.get('proto'),
    host: believed.find((element) => element.has('host'))?.get('host'),
    port: undefined,
    forwarded: chain.map((node) => `for=${forwardedValue(node)}`).join(', '),
  };
}

/** The elements that our own proxies have written, the nearest first: each was written by whom the next one names. */
function believedOf(
  elements: readonly ForwardedElement[],
  trusts: (address: string) => boolean,
): readonly ForwardedElement[] {
  const strangers = elements.findLastIndex((element) => !trusts(withoutPort(element.get('for') ?? '')));
  return elements.slice(Math.max(strangers, 0)).reverse();
}

/** An address, `unknown` or a name of the proxy's own (RFC 7239 §6); a quoted string could hold anything. */
function nodeOf(node: string): string {
  return /^[\w.:[\]-]+$/.test(node) ? node : 'unknown';
}

/** Walks the chain from the near end, past our own proxies; what lies before the first stranger may be invented. */
function clientOf(chain: readonly string[], trusts: (address: string) => boolean): string {
  for (let i = chain.length - 1; i > 0; i--) {
    const address = chain[i] ?? '';
    if (!trusts(address)) return address;
  }
  return chain[0] ?? '';
}

/** Some proxies append the port: `10.0.0.1:1234`, `[::1]:1234`, `[::1]:_hidden` (RFC 7239 §6). */
function withoutPort(hop: string): string {
  const match = /^\[([^\]]+)\](?::[\w.-]+)?$|^(\d+\.\d+\.\d+\.\d+):[\w.-]+$/.exec(hop);
  return normaliseAddress(match?.[1] ?? match?.[2] ?? hop);
}

/**
 * Fields by which a proxy tells a tool about its client. Ours are built fresh, so the client's end here: also under the
 * names that single proxies and frameworks use, and with `_` for `-` (see `dashed`).
 */
const tellsOfClient = new Set([
  'forwarded',
  'front-end-https',
  'x-real-ip',
  'x-proxied-https',
  'x-request-id',
  'x-scheme',
  'x-url-scheme',
  'x-host',
  'x-original-host',
  'x-original-uri',
  'x-original-url',
  'x-original-forwarded-for',
  'x-rewrite-url',
  'x-client-ip',
  'x-cluster-client-ip',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-envoy-external-address',
  'x-original-proto',
  'x-proxyuser-ip',
  'x-script-name',
  'script-name',
  'client-cert',
  'client-cert-chain',
  'x-client-verify',
  'x-client-dn',
  'x-arr-clientcert',
]);

/** What follows names a part of the address, or of a client's certificate. */
const prefixes = [
  'x-forwarded-',
  'x-ssl-',
  'ssl-client-',
  'x-client-cert',
  'x-tls-client-',
  'x-amzn-mtls-',
  'wl-proxy-',
];

/** @param name lower case */
export function tellsOfTheClient(name: string): boolean {
  const plain = dashed(name);
  return plain === 'x-forwarded' || tellsOfClient.has(plain) || prefixes.some((prefix) => plain.startsWith(prefix));
}

/** `for=`, `host=` values of Forwarded: anything but a token is quoted, IPv6 in brackets (RFC 7239 §4, §6). */
function forwardedValue(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** The public origin as a tool is told it that is to know its own name alone: by that, and the public scheme. */
export function originNamed(authority: string, { origin }: ClientView): PublicOrigin {
  return originOf(origin.proto, authority, null) ?? origin;
}

/**
 * The fields that tell the tool about its client, as nginx's usual recipe names them, and RFC 7239's.
 * @param prefix the path that was taken off, or '' to leave X-Forwarded-Prefix out
 * @param peer the direct peer: what the next hop must see appended to the chain
 * @param origin that the tool is told
 */
export function forwardedFields(view: ClientView, peer: Peer, prefix: string, origin = view.origin): string[] {
  const { proto, authority, port } = origin;
  const node = peer.address.includes(':') ? `[${peer.address}]` : peer.address;
  const element = `for=${forwardedValue(node)};host=${forwardedValue(authority)};proto=${proto}`;
  const fields = [
    'X-Real-IP',
    view.address,
    'X-Forwarded-For',
    view.forwardedFor === '' ? peer.address : `${view.forwardedFor}, ${peer.address}`,
    'X-Forwarded-Proto',
    proto,
    'X-Forwarded-Host',
    authority,
    'X-Forwarded-Port',
    String(port),
    'Forwarded',
    view.forwarded === '' ? element : `${view.forwarded}, ${element}`,
  ];
  if (prefix !== '') fields.push('X-Forwarded-Prefix', prefix);
  if (peer.certificate) fields.push(...peer.certificate.fields);
  return fields;
}
