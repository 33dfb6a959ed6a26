import { X509Certificate } from 'node:crypto';

/**
 * The DNS names that a certificate is for, in lower case; wildcards as they stand there (`*.example.com`). The subject
 * is not read: browsers do not read it either (RFC 9525 §6.3).
 */
export function dnsNamesOf({ subjectAltName = '' }: X509Certificate): string[] {
  // What is no plain name stands in quotes, so that it cannot look like another entry.
  const names = subjectAltName.matchAll(/(?:^|, )DNS:([a-z0-9*._-]+)(?=, |$)/gi);
  return [...new Set([...names].map(([, name = '']) => name.toLowerCase()))];
}

/**
 * Finds the certificate for the name that a client asks for (SNI, RFC 6066 §3).
 * @param names of each certificate, as `dnsNamesOf` gives them
 * @returns the place of the first certificate that has exactly this name, else that of the first whose wildcard stands
 * for its leftmost label, else 0
 */
export function certificateChooser(names: readonly (readonly string[])[]): (servername: string) => number {
  const places = new Map<string, number>();
  names.forEach((own, place) => {
    for (const name of own) if (!places.has(name)) places.set(name, place);
  });
  return (servername) => {
    const name = servername.toLowerCase();
    return places.get(name) ?? places.get(name.replace(/^[^.]+/, '*')) ?? 0;
  };
}

/**
 * When certificates expire, by the first name in each; where two have the same one, the earlier.
 * @param certificates PEM, the server's certificate first
 */
export function expiriesOf(certificates: Iterable<{ readonly cert: string }>): Map<string, Date> {
  const expiries = new Map<string, Date>();
  for (const { cert } of certificates) {
    const parsed = new X509Certificate(cert);
    const name = dnsNamesOf(parsed)[0] ?? '';
    const expiry = new Date(parsed.validTo);
    const other = expiries.get(name);
    if (!other || expiry < other) expiries.set(name, expiry);
  }
  return expiries;
}
