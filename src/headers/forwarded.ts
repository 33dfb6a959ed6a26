import type { ClientCertificate } from './client-certificate';
import { dashed, listOf, valuesOf, type RawHeaders } from './raw';
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
  /** X-Forwarded-For as a trusted proxy sent it, else ''. */
  readonly forwardedFor: string;
  /** Forwarded (RFC 7239) as a trusted proxy sent it, else ''. */
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

const protos: Record<string, 'http' | 'https'> = { http: 'http', https: 'https', ws: 'http', wss: 'https' };

/** The elements of a Forwarded field (RFC 7239 §4), as far as they are well-formed; parameter names in lower case. */
function parseForwarded(value: string): Map<string, string>[] {
  const elements: Map<string, string>[] = [];
  const pattern = /\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*([;,]|$)/gy;
  let element = new Map<string, string>();
  for (let match = pattern.exec(value); match?.[1]; match = pattern.exec(value)) {
    element.set(match[1].toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
    if (match[4] === ';') continue;
    elements.push(element);
    element = new Map();
  }
  return elements;
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
): ClientView | null {
  const own = originOf(peer.secure ? 'https' : 'http', asked, null);
  if (!own) return null;
  const host = withoutEmptyPort(asked);
  if (!trusts(peer.address)) {
    return { trusted: false, address: peer.address, origin: own, host, forwardedFor: '', forwarded: '' };
  }
  const forwarded = valuesOf(raw, 'forwarded').join(', ');
  const elements = parseForwarded(forwarded);
  const said = elements[0] ?? new Map<string, string>();
  const listed = listOf(raw, 'x-forwarded-for');
  // A proxy that speaks Forwarded alone names its clients there.
  const chain = listed.length > 0 ? listed : elements.flatMap((element) => element.get('for') ?? []);
  const proto = protos[(listOf(raw, 'x-forwarded-proto')[0] ?? said.get('proto') ?? '').toLowerCase()];
  const saidHost = listOf(raw, 'x-forwarded-host')[0] ?? said.get('host');
  const saidPort = Number(listOf(raw, 'x-forwarded-port')[0] ?? NaN);
  const port = Number.isInteger(saidPort) && saidPort > 0 && saidPort <= 65535 ? saidPort : null;
  const effectiveProto = proto ?? own.proto;
  const origin =
    (saidHost === undefined ? null : originOf(effectiveProto, saidHost, port)) ??
    originOf(effectiveProto, host, port) ??
    own;
  return {
    trusted: true,
    address: clientOf([...chain.map(withoutPort), peer.address], trusts),
    origin,
    host,
    forwardedFor: chain.join(', '),
    forwarded,
  };
}

/** Walks the chain from the near end, past our own proxies; what lies before the first stranger may be invented. */
function clientOf(chain: readonly string[], trusts: (address: string) => boolean): string {
  for (let i = chain.length - 1; i > 0; i--) {
    const address = chain[i] ?? '';
    if (!trusts(address)) return address;
  }
  return chain[0] ?? '';
}

/** Some proxies append the port: `10.0.0.1:1234`, `[::1]:1234`. */
function withoutPort(hop: string): string {
  const match = /^\[([^\]]+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop);
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
  'wl-proxy-client-ip',
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
const prefixes = ['x-forwarded-', 'x-ssl-', 'ssl-client-', 'x-client-cert', 'x-tls-client-', 'x-amzn-mtls-'];

/** @param name lower case */
export function tellsOfTheClient(name: string): boolean {
  const plain = dashed(name);
  return plain === 'x-forwarded' || tellsOfClient.has(plain) || prefixes.some((prefix) => plain.startsWith(prefix));
}

/** `for=`, `host=` values of Forwarded: anything but a token is quoted, IPv6 in brackets (RFC 7239 §4, §6). */
function forwardedValue(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The fields that tell the tool about its client, as nginx's usual recipe names them, and RFC 7239's.
 * @param prefix the mount's prefix, or '' to leave X-Forwarded-Prefix out
 * @param peer the direct peer: what the next hop must see appended to the chain
 */
export function forwardedFields(view: ClientView, peer: Peer, prefix: string): string[] {
  const { proto, authority, port } = view.origin;
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
