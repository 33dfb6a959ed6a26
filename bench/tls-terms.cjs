/**
 * What every client of the comparison offers, and so what every proxy has to speak: one protocol version, one cipher
 * and one group. Left to themselves the proxies choose differently (Go takes AES-128 where OpenSSL takes AES-256).
 */
const protocol = 'TLSv1.3';
const cipher = 'TLS_AES_128_GCM_SHA256';
const group = 'X25519';

/** For `OPENSSL_CONF`, which the OpenSSL within wrk reads. */
const opensslConfig = `openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = terms
[terms]
MinProtocol = ${protocol}
MaxProtocol = ${protocol}
Ciphersuites = ${cipher}
Groups = ${group}
`;

/** For `tls.connect`. */
const clientOptions = {
  minVersion: protocol,
  maxVersion: protocol,
  ciphers: cipher,
  ecdhCurve: group,
  rejectUnauthorized: false,
  servername: 'localhost',
};

/** @returns the terms that a TLS socket has agreed on, such as `TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 prime256v1` */
function agreed(socket) {
  const key = socket.getEphemeralKeyInfo?.()?.name;
  const certificate = socket.getPeerCertificate?.()?.asn1Curve;
  return [socket.getProtocol(), socket.getCipher().standardName, key, certificate].filter(Boolean).join(' ');
}

module.exports = { agreed, cipher, clientOptions, group, opensslConfig, protocol };
