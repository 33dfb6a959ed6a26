import { mayOpenWebsocket } from '../../../src/access/websocket-origin';
import { readForwarded } from '../../../src/headers/forwarded';

function served(host: string, secure: boolean) {
  const view = readForwarded([], host, { address: '192.0.2.7', secure, certificate: null }, () => false);
  if (!view) throw new Error('no view');
  return view.origin;
}

test.each([
  ['https://tools.example', 'tools.example', true],
  ['https://TOOLS.example', 'tools.EXAMPLE', true],
  ['https://tools.example', 'tools.example:443', true],
  ['https://tools.example:8443', 'tools.example:8443', true],
  ['http://tools.example:8080', 'tools.example:8080', false],
  ['http://[::1]:8080', '[::1]:8080', false],
  // TLS is done by a proxy that the gateway was not told of.
  ['https://tools.example', 'tools.example', false],
  ['https://tools.example:8443', 'tools.example:8443', false],
])('a page at %s may, at %s (TLS: %s)', (origin, host, secure) => {
  expect(mayOpenWebsocket(origin, served(host, secure))).toBe(true);
});

test.each([
  ['https://evil.example', 'tools.example', true],
  ['https://tools.example.evil.example', 'tools.example', true],
  ['https://tools.example:444', 'tools.example', true],
  ['https://tools.example', 'tools.example:8443', true],
  ['http://tools.example', 'tools.example', true],
  ['http://tools.example:443', 'tools.example', true],
  ['http://tools.example:8080', 'tools.example', false],
  ['null', 'tools.example', true],
  ['', 'tools.example', true],
  ['https://', 'tools.example', true],
  ['https://tools.example/', 'tools.example', true],
  ['https://tools.example@evil.example', 'tools.example', true],
  ['https://tools.example, https://evil.example', 'tools.example', true],
  ['file://', 'tools.example', true],
])('a page at %s may not, at %s (TLS: %s)', (origin, host, secure) => {
  expect(mayOpenWebsocket(origin, served(host, secure))).toBe(false);
});

test('who sends no Origin is no browser', () => {
  expect(mayOpenWebsocket(undefined, served('tools.example', true))).toBe(true);
});

test('a mount may allow more', () => {
  const origin = served('tools.example', true);
  expect(mayOpenWebsocket('https://portal.example', origin, ['https://portal.example'])).toBe(true);
  expect(mayOpenWebsocket('http://portal.example', origin, ['https://portal.example'])).toBe(false);
  expect(mayOpenWebsocket('null', origin, 'any')).toBe(true);
});
