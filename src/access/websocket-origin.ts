import { defaultPort, parseAuthority, type PublicOrigin } from '../headers/forwarded';

/**
 * Whether a page at an origin may open a websocket. Browsers send cookies along with it whichever page asks, and tools
 * seldom look (RFC 6455 §10.2: cross-site websocket hijacking). Programs that are not browsers send no Origin.
 *
 * @param origin the field's value; undefined where there is none
 * @param served the address that people see
 * @param more origins that may as well, in lower case
 */
export function mayOpenWebsocket(
  origin: string | undefined,
  served: PublicOrigin,
  more: readonly string[] | 'any' = [],
): boolean {
  if (origin === undefined || more === 'any') return true;
  const [, scheme, authority = ''] = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
  const proto = scheme as 'http' | 'https' | undefined;
  const from = parseAuthority(authority);
  if (proto === undefined || !from) return false;
  if (more.includes(`${proto}://${authority}`)) return true;
  if (from.hostname !== served.hostname) return false;
  // Where a proxy that is not in `trustedProxies` does TLS, the page is https and the gateway is reached by http.
  if (proto === 'http' && served.proto === 'https') return false;
  // Where the schemes differ, the usual port of one stands for that of the other.
  const port = served.port === defaultPort[served.proto] ? defaultPort[proto] : served.port;
  return (from.port ?? defaultPort[proto]) === port;
}
