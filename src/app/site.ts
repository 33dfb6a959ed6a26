import { randomBytes } from 'node:crypto';
import { compileHosts } from '../access/hosts';
import type { Config, MountConfig } from '../config/config';
import { readFileContents, type FileContents } from '../config/file-contents';
import { compileTrust } from '../headers/trust';
import { compileMount, withTarget, type Mount } from '../mount/mount';
import { MountTable } from '../mount/table';
import { createPortal, type Portal } from '../portal/portal';
import { tlsOptionsOf } from '../upstream/agent';
import { Connections } from '../upstream/connections';
import { Gate } from '../upstream/gate';
import { Route, type Upstream } from '../upstream/route';
import type { StatusBoard } from '../upstream/status';
import { StickyTargets } from '../upstream/sticky';
import type { TargetGroup } from '../upstream/target-group';
import type { FailureDeps } from './failure';

/** All that requests need to know of one configuration, worked out beforehand. A reload makes a new one. */
export interface Site {
  readonly config: Config;
  readonly table: MountTable;
  readonly trusts: (address: string) => boolean;
  /** Whether requests for a name (lower case) are served. */
  readonly serves: (hostname: string) => boolean;
  /** Who may read the metrics. */
  readonly readsMetrics: (address: string) => boolean;
  readonly routes: ReadonlyMap<Mount, Route>;
  /** A mount's route, by its path. */
  readonly routeOf: (mount: Pick<MountConfig, 'path'>) => Route | null;
  readonly board: StatusBoard;
  readonly portal: Portal;
  /** What the files that the configuration names hold. */
  readonly files: FileContents;
}

/**
 * @param groups what is known of the mounts' targets, by the mounts' paths
 * @param before the site that this one follows: targets that it reaches in the same way keep their open connections,
 * and requests under way their places
 */
export function createSite(
  config: Config,
  board: StatusBoard,
  groups: ReadonlyMap<string, TargetGroup>,
  before: Site | null = null,
  files = readFileContents(config),
): Site {
  const table = new MountTable(config.mounts.map(compileMount));
  const keptConnections = connectionsKept(before);
  const routes = new Map(
    table.mounts.map((mount) => {
      const { path } = mount.config;
      const group = groups.get(path);
      if (!group) throw new Error(`no targets for ${path}`);
      const upstreams = createUpstreams(mount, group, config.limits.head, { files, keptConnections });
      const sticky = mount.config.sticky ? new StickyTargets(upstreams, path, config.secret ?? ownSecret) : null;
      return [
        mount,
        new Route(upstreams, group, before?.routeOf({ path })?.gate ?? new Gate(mount.config.limits), sticky),
      ];
    }),
  );
  const byPath = new Map([...routes].map(([mount, route]) => [mount.config.path, route]));
  return {
    config,
    table,
    trusts: compileTrust(config.trustedProxies),
    serves: compileHosts(config.hosts),
    readsMetrics: compileTrust(config.metrics?.allow ?? []),
    routes,
    routeOf: ({ path }) => byPath.get(path) ?? null,
    board,
    portal: createPortal(config, board, files),
    files,
  };
}

/** @throws where the mount is none of the site's */
export function routeTo({ routes }: Site, mount: Mount): Route {
  const route = routes.get(mount);
  if (!route) throw new Error(`no route for ${mount.config.path}`);
  return route;
}

/** What failures are answered from. */
export function failureDeps({ board, portal, config }: Site): FailureDeps {
  return { board, portalPath: portal.path, https: config.listen.https };
}

/** Where the configuration has none: good until the next start. */
const ownSecret = randomBytes(32);

type Reached = Pick<Upstream, 'target' | 'tls'>;

function createUpstreams(
  mount: Mount,
  { targets }: TargetGroup,
  maxHead: number,
  { files, keptConnections }: { files: FileContents; keptConnections: (reached: Reached) => Connections | undefined },
): Upstream[] {
  return mount.config.targets.map((target, index) => {
    const state = targets[index];
    if (!state) throw new Error(`nothing is known of a target of ${mount.config.path}`);
    const one = withTarget(mount, target);
    const reached = { target, tls: tlsOptionsOf(one.config, files) };
    const connections = keptConnections(reached) ?? new Connections({ ...reached, maxHead });
    return { ...reached, mount: one, maxHead, connections, state };
  });
}

/** The connections of a site, to be taken over one by one: two mounts with the same tool have their own, as ever. */
function connectionsKept(before: Site | null): (reached: Reached) => Connections | undefined {
  const former = new Map<string, Connections[]>();
  for (const { upstreams } of before?.routes.values() ?? []) {
    for (const upstream of upstreams) {
      const key = keyOf(upstream);
      former.set(key, [...(former.get(key) ?? []), upstream.connections]);
    }
  }
  return (reached) => former.get(keyOf(reached))?.shift();
}

function keyOf({ target, tls }: Reached): string {
  return JSON.stringify([target.protocol, target.hostname, target.port, tls]);
}

/** All connections of a site. */
export function connectionsOf({ routes }: Pick<Site, 'routes'>): Connections[] {
  return [...routes.values()].flatMap(({ upstreams }) => upstreams.map(({ connections }) => connections));
}
