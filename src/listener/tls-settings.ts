import { constants, createHash } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ServedPair } from '../acme/managed-certificate';

/** What a listener's TLS is made of. */
export interface TlsSettings {
  /** The first is served where no other has the name that is asked for. */
  readonly certificates: readonly [ServedPair, ...ServedPair[]];
  /** null asks no client for a certificate. */
  readonly clients: ClientAuthority | null;
}

/** Whose client certificates are taken. */
export interface ClientAuthority {
  /** PEM, one or more certificates. */
  readonly ca: string;
  readonly required: boolean;
  /** Whether tools get the whole certificate. */
  readonly forward: boolean;
}

/**
 * Mozilla's "intermediate" configuration (Server Side TLS 5.7), less the three suites with finite-field
 * Diffie-Hellman: they were for Windows of 2013, cost the server the most of all, and are to go (5.8).
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** The same configuration's groups; the first, which quantum computers do not break, needs OpenSSL 3.5. */
const ecdhCurve = ['X25519MLKEM768:', ''].map((first) => `${first}X25519:prime256v1:secp384r1`).find(isKnown);

function isKnown(curves: string): boolean {
  try {
    createSecureContext({ ecdhCurve: curves });
    return true;
  } catch {
    return false;
  }
}

/** Seconds for which a session may be resumed. Its ticket's key may be gone before. */
export const sessionTimeout = 12 * 3600;

/**
 * Everything that a certificate is served with. The same for all of them: Node takes the trusted authorities and the
 * key of the tickets from the one that was chosen by name.
 * @param ticketKeys 48 bytes
 */
export function contextOptions(
  { cert, key }: ServedPair,
  clients: ClientAuthority | null,
  ticketKeys: Buffer,
): SecureContextOptions {
  return {
    cert,
    key,
    ...(clients && { ca: clients.ca }),
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers,
    ...(ecdhCurve !== undefined && { ecdhCurve }),
    // Mozilla leaves the choice to clients, since one without AES in hardware is faster with ChaCha20. Only this is
    // left to them here: the order is the server's, but for a client that would have ChaCha20 first.
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA,
    sessionIdContext: sessionIdContext(clients),
    sessionTimeout,
    ticketKeys,
  };
}

/**
 * A session holds what was found of its client's certificate, so it is resumed only where another handshake would find
 * the same.
 */
function sessionIdContext(clients: ClientAuthority | null): string {
  const asked = JSON.stringify(clients && [clients.ca, clients.required]);
  return createHash('sha256').update(asked).digest('hex').slice(0, 32);
}
