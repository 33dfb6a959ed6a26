/** What is known of a client by its certificate (mutual TLS); worked out once for each connection. */
export interface ClientCertificate {
  /** `refused`: it sent one that is not taken. */
  readonly state: 'verified' | 'none' | 'refused';
  /** Why it is refused, as OpenSSL calls it (`CERT_HAS_EXPIRED`); '' otherwise. */
  readonly reason: string;
  /** What tools are told of it: a raw header list. */
  readonly fields: readonly string[];
}

export const noCertificate: ClientCertificate = {
  state: 'none',
  reason: '',
  fields: ['X-SSL-Client-Verify', 'NONE'],
};

export function refusedCertificate(reason: string): ClientCertificate {
  return { state: 'refused', reason, fields: ['X-SSL-Client-Verify', 'FAILED'] };
}

/** Of a certificate that is taken. */
export interface CertificateFacts {
  /** As `X509Certificate.subject` gives it; undefined for an empty one. */
  readonly subject: string | undefined;
  /** SHA-256 of the DER, in hexadecimal with or without colons. */
  readonly fingerprint256: string;
  /** DER, to be forwarded as a whole; null leaves it out. */
  readonly raw: Buffer | null;
}

/** The names of nginx' usual recipe and HAProxy's, and RFC 9440's field where the whole certificate is wanted. */
export function verifiedCertificate({ subject, fingerprint256, raw }: CertificateFacts): ClientCertificate {
  const fields = ['X-SSL-Client-Verify', 'SUCCESS'];
  if (subject !== undefined && subject !== '') fields.push('X-SSL-Client-DN', distinguishedName(subject));
  fields.push('X-SSL-Client-Fingerprint', fingerprint256.replaceAll(':', '').toLowerCase());
  if (raw) fields.push('Client-Cert', `:${raw.toString('base64')}:`);
  return { state: 'verified', reason: '', fields };
}

/**
 * A name as RFC 4514 writes it, in ASCII: `CN=ops,OU=Kafka,O=Example`. Bytes beyond ASCII are written out (`\C3\A9`),
 * so it can be a field's value whatever an authority has signed.
 * @param subject as Node gives it: one RDN a line in the certificate's order, values escaped already (RFC 4514 §2.4)
 */
export function distinguishedName(subject: string): string {
  return subject
    .split('\n')
    .reverse()
    .map((rdn) => rdn.replaceAll(' + ', '+'))
    .join(',')
    .replace(/[^\x20-\x7e]+/g, (characters) =>
      [...Buffer.from(characters)].map((byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );
}
