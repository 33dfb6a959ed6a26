import http from 'node:http';
import net from 'node:net';
import type { MountConfig } from '../../../src/config/config';
import { HealthMonitor, type HealthMonitorOptions } from '../../../src/upstream/health';
import type { MountState, MountStatus } from '../../../src/upstream/status';
import { refusingPort } from '../../support/free-ports';
import { answering, close, closeTools, event, health, listen, mountAt, raw, tool } from './tool';

let monitor: HealthMonitor;
let lines: { level: string; fields: Record<string, unknown>; message: string }[];

beforeEach(() => (lines = []));
afterEach(async () => {
  monitor.stop();
  await closeTools();
});

const write = (level: string) => (fields: object, message: string) =>
  void lines.push({ level, fields: { ...fields }, message });
const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

const watch = (mounts: MountConfig[], options: Partial<HealthMonitorOptions> = {}) =>
  (monitor = new HealthMonitor(mounts, { tlsOptionsOf: () => ({}), log, ...options }));

/** Resolves with the mount's status as soon as it is in that state. */
const becomes = (mount: MountConfig, state: MountState) =>
  new Promise<MountStatus>((resolve) => {
    if (monitor.statusOf(mount).state === state) {
      resolve(monitor.statusOf(mount));
      return;
    }
    const end = monitor.onChange((changed, status) => {
      if (changed.path !== mount.path || status.state !== state) return;
      end();
      resolve(status);
    });
  });

/** A tool that counts its health requests, with a promise for the next one. */
async function countingTool() {
  let arrived: () => void = () => undefined;
  const counter = {
    count: 0,
    port: 0,
    next: () => new Promise<void>((resolve) => (arrived = resolve)),
  };
  counter.port = await tool((_, response) => {
    counter.count += 1;
    response.end();
    arrived();
  });
  return counter;
}

describe('the monitor', () => {
  it('knows nothing before it starts, and probes every mount at once when it does', async () => {
    const one = mountAt(await answering(200), { path: '/one', health: { interval: 60_000 } });
    const two = mountAt(await refusingPort(), { path: '/two', health: { interval: 60_000 } });
    const three = mountAt(await answering(503), { path: '/three', health: { interval: 60_000 } });
    watch([one, two, three]);
    expect(monitor.statusOf(one).state).toBe('unknown');
    monitor.start();
    await Promise.all([becomes(one, 'healthy'), becomes(two, 'unreachable'), becomes(three, 'unhealthy')]);
  });

  it('says unchecked of a mount without health and of one that it does not know', async () => {
    const mount = { ...mountAt(await refusingPort()), health: null };
    watch([mount]).start();
    expect(monitor.statusOf(mount).state).toBe('unchecked');
    expect(monitor.statusOf({ path: '/nowhere' }).state).toBe('unchecked');
  });

  it('sees a tool go and come back on the same port, and logs both', async () => {
    const server = http.createServer((_, response) => response.end());
    const port = await listen(server);
    const mount = mountAt(port, { name: 'Prometheus' });
    watch([mount]).start();
    await becomes(mount, 'healthy');
    await close(server);
    await becomes(mount, 'unreachable');
    await listen(
      http.createServer((_, response) => response.end()),
      port,
    );
    await becomes(mount, 'healthy');
    expect(lines.find(({ level }) => level === 'warn')).toMatchObject({
      message: 'Prometheus refuses the connection',
      fields: { mount: '/tool', state: 'unreachable', reason: 'refused', code: 'ECONNREFUSED' },
    });
    expect(lines.at(-1)).toMatchObject({
      level: 'info',
      message: expect.stringMatching(/^Prometheus is healthy again after \d/),
    });
  });

  it('sees kPow enter its ERROR state and leave it', async () => {
    let healthy = true;
    const port = await answering((path) => (path === '/up' || healthy ? 200 : 503));
    const mount = mountAt(port, { name: 'kPow', kind: 'kpow' });
    watch([mount]).start();
    await becomes(mount, 'healthy');
    healthy = false;
    await expect(becomes(mount, 'unhealthy')).resolves.toMatchObject({ reason: 'kpow-error-state' });
    healthy = true;
    await becomes(mount, 'healthy');
  });

  it('logs a lasting trouble once', async () => {
    const mount = mountAt(await answering(503));
    watch([mount]).start();
    const first = await becomes(mount, 'unhealthy');
    await new Promise<void>((resolve) => {
      let checks = 0;
      const listening = setInterval(() => {
        if (monitor.statusOf(mount).checkedAt !== first.checkedAt) checks += 1;
        if (checks < 3) return;
        clearInterval(listening);
        resolve();
      }, 20);
    });
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('goes on when a listener throws', async () => {
    const mount = mountAt(await answering(200));
    watch([mount]).onChange(() => {
      throw new Error('broken listener');
    });
    const seen = becomes(mount, 'healthy');
    monitor.start();
    await seen;
    expect(lines.some(({ level, message }) => level === 'error' && message.includes('listener'))).toBe(true);
  });

  it('tells no one who has ended listening', async () => {
    const mount = mountAt(await answering(200));
    const told = jest.fn();
    watch([mount]).onChange(told)();
    monitor.start();
    await becomes(mount, 'healthy');
    expect(told).not.toHaveBeenCalled();
  });

  it('reports TLS files that cannot be read as trouble of that mount', async () => {
    const mount = mountAt(await answering(200), { target: { protocol: 'https:' } });
    const tlsOptionsOf = () => {
      throw new Error('no such file');
    };
    watch([mount], { tlsOptionsOf }).start();
    await expect(becomes(mount, 'unreachable')).resolves.toMatchObject({ reason: 'tls' });
  });

  it.each<[string, number | null, Partial<HealthMonitorOptions>]>([
    ['Node refuses its key', null, { tlsOptionsOf: () => ({ cert: 'none', key: 'none' }) }],
    ['Node refuses its key, and it has a health path', 20, { tlsOptionsOf: () => ({ cert: 'none', key: 'none' }) }],
    ['its files are of no use', null, { tlsOptionsOf: () => ({ unusable: 'tls.key: /x is missing' }) }],
    [
      'its files cannot be read',
      null,
      {
        tlsOptionsOf: () => {
          throw new Error('no such file');
        },
      },
    ],
    [
      'who counts what it finds throws',
      20,
      {
        probed: () => {
          throw new Error('a mistake');
        },
      },
    ],
  ])('goes on, and says so, when a look cannot even be begun: %s', async (_, interval, options) => {
    const port = await answering(200);
    const circuit = { failures: 1, retry: 10 };
    const broken: MountConfig = {
      ...mountAt(port, { path: '/broken', target: { protocol: 'https:' } }),
      circuit,
      health: interval === null ? null : { ...health, interval },
    };
    const sound = mountAt(port, { path: '/sound', health: { interval: 20 } });
    let looks = 0;
    let probes = 0;
    watch([broken, sound], {
      tlsOptionsOf: (mount) => {
        looks++;
        return options.tlsOptionsOf?.(mount) ?? {};
      },
      probed: (mount, found) => {
        if (mount.path === '/broken') options.probed?.(mount, found);
        else probes++;
      },
    });
    monitor.start();
    // One that has no health path is looked after when it takes no connections.
    monitor.targetOf({ path: '/broken', number: 1 })?.failed('UPSTREAM_REFUSED');
    const told = () => lines.filter(({ level }) => level === 'error' || level === 'warn');
    // It is looked at again and again, so that what mends it is seen.
    while (probes < 3 || looks < 3 || told().length === 0) await new Promise((next) => setTimeout(next, 5));
    expect(monitor.statusOf(sound).state).toBe('healthy');
    expect(new Set(told().map(({ fields }) => fields['mount']))).toEqual(new Set(['/broken']));
  });

  it('has no more than fifty probes under way, and gets round to all', async () => {
    const waiting: http.ServerResponse[] = [];
    const fifty = event();
    let held = true;
    const port = await tool((_, response) => {
      if (!held) return void response.end();
      waiting.push(response);
      if (waiting.length === 50) fifty.happens();
    });
    const mounts = Array.from({ length: 120 }, (_, i) =>
      mountAt(port, { path: `/tool${i}`, health: { interval: 60_000, timeout: 20_000 } }),
    );
    watch(mounts).start();
    await fifty.happened;
    // Whoever came on top of the fifty would be here by the time that a request made now is answered.
    await new Promise<void>((resolve) =>
      http.get({ port, agent: false }, (r) => r.resume().on('end', resolve)).on('socket', () => (held = false)),
    );
    expect(waiting.length).toBe(50);
    waiting.forEach((response) => response.end());
    await Promise.all(mounts.map((mount) => becomes(mount, 'healthy')));
  });

  it('leaves no timer and no connection after stop', async () => {
    const reached = event();
    const closed = event();
    const port = await raw((socket: net.Socket) => {
      socket.on('data', () => reached.happens());
      socket.on('close', () => closed.happens());
    });
    const idle = mountAt(await answering(200), { path: '/idle', health: { interval: 60_000 } });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    watch([mountAt(port, { health: { timeout: 60_000 } }), idle]).start();
    await reached.happened;
    await becomes(idle, 'healthy');
    monitor.stop();
    await closed.happened;
    expect(timers()).toBe(before);
  });

  it('starts again after stop', async () => {
    const mount = mountAt(await answering(200));
    watch([mount]).start();
    monitor.stop();
    monitor.start();
    await becomes(mount, 'healthy');
  });
});

describe('replace', () => {
  it('keeps what is known of a mount with the same target and health, under its new name', async () => {
    const counter = await countingTool();
    const before = mountAt(counter.port, { health: { interval: 60_000 } });
    watch([before]).start();
    const { since } = await becomes(before, 'healthy');
    monitor.replace([{ ...before, name: 'Renamed' }]);
    expect(monitor.statusOf(before)).toMatchObject({ state: 'healthy', since });
    expect(counter.count).toBe(1);
  });

  it('probes a mount with another target anew, at once', async () => {
    const before = mountAt(await answering(200), { health: { interval: 60_000 } });
    watch([before]).start();
    await becomes(before, 'healthy');
    const after = mountAt(await refusingPort(), { health: { interval: 60_000 } });
    monitor.replace([after]);
    expect(monitor.statusOf(after).state).toBe('unknown');
    await becomes(after, 'unreachable');
  });

  it('probes an added mount and forgets a removed one', async () => {
    const before = mountAt(await answering(200), { path: '/before' });
    watch([before]).start();
    await becomes(before, 'healthy');
    const after = mountAt(await answering(200), { path: '/after' });
    monitor.replace([after]);
    expect(monitor.statusOf(before).state).toBe('unchecked');
    await becomes(after, 'healthy');
  });

  it('gives up the probe that a removed mount has under way', async () => {
    const reached = event();
    const closed = event();
    const port = await raw((socket: net.Socket) => {
      socket.on('data', () => reached.happens());
      socket.on('close', () => closed.happens());
    });
    watch([mountAt(port, { health: { timeout: 60_000 } })]).start();
    await reached.happened;
    monitor.replace([]);
    await closed.happened;
  });
});

describe('nudge', () => {
  it('brings the next probe forward, once however often it is called, a second after the last', async () => {
    const counter = await countingTool();
    const mount = mountAt(counter.port, { health: { ...health, interval: 60_000 } });
    watch([mount]).start();
    await becomes(mount, 'healthy');
    const startedAt = performance.now();
    const next = counter.next();
    for (let i = 0; i < 100; i += 1) monitor.nudge(mount);
    await next;
    expect(performance.now() - startedAt).toBeGreaterThan(800);
    expect(counter.count).toBe(2);
  });

  it('does nothing for a mount without health, an unknown one, or a monitor that is stopped', async () => {
    const counter = await countingTool();
    const mount = mountAt(counter.port);
    watch([{ ...mount, health: null }]).start();
    monitor.nudge(mount);
    monitor.nudge({ path: '/nowhere' });
    monitor.replace([mount]);
    monitor.stop();
    monitor.nudge(mount);
    expect(counter.count).toBe(0);
  });
});
