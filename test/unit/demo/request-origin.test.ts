import { originUrl, requestOrigin } from '../../../src/demo/request-origin';

const host = 'kpow:3000';

describe('the origin that Jetty believes it was asked at', () => {
  test.each([
    ['Host alone', { host }, 'http://kpow:3000'],
    ['Host with the default port', { host: 'kpow:80' }, 'http://kpow'],
    ['an IPv6 Host', { host: '[::1]:3000' }, 'http://[::1]:3000'],
    ['the scheme alone keeps the port of Host', { host, 'x-forwarded-proto': 'https' }, 'https://kpow:3000'],
    [
      'X-Forwarded-Host',
      { host, 'x-forwarded-host': 'tools.example', 'x-forwarded-proto': 'https' },
      'https://tools.example',
    ],
    [
      'X-Forwarded-Port',
      { host, 'x-forwarded-host': 'tools.example', 'x-forwarded-port': '8443' },
      'http://tools.example:8443',
    ],
    ['the port in X-Forwarded-Host first', { host, 'x-forwarded-host': 'a:1', 'x-forwarded-port': '2' }, 'http://a:1'],
    [
      'the scheme default as X-Forwarded-Port',
      { host, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
      'https://kpow',
    ],
    [
      'X-Forwarded-Server below X-Forwarded-Host',
      { host, 'x-forwarded-server': 'b', 'x-forwarded-host': 'a' },
      'http://a',
    ],
    ['X-Forwarded-Server alone', { host, 'x-forwarded-server': 'b' }, 'http://b'],
    ['X-Proxied-Https', { host, 'x-proxied-https': 'on' }, 'https://kpow'],
    ['the leftmost of several', { host, 'x-forwarded-host': 'a, b', 'x-forwarded-proto': 'https, http' }, 'https://a'],
    [
      'Forwarded above all',
      {
        host,
        forwarded: 'for=1.2.3.4;host="a:9";proto=https, for=b;host=c',
        'x-forwarded-host': 'x',
        'x-forwarded-port': '1',
      },
      'https://a:9',
    ],
  ])('%s', (_, headers, expected) => {
    const origin = requestOrigin(headers, true);
    expect(origin && originUrl(origin)).toBe(expected);
  });

  test('is Host over http when forwarded fields are not honoured', () => {
    const origin = requestOrigin({ host, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' }, false);
    expect(origin && originUrl(origin)).toBe('http://kpow:3000');
  });

  test('can be written with its default port', () => {
    expect(originUrl({ scheme: 'http', hostname: 'kpow.info', port: null }, true)).toBe('http://kpow.info:80');
    expect(originUrl({ scheme: 'https', hostname: 'kpow.info', port: null }, true)).toBe('https://kpow.info:443');
  });

  test.each([
    [{}],
    [{ host: 'a b' }],
    [{ host: 'a:99999' }],
    [{ host: 'a/b' }],
    [{ host, 'x-forwarded-proto': 'javascript' }],
    [{ host, 'x-forwarded-port': 'x' }],
    [{ host, 'x-forwarded-host': '<script>' }],
    [{ host, forwarded: 'host="a@b"' }],
  ])('is nothing for malformed fields: %j', (headers) => {
    expect(requestOrigin(headers, true)).toBeNull();
  });
});
