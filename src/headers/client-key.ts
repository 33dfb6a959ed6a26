import ipaddr from 'ipaddr.js';

/**
 * Who counts as one client. A host has a whole /64 of IPv6 to choose addresses from (RFC 6177), so that is one client.
 * @param address of a connection, or as a proxy says it; all that is no address counts as one client
 */
export function clientKey(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
