import { resolveConfig } from '../../../src/config/load';
import { noReusePort } from '../../../src/config/reuse-port';

test.each(['v22.12.0', 'v22.20.1', 'v23.1.0', 'v24.0.0'])('Node %s can share a port on Linux', (version) => {
  expect(noReusePort(version, 'linux')).toBeNull();
});

test.each(['v20.19.0', 'v22.11.0', 'v23.0.0'])('Node %s cannot, and says so', (version) => {
  expect(noReusePort(version, 'linux')).toBe(
    `Node ${version} cannot share a port among processes; use Node 22.12 or newer, or let systemd keep the port open`,
  );
});

test('some systems cannot', () => {
  expect(noReusePort('v24.0.0', 'darwin')).toMatch(/this system \(darwin\)/);
});

test('asking for it where it is not to be had is a problem', () => {
  const machine = { names: [], addresses: [], noReusePort: 'is not to be had here' };
  const raw = { listen: { reusePort: true }, mounts: [{ path: '/a', target: 'http://b' }] };
  expect(() => resolveConfig(raw, { machine })).toThrow(
    expect.objectContaining({ problems: ['listen.reusePort: is not to be had here'] }),
  );
  expect(resolveConfig(raw, { machine: { ...machine, noReusePort: null } }).listen.reusePort).toBe(true);
});
