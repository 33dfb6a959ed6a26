import { tellsOfTheClient } from '../headers/forwarded';

/** What of a mount decides whether a header is the gateway's own. */
export interface HeaderFacts {
  /** The mount's path. */
  readonly path: string;
  readonly strips: boolean;
  readonly clientCertificates: boolean;
}

const words = (...values: readonly string[]) => new RegExp(`^(?:${values.join('|')})$`, 'i');
const scheme = words('\\$scheme', 'https?', '\\$proxy_x_forwarded_proto', '\\$forwarded_proto');
const name = words('\\$(?:http_)?host(?::\\$server_port)?', '\\$server_name(?::\\$server_port)?');

/** What each field may hold for the gateway to send the same by itself. */
const sentAnyway: Readonly<Record<string, RegExp>> = {
  'x-real-ip': words('\\$(?:remote_addr|realip_remote_addr|http_x_real_ip)'),
  'x-forwarded-for': words('\\$proxy_add_x_forwarded_for', '\\$remote_addr'),
  'x-forwarded-proto': scheme,
  'x-forwarded-host': name,
  'x-forwarded-port': words('\\$server_port', '\\d+'),
  'x-request-id': words('\\$request_id'),
  forwarded: /./,
  upgrade: words('\\$http_upgrade', 'websocket'),
  connection: words('upgrade', '\\$connection_upgrade', '\\$http_connection', '', 'keep-alive', 'close'),
};

const ofCertificates: Readonly<Record<string, string>> = {
  'x-ssl-client-verify': '$ssl_client_verify',
  'x-ssl-client-dn': '$ssl_client_s_dn',
};

/**
 * What to say of a `proxy_set_header`; null where the gateway does the same. `Host` is for `hostOf`.
 * @param connection the names of the variables that a `map $http_upgrade` makes
 */
export function headerRemark(
  field: string,
  value: string,
  { path, strips, clientCertificates }: HeaderFacts,
  connection: ReadonlySet<string>,
): string | null {
  const low = field.toLowerCase();
  if (low === 'connection' && connection.has(value)) return null;
  if (sentAnyway[low]?.test(value) === true) return null;
  if (low === 'x-forwarded-prefix' && strips && value.replace(/\/$/, '') === path) return null;
  if (clientCertificates && ofCertificates[low] === value) return null;
  if (/^x-forwarded-|^x-real-ip$/.test(low) && value === `$http_${low.replaceAll('-', '_')}`)
    return 'the gateway believes what a client says of itself from trustedProxies alone; name the proxies in front there';
  if (value === '') return 'the gateway takes no fields out; see whether the tool can do without';
  if (value === `$http_${low.replaceAll('-', '_')}`)
    return tellsOfTheClient(low) ? 'such a field of the client ends at the gateway; the tool does not get it' : null;
  return 'the gateway adds no fields of your own; see whether the tool needs it, and has a setting for it';
}

/** Which `Host` the tool gets; null where it is another one. @param targets authorities of the tool */
export function hostOf(value: string | undefined, targets: readonly string[]): 'client' | 'target' | null {
  if (value === undefined || value === '$proxy_host' || value === '$proxy_host:$proxy_port') return 'target';
  if (name.test(value)) return 'client';
  return targets.includes(value) ? 'target' : null;
}
