import type { MountConfig, Target } from '../../../src/config/config';
import type { MountStatus, StatusBoard, TargetStatus } from '../../../src/upstream/status';

const target: Target = {
  protocol: 'http:',
  hostname: 'secret.internal',
  port: 4711,
  authority: 'secret.internal:4711',
  path: '',
};

export const mountNamed = (name: string, path: string, more: Partial<MountConfig> = {}): MountConfig => ({
  name,
  path,
  target,
  targets: [target],
  balance: 'active-standby',
  sticky: false,
  circuit: { failures: 3, retry: 1000 },
  prefix: 'strip',
  trailingSlash: 'redirect',
  host: 'client',
  storage: 'shared',
  names: [],
  forwardedPrefix: true,
  trustedIdentity: false,
  tls: { ca: null, cert: null, key: null, verify: true },
  health: null,
  timeouts: { connect: 1000, response: 1000, idle: 0 },
  required: false,
  kind: 'other',
  description: '',
  limits: { body: 0, connections: 100, queue: 100, queueTimeout: 1_000 },
  allow: null,
  deny: [],
  methods: null,
  origins: [],
  rateLimit: null,
  icon: '',
  ...more,
});

export const statusOf = (state: MountStatus['state'], more: Partial<MountStatus> = {}): MountStatus => ({
  state,
  reason: null,
  detail: '',
  advice: [],
  since: new Date('2024-05-03T14:03:00Z'),
  latency: 12,
  checkedAt: new Date('2024-05-03T14:05:00Z'),
  ...more,
});

/** A board whose states are set by hand. */
export class FakeBoard implements StatusBoard {
  private readonly statuses = new Map<string, MountStatus>();
  readonly targets = new Map<string, readonly TargetStatus[]>();
  private readonly listeners = new Set<(mount: MountConfig, status: MountStatus) => void>();

  statusOf({ path }: Pick<MountConfig, 'path'>): MountStatus {
    return this.statuses.get(path) ?? statusOf('unchecked', { latency: null });
  }

  targetsOf({ path }: Pick<MountConfig, 'path'>): readonly TargetStatus[] {
    return this.targets.get(path) ?? [];
  }

  onChange(listener: (mount: MountConfig, status: MountStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(mount: MountConfig, status: MountStatus): this {
    this.statuses.set(mount.path, status);
    for (const listener of this.listeners) listener(mount, status);
    return this;
  }

  get watched(): boolean {
    return this.listeners.size > 0;
  }
}
