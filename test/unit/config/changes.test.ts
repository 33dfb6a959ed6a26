import { configChanges } from '../../../src/config/changes';
import { resolveConfig } from '../../../src/config/load';

const a = { path: '/a', target: 'http://a:1' };
const b = { path: '/b', target: 'http://b:1', deny: ['/x'] };
const of = (raw: object) => resolveConfig({ mounts: [a, b], ...raw });

test.each<[string, object, string[]]>([
  ['the same, read again', {}, []],
  ['a default that is written', { hosts: undefined, workers: 1 }, []],
  ['another mount', { mounts: [a, b, { ...a, path: '/c' }] }, ['mounts added: /c']],
  ['one less', { mounts: [b] }, ['mounts gone: /a']],
  ['another path', { mounts: [{ ...a, path: '/c' }, b] }, ['mounts added: /c', 'mounts gone: /a']],
  ['a mount with less in it', { mounts: [a, { path: '/b', target: 'http://b:1' }] }, ['mounts changed: /b (deny)']],
  [
    'two fields of a mount',
    { mounts: [{ ...a, target: 'http://a:2', required: true, health: '/up' }, b] },
    ['mounts changed: /a (target, health, required)'],
  ],
  ['another order', { mounts: [b, a] }, ['mounts in another order']],
  [
    'settings',
    { listen: { https: { hsts: '1d' } }, limits: { url: '8kb' }, log: { level: 'warn' } },
    ['settings changed: listen, log, limits'],
  ],
  [
    'a setting that is the default of mounts',
    { timeouts: { idle: '9m' } },
    ['mounts changed: /a (timeouts), /b (timeouts)'],
  ],
])('%s', (_, raw, changes) => {
  expect(configChanges(of({}), of(raw))).toEqual(changes);
});

test('of very many, some are told', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ ...a, path: `/m${index}` }));
  const [line = ''] = configChanges(of({}), of({ mounts: [a, b, ...many] }));
  expect(line).toMatch(/^mounts added: \/m0, .*\/m19, 10 more$/);
});
