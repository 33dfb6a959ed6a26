import ipaddr from 'ipaddr.js';

/** Ranges that have a name in `trustedProxies` and `metrics.allow`. */
const named: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  any: ['0.0.0.0/0', '::/0'],
};

/** An address as it is logged and forwarded: IPv4 inside IPv6 (`::ffff:10.0.0.1`) is IPv4, a zone id is gone. */
export function normaliseAddress(address: string): string {
  const bare = address.split('%')[0] ?? '';
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare;
}

/**
 * Compiles a list of addresses once, so that a request costs no parsing of ranges.
 * @param proxies addresses, CIDRs or names, already validated
 * @returns a test for an address; what is no address is not trusted
 */
export function compileTrust(proxies: readonly string[]): (address: string) => boolean {
  const ranges = proxies
    .flatMap((proxy) => named[proxy] ?? [proxy])
    .map((text) => {
      if (text.includes('/')) return ipaddr.parseCIDR(text);
      const address = ipaddr.process(text);
      return [address, address.kind() === 'ipv4' ? 32 : 128] as const;
    });
  if (ranges.length === 0) return () => false;
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(([range, bits]) => {
      // Two tests, so that the types follow: addresses of different families never match.
      if (parsed instanceof ipaddr.IPv4) return range instanceof ipaddr.IPv4 && parsed.match(range, bits);
      return range instanceof ipaddr.IPv6 && parsed.match(range, bits);
    });
  };
}
