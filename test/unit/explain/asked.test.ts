import { readAsked } from '../../../src/explain/asked';

const here = { secure: true, authority: 'tools.example:8443' };
const read = (words: string[], fields: string[] = []) => readAsked({ words, fields, address: '10.0.0.9', here });

test.each([
  [['/kpow/'], 'GET', true, 'tools.example:8443', '/kpow/'],
  [['post', '/kpow/x?a=b'], 'POST', true, 'tools.example:8443', '/kpow/x?a=b'],
  [['http://Other.example:81/x#part'], 'GET', false, 'Other.example:81', '/x'],
  [['https://other.example'], 'GET', true, 'other.example', '/'],
  [['https://other.example?q'], 'GET', true, 'other.example', '/?q'],
  [['/a/../b%2e;x//é ü'], 'GET', true, 'tools.example:8443', '/a/../b%2e;x//%C3%A9%20%C3%BC'],
  [['/\ud800x'], 'GET', true, 'tools.example:8443', '/%EF%BF%BDx'],
])('%j is a request', (words, method, secure, host, target) => {
  const fields = ['Host', host];
  expect(read(words)).toEqual({ method, secure, target, fields, address: '10.0.0.9' });
});

test('fields come in their order, and a Host among them is the only one', () => {
  expect(read(['/'], ['A: 1', 'host:x', 'A:  2 ']).fields).toEqual(['A', '1', 'host', 'x', 'A', '2']);
});

test('a websocket’s URL brings its handshake along', () => {
  const { secure, fields } = read(['ws://tools.example/live']);
  expect([secure, fields.slice(2, 6)]).toEqual([false, ['Connection', 'Upgrade', 'Upgrade', 'websocket']]);
});

test.each([
  [['kpow/'], [], /neither a URL nor a path; write one such as/],
  [['https://a b/'], [], /not a host name/],
  [['https://user@host/'], [], /not a host name/],
  [['G T', '/'], [], /not a method/],
  [['GET', '/', 'more'], [], /one word too many/],
  [['/'], ['no colon'], /not a header field; write -H/],
  [['/'], ['a b: c'], /not a header field/],
  [['/'], ['a: b\r\nc: d'], /not a header field/],
])('%j with %j is none', (words, fields, message) => {
  expect(() => read(words, fields)).toThrow(message);
});
