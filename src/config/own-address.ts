import { hostname, networkInterfaces } from 'node:os';
import { BlockList, isIP } from 'node:net';
import type { Target } from './config';
import { noReusePort } from './reuse-port';

/** What of the machine decides whether a configuration is good. */
export interface Machine {
  /** Its own names and addresses. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** Why processes cannot share a port; null where they can. */
  readonly noReusePort: string | null;
}

export function thisMachine(): Machine {
  return {
    names: [hostname().toLowerCase()],
    addresses: Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
    noReusePort: noReusePort(process.version, process.platform),
  };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Whether a connection to the target would arrive at a listener bound to `listen`, as far as that shows without DNS. */
export function arrivesAt(
  target: Pick<Target, 'hostname' | 'port'>,
  listen: { host: string; port: number },
  machine: Machine,
): boolean {
  if (target.port !== listen.port) return false;
  const to = target.hostname;
  if (to === listen.host || (to === 'localhost' && isLoopback(listen.host))) return true;
  // Connecting to the wildcard address is connecting to this machine.
  if (isWildcard(to)) return isWildcard(listen.host) || isLoopback(listen.host);
  if (!isWildcard(listen.host)) return to === 'localhost' && isLoopback(listen.host);
  return isLoopback(to) || machine.names.includes(to) || machine.addresses.includes(to);
}
