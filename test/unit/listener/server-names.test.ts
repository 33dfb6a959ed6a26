import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { certificateChooser, dnsNamesOf, expiriesOf } from '../../../src/listener/server-names';

const make = (names: string[], days = 10) =>
  generate([{ name: 'commonName', value: 'common.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 6, value: 'https://uri.example/' },
        ],
      },
    ],
  });

test('names are those of subjectAltName, in lower case and once; addresses, URIs and the subject are none', async () => {
  const { cert } = await make(['Tools.Example', '*.tools.example', 'tools.example']);
  expect(dnsNamesOf(new X509Certificate(cert))).toEqual(['tools.example', '*.tools.example']);
});

test('a name that pretends to be two is none', async () => {
  const { cert } = await make(['a.example, DNS:admin.example', 'b.example']);
  expect(dnsNamesOf(new X509Certificate(cert))).toEqual(['b.example']);
});

describe('the certificate for a name', () => {
  const choose = certificateChooser([
    ['default.example'],
    ['*.tools.example'],
    ['kpow.tools.example', 'other.example'],
    ['*.tools.example', 'other.example'],
  ]);

  test.each([
    ['default.example', 0],
    ['grafana.tools.example', 1],
    ['KPOW.tools.example', 2],
    ['other.example', 2],
    ['a.grafana.tools.example', 0],
    ['tools.example', 0],
    ['.tools.example', 0],
    ['stranger.example', 0],
    ['', 0],
    ['constructor', 0],
  ])('%s is at %i', (name, place) => {
    expect(choose(name)).toBe(place);
  });
});

test('expiries are told by the first name, the earlier one where two have the same', async () => {
  const [long, short, other] = await Promise.all([make(['a.example'], 20), make(['a.example'], 5), make([], 7)]);
  const expiries = expiriesOf([long, short, other]);
  const end = ({ cert }: { cert: string }) => new Date(new X509Certificate(cert).validTo);
  expect([...expiries]).toEqual([
    ['a.example', end(short)],
    ['', end(other)],
  ]);
});
