import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { readClientCertificate } from '../../../src/listener/client-certificate';

let certificate: X509Certificate;
beforeAll(async () => {
  certificate = new X509Certificate((await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })).cert);
});

const socket = (authorized: boolean, shown: X509Certificate | undefined) => ({
  authorized,
  authorizationError: new Error('not trusted'),
  getPeerX509Certificate: () => shown,
});

test('a connection without a certificate has none, whatever Node says of it', () => {
  expect(readClientCertificate(socket(true, undefined), false).state).toBe('none');
});

test('one that Node found good is refused once it has expired, as in a session that is resumed later', () => {
  const end = Date.parse(certificate.validTo);
  expect(readClientCertificate(socket(true, certificate), false, end - 1000).state).toBe('verified');
  expect(readClientCertificate(socket(true, certificate), false, end + 1000)).toMatchObject({
    state: 'refused',
    reason: 'CERT_HAS_EXPIRED',
  });
});
