import type { TLSSocket } from 'node:tls';
import type { HttpsListen } from '../config/config';
import type { Peer } from '../headers/forwarded';
import {
  noCertificate,
  refusedCertificate,
  verifiedCertificate,
  type ClientCertificate,
} from '../headers/client-certificate';
import { ProxyError } from '../upstream/proxy-error';

/**
 * What a handshake has found of the client's certificate. A resumed session brings what its first handshake found;
 * meanwhile the certificate may have expired.
 * @param forward whether tools get the whole certificate
 */
export function readClientCertificate(
  socket: Pick<TLSSocket, 'authorized' | 'authorizationError' | 'getPeerX509Certificate'>,
  forward: boolean,
  now = Date.now(),
): ClientCertificate {
  const certificate = socket.getPeerX509Certificate();
  // Before `authorized`, which Node says of a resumed session of TLS 1.3 also where there is no certificate.
  if (!certificate) return noCertificate;
  if (!socket.authorized) return refusedCertificate(String(socket.authorizationError));
  if (Date.parse(certificate.validTo) < now) return refusedCertificate('CERT_HAS_EXPIRED');
  const { subject, fingerprint256, raw } = certificate;
  return verifiedCertificate({ subject, fingerprint256, raw: forward ? raw : null });
}

/** Why a client is not let in for its certificate's sake; null where it is. Plain connections have none to show. */
export function certificateRefusal({ secure, certificate }: Peer, https: HttpsListen | null): ProxyError | null {
  if (!secure || !https || https.clientCa === null) return null;
  if (certificate?.state === 'refused') {
    return new ProxyError('CLIENT_CERT_REFUSED', null, new Error(certificate.reason));
  }
  if (https.clientAuth === 'optional' || certificate?.state === 'verified') return null;
  return new ProxyError('CLIENT_CERT_MISSING');
}
