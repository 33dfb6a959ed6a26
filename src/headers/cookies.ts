import { toPublicCookiePath } from '../mount/mount';
import { parseUrl } from '../parse-url';
import { isSameHost, namesOf, withoutRoot, type Addresses } from './addresses';
import { parseAuthority } from './forwarded';
import { isGatewayCookie } from './gateway-cookies';

/**
 * A cookie of a tool as a browser has to get it. Its Path goes under the mount, so that two tools which both set
 * `JSESSIONID` at `/` keep apart. A Domain that names the tool is left out, since browsers refuse the cookie for it: it is
 * then the public host's alone (nginx: `proxy_cookie_domain`). Every other attribute stays as it is, letter for letter
 * (RFC 6265 §4.1), also a Domain of another site, which is no business of the gateway's.
 * @param value a whole Set-Cookie value
 * @returns null for a cookie of a name that the gateway keeps for its own
 */
export function fixCookie(value: string, addresses: Addresses): string | null {
  const [pair = '', ...attributes] = value.split(';');
  if (isGatewayCookie(pair)) return null;
  if (attributes.length === 0) return value;
  const kept = namesTool(attributes, addresses)
    ? attributes.filter((attribute) => valueOf(attribute, 'domain') === null)
    : attributes;
  // Browsers accept a __Host- cookie only with Path=/, so a changed one would be lost (RFC 6265bis §4.1.3.2).
  if (/^\s*__Host-/i.test(pair)) return [pair, ...kept].join(';');
  return [pair, ...kept.map((attribute) => fixPath(attribute, addresses))].join(';');
}

/** @param name lower case @returns null for another attribute */
function valueOf(attribute: string, name: string): string | null {
  const equals = attribute.indexOf('=');
  const said = (equals === -1 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
  return said !== name ? null : equals === -1 ? '' : attribute.slice(equals + 1);
}

function fixPath(attribute: string, { mount }: Addresses): string {
  const value = valueOf(attribute, 'path');
  const path = value?.trim() ?? '';
  if (value === null || !path.startsWith('/')) return attribute;
  const start = attribute.length - value.trimStart().length;
  return attribute.slice(0, start) + toPublicCookiePath(mount, path) + attribute.slice(start + path.length);
}

/** The last one counts (RFC 6265 §5.3); an empty one is none (§5.2.3). */
function domainIn(attributes: readonly string[]): string | undefined {
  const domains = attributes.map((attribute) => valueOf(attribute, 'domain')?.trim() ?? '');
  return domains.filter((domain) => domain !== '').at(-1);
}

/** The Domain for which browsers at a host refuse a cookie; null where they take it. @param value of Set-Cookie */
export function refusedDomain(value: string, hostname: string): string | null {
  const domain = domainIn(value.split(';').slice(1));
  return domain === undefined || covers(domain, hostname) ? null : domain;
}

/** Whether a cookie is for the tool's own host, as the tool calls it, and browsers do not know it by that. */
function namesTool(attributes: readonly string[], addresses: Addresses): boolean {
  const domain = domainIn(attributes);
  if (domain === undefined || covers(domain, addresses.origin.hostname)) return false;
  const meant = readDomain(domain);
  if (meant === '') return false;
  const asked = parseAuthority(addresses.host);
  const names = [...namesOf(addresses.mount).map(({ hostname }) => hostname), ...(asked ? [asked.hostname] : [])];
  return names.some((name) => isSameHost(name, meant) || isBelow(withoutRoot(name), meant));
}

const isAddress = (hostname: string) => /^\[|^[\d.]+$/.test(hostname);

const isBelow = (hostname: string, domain: string) => hostname.endsWith(`.${domain}`) && !isAddress(hostname);

/**
 * Whether browsers take a Domain at a host (RFC 6265 §5.1.3, §5.2.3): as it stands, but for the dot before it. Beyond
 * ASCII they ignore the whole cookie (RFC 6265bis §5.7).
 */
function covers(domain: string, hostname: string): boolean {
  const low = domain.toLowerCase();
  return (
    low === hostname || isBelow(hostname, low.replace(/^\./, '')) || (low === `.${hostname}` && !isAddress(hostname))
  );
}

/** The host that somebody meant by a Domain, though browsers may not take it: in quotes, with a port, beyond ASCII. */
function readDomain(domain: string): string {
  const text = Buffer.from(domain, 'latin1').toString().replace(/^"|"$/g, '').replace(/^\.+/, '');
  const isBareIPv6 = !text.startsWith('[') && text.indexOf(':') !== text.lastIndexOf(':');
  const authority = isBareIPv6 ? `[${text}]` : text;
  return withoutRoot(parseUrl(`http://${authority}`)?.hostname ?? '');
}
