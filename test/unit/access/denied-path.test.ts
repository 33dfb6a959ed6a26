import { deniedSegments, mayBeDenied } from '../../../src/access/denied-path';

const denied = ['/metrics/v1', '/admin'].map(deniedSegments);

describe('a denied path is denied however it is spelled', () => {
  test.each([
    '/metrics/v1',
    '/metrics/v1/',
    '/metrics/v1/x',
    '/METRICS/V1',
    '/metrics//v1',
    '//metrics/v1',
    '/./metrics/v1',
    '/metrics/./v1',
    '/x/../metrics/v1',
    '/metrics/x/../v1',
    '/metrics/v1/../x',
    '/metrics//../v1',
    '/metrics/%2e/../v1',
    '/metrics/%2e%2e/../v1',
    '/x/%2e%2e/metrics/v1',
    '/x/%252e%252e/metrics/v1',
    '/x/..;/metrics/v1',
    '/x/..%3b/metrics/v1',
    '/metrics/..;x/../v1',
    '/%6detrics/v1',
    '/%256detrics/v1',
    '/%25256detrics/v1',
    '/metrics%2fv1',
    '/metrics%2Fv1',
    '/metrics%252fv1',
    '/metrics%5cv1',
    '/metrics\\v1',
    '/metrics;x/v1',
    '/metrics;a=b;c/v1;d',
    '/metrics;a=%2fx/v1',
    '/metrics%3ba=%252fx/v1',
    '/metrics%3b/v1',
    '/;/metrics/v1',
    '/metrics/v1%00',
    '/metrics/v1%20',
    '/metrics/v1.',
    '/metrics%09/v1',
    '/metrics/v1%3fx',
    '/metrics/v1%23x',
    '/metrics%u002fv1',
    '/%u006detrics/v1',
    '/metrics%c0%afv1',
    '/metrics%ef%bc%8fv1',
    '/%ef%bd%8detrics/v1',
    '/admin',
    '/%61dmin/x',
    '/%25%32%35%36%31dmin',
  ])('%s', (path) => {
    expect(mayBeDenied(path, denied)).toBe(true);
  });
});

describe('what is not denied is let through', () => {
  test.each([
    '/',
    '',
    '/metrics',
    '/metrics/v10',
    '/metrics/v2',
    '/x/metrics/v1',
    '/metricsv1',
    '/administration',
    '/topics/a%2Fb',
    '/vhosts/%2F/queues',
    '/topics/caf%C3%A9',
    '/a;v=1/b',
    '//a//b',
    '/a/../b',
    '/100%',
    '/%zz',
    '/a%20b',
    '/x.y/.hidden',
  ])('%s', (path) => {
    expect(mayBeDenied(path, denied)).toBe(false);
  });
});

test('an encoding without an end is denied, as nobody can say what it means', () => {
  expect(mayBeDenied(`/%${'25'.repeat(20)}61`, denied)).toBe(true);
});
