import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog } from '../../../src/observe/log';
import { HealthMonitor } from '../../../src/upstream/health';
import type { GroupSnapshot } from '../../../src/upstream/target-group';
import type { TargetName } from '../../../src/workers/calls';
import { HealthMirror } from '../../../src/workers/health-mirror';
import { testConfig } from '../../support/gateway';

const log = createLog({ level: 'silent', format: 'json', access: false });

/** A worker's view, and the primary that it tells of what it finds. */
function scene(targets: string[], mount = {}) {
  const { mounts } = testConfig({
    mounts: [{ path: '/tool', target: targets, health: 'off', circuit: { failures: 2 }, ...mount }],
  });
  const told: string[] = [];
  const monitor = new HealthMonitor(mounts, { tlsOptionsOf: () => ({}) });
  const mirror = new HealthMirror(
    mounts,
    {
      tell(name, argument) {
        told.push(name);
        const target = monitor.targetOf(argument as TargetName);
        if (name === 'connected') target?.connected();
        if (name === 'failed') target?.failed('UPSTREAM_REFUSED');
      },
    },
    log,
  );
  const changes = new EventEmitter();
  monitor.onChange(({ path }) => {
    mirror.take(new Map([[path, structuredClone(monitor.groupOf(path)?.snapshot as GroupSnapshot)]]));
    changes.emit('change');
  });
  const [config] = mounts;
  if (!config) throw new Error('no mount');
  const group = mirror.groupsFor(mounts).get('/tool');
  if (!group) throw new Error('no group');
  return { told, monitor, mirror, group, config, changes };
}

test('failed connects of a worker open the circuit for all, and one that succeeds closes it', () => {
  const { told, monitor, mirror, group, config } = scene(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  const [first, second] = group.targets;
  first?.connected();
  expect(told).toEqual([]);
  first?.failed('UPSTREAM_REFUSED');
  expect(group.active).toBe(first);
  first?.failed('UPSTREAM_REFUSED');
  expect(first?.circuit.isOpen).toBe(true);
  expect(group.active).toBe(second);
  expect(mirror.targetsOf(config).map(({ active }) => active)).toEqual([false, true]);
  expect(mirror.targetsOf(config)).toEqual(monitor.targetsOf(config));
  // More of the same is no news.
  first?.failed('UPSTREAM_REFUSED');
  expect(told).toEqual(['failed', 'failed']);
  first?.connected();
  expect(first?.circuit.isOpen).toBe(false);
  expect(group.active).toBe(first);
});

test('what the probes find is known to the worker, word for word', async () => {
  const tool = createServer((_req, res) => res.writeHead(503).end()).listen(0, '127.0.0.1');
  await once(tool, 'listening');
  const target = `http://127.0.0.1:${(tool.address() as AddressInfo).port}`;
  const { monitor, mirror, config, changes } = scene([target], { health: { path: '/healthy', interval: '1h' } });
  const seen: string[] = [];
  mirror.onChange((_mount, { state }) => seen.push(state));
  expect(mirror.statusOf(config).state).toBe('unknown');
  monitor.start();
  await once(changes, 'change');
  expect(mirror.statusOf(config)).toEqual(monitor.statusOf(config));
  expect(seen).toEqual(['unhealthy']);
  monitor.stop();
  tool.close();
});

test('news of other targets than the mount has is left', () => {
  const { mirror, monitor, config } = scene(['http://127.0.0.1:1']);
  const before = mirror.statusOf(config);
  const snapshot = monitor.groupOf('/tool')?.snapshot as GroupSnapshot;
  const status = { ...snapshot.status, state: 'unreachable' as const };
  mirror.take(new Map([['/tool', { ...snapshot, of: 'others', status }]]));
  mirror.take(new Map([['/elsewhere', { ...snapshot, status }]]));
  expect(mirror.statusOf(config)).toBe(before);
  mirror.take(new Map([['/tool', { ...snapshot, status }]]));
  expect(mirror.statusOf(config).state).toBe('unreachable');
});

test('the primary is told of failing requests, but not of each', () => {
  const { mirror, told, config } = scene(['http://127.0.0.1:1']);
  for (let nth = 0; nth < 1_000; nth++) mirror.nudge(config);
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(20);
});
