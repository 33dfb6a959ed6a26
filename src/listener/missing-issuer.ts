import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';

/**
 * Who issued a server's certificate, where clients have to have that one's certificate already: it is neither in the file
 * nor one of the roots that this machine trusts. Browsers have roots, not intermediate certificates.
 *
 * @param chain the certificates of the file, the server's first
 * @returns the issuer's name; null where nothing is missing. Of what lies behind the first issuer nothing can be said:
 * a private authority's root belongs to the clients.
 */
export function missingIssuer([leaf, ...others]: readonly X509Certificate[]): string | null {
  if (leaf === undefined || isIssuedBy(leaf, leaf)) return null;
  if (others.some((other) => isIssuedBy(leaf, other)) || trustedRoots().some((root) => isIssuedBy(leaf, root)))
    return null;
  return nameOf(leaf.issuer);
}

/** By name and signature. `checkIssued` also wants the rights of an authority, which one that signs itself need not have. */
function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.issuer === authority.subject && certificate.verify(authority.publicKey);
}

/** The common name, or what there is. */
function nameOf(distinguished: string): string {
  const lines = distinguished.split('\n');
  const common = lines.find((line) => line.startsWith('CN='));
  return common?.slice('CN='.length) ?? lines.at(-1) ?? '';
}

let roots: readonly X509Certificate[] | null = null;

/** They are not parsed before there is a certificate that needs them. */
function trustedRoots(): readonly X509Certificate[] {
  // Node 22.15: also those that NODE_EXTRA_CA_CERTS adds.
  const { getCACertificates } = tls as { getCACertificates?: () => string[] };
  roots ??= (getCACertificates?.() ?? tls.rootCertificates).map((pem) => new X509Certificate(pem));
  return roots;
}
