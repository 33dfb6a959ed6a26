import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Names told of at most. */
const mostTold = 10;

/**
 * What to warn of where `hosts` names what no certificate is for: browsers refuse it before any request.
 * @param hosts lower case, as the configuration has them
 * @param certificates PEM, and the DNS names of each
 * @param ordered the names that a certificate is ordered for
 * @param behindProxies whether people may see the certificates of proxies in front
 */
export function uncoveredHosts(
  hosts: readonly string[],
  certificates: readonly { readonly cert: string; readonly names: readonly string[] }[],
  ordered: readonly string[],
  behindProxies: boolean,
): string[] {
  const names = [...new Set([...ordered, ...certificates.flatMap((certificate) => certificate.names)])];
  const parsed = certificates.map(({ cert }) => new X509Certificate(cert));
  const uncovered = hosts.filter((host) => !isCovered(host, names) && !parsed.some((it) => isForAddress(it, host)));
  if (uncovered.length === 0) return [];
  const proxies = behindProxies ? ', unless the proxies in front have one that does' : '';
  return [
    `hosts: no certificate of listen.https is for ${few(uncovered)}, so browsers refuse to go there${proxies}; it is for ${few(names)}. Get one that names all of them`,
  ];
}

function isCovered(host: string, names: readonly string[]): boolean {
  // For a wildcard of `hosts`, any name below it may be all that is meant.
  if (host.startsWith('*.')) return names.some((name) => name.endsWith(host.slice(1)));
  // That of a certificate stands for the leftmost label alone (RFC 9525 §6.3).
  return names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'));
}

function isForAddress(certificate: X509Certificate, host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && certificate.checkIP(address) !== undefined;
}

function few(names: readonly string[]): string {
  if (names.length === 0) return 'no name';
  const more = names.length > mostTold ? [`${names.length - mostTold} more`] : [];
  return [...names.slice(0, mostTold), ...more].join(', ');
}
