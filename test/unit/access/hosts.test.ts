import { compileHosts } from '../../../src/access/hosts';

test('without a list every name is served', () => {
  expect(compileHosts(null)('whatever.example')).toBe(true);
});

test.each([
  ['tools.example.com', true],
  ['tools.example.com.', true],
  ['a.internal.example.com', true],
  ['a.b.internal.example.com', true],
  ['[::1]', true],
  ['other.example.com', false],
  ['internal.example.com', false],
  ['.internal.example.com', false],
  ['xtools.example.com', false],
  ['tools.example.com.evil.example', false],
  ['', false],
])('%s: %s', (name, is) => {
  expect(compileHosts(['tools.example.com', '*.internal.example.com', '[::1]'])(name)).toBe(is);
});
