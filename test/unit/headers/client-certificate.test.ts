import { distinguishedName, refusedCertificate, verifiedCertificate } from '../../../src/headers/client-certificate';

test.each([
  ['C=NZ\nO=Example\nCN=ann', 'CN=ann,O=Example,C=NZ'],
  ['OU=two + CN=a', 'OU=two+CN=a'],
  ['CN=a \\+ b\\, c\\\\', 'CN=a \\+ b\\, c\\\\'],
  ['CN=Zürich 🐟', 'CN=Z\\C3\\BCrich \\F0\\9F\\90\\9F'],
  ['CN=a\r\tb\u007f', 'CN=a\\0D\\09b\\7F'],
])('%j is %s', (subject, name) => {
  expect(distinguishedName(subject)).toBe(name);
});

test('a tool is told of a certificate without a subject that it is good, and which it is', () => {
  const facts = { subject: undefined, fingerprint256: 'AB:CD', raw: null };
  expect(verifiedCertificate(facts).fields).toEqual([
    'X-SSL-Client-Verify',
    'SUCCESS',
    'X-SSL-Client-Fingerprint',
    'abcd',
  ]);
});

test('the whole certificate goes as a byte sequence', () => {
  const facts = { subject: 'CN=a', fingerprint256: '00', raw: Buffer.from([0xff, 0xfe]) };
  expect(verifiedCertificate(facts).fields.slice(-2)).toEqual(['Client-Cert', '://4=:']);
});

test('of one that is refused, nothing is told but that', () => {
  expect(refusedCertificate('CERT_HAS_EXPIRED').fields).toEqual(['X-SSL-Client-Verify', 'FAILED']);
});
