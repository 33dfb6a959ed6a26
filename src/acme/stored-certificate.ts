import { createSecureContext } from 'node:tls';
import { readChain, readKey } from '../listener/certificate';

/** A certificate that an authority issued, with its key. */
export interface IssuedCertificate {
  /** PEM: the chain, the leaf first. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** `C=US, O=Let's Encrypt, CN=R11` */
  readonly issuer: string;
  /** Then no authority has issued it. */
  readonly isSelfSigned: boolean;
}

/** Key and chain in one file. */
export function formatStored(key: string, chain: string): string {
  return `${key.trim()}\n${chain.trim()}\n`;
}

/**
 * @param text what {@link formatStored} made
 * @param domains that the certificate has to hold
 * @returns what is wrong with it instead, a sentence without its subject
 */
export function readStored(text: string, domains: readonly string[]): IssuedCertificate | string {
  if (!text.includes('-----END CERTIFICATE-----')) return 'has no whole certificate in it';
  const chain = readChain(text);
  if (typeof chain === 'string') return chain;
  const key = readKey(text);
  if (typeof key === 'string') return key;
  const [leaf] = chain;
  if (leaf === undefined || !leaf.checkPrivateKey(key)) return 'has a key that does not belong to its certificate';
  const missing = domains.find((domain) => leaf.checkHost(domain, { wildcards: false }) === undefined);
  if (missing !== undefined) return `has a certificate that is not for ${missing}`;
  const pair = {
    cert: chain.map((certificate) => certificate.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    return `cannot be served (${error instanceof Error ? error.message : String(error)})`;
  }
  return {
    ...pair,
    validFrom: new Date(leaf.validFrom),
    validTo: new Date(leaf.validTo),
    isSelfSigned: leaf.verify(leaf.publicKey),
    issuer: leaf.issuer.split('\n').join(', '),
  };
}
