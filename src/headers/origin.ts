import { defaultPort, parseAuthority, type PublicOrigin } from './forwarded';

const shape = /^(https?):\/\/([^/]+)$/;

/**
 * Whether an Origin field names the place that people see, as far as the gateway can know that.
 * @param value in any case
 */
export function isSamePlace(value: string, served: PublicOrigin): boolean {
  const [, scheme, authority = ''] = shape.exec(value.toLowerCase()) ?? [];
  const proto = scheme as 'http' | 'https' | undefined;
  const from = parseAuthority(authority);
  if (proto === undefined || from?.hostname !== served.hostname) return false;
  // Where a proxy that is not in `trustedProxies` does TLS, the page is https and the gateway is reached by http.
  if (proto === 'http' && served.proto === 'https') return false;
  // Where the schemes differ, the usual port of one stands for that of the other.
  const port = served.port === defaultPort[served.proto] ? defaultPort[proto] : served.port;
  return (from.port ?? defaultPort[proto]) === port;
}
