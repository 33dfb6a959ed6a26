import { compileHosts } from '../access/hosts';
import type { Config, MountConfig } from '../config/config';
import { compileTrust } from '../headers/trust';
import { compileMount, type Mount } from '../mount/mount';
import { MountTable } from '../mount/table';
import { createPortal, type Portal } from '../portal/portal';
import { UpstreamPool } from '../relay/upstream-pool';
import { createAgent, readTlsOptions } from '../upstream/agent';
import { keepAlive } from '../upstream/keep-alive';
import type { StatusBoard } from '../upstream/status';
import type { Route } from './engine';
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
}

/**
 * Reads the mounts' TLS files and icons; throws what `fs` throws.
 * @param before the site that this one follows: tools that it reaches in the same way keep their open connections
 */
export function createSite(config: Config, board: StatusBoard, before: Site | null = null): Site {
  const table = new MountTable(config.mounts.map(compileMount));
  const former = new Map<string, Route[]>();
  for (const route of before?.routes.values() ?? []) {
    const key = routeKey(route);
    former.set(key, [...(former.get(key) ?? []), route]);
  }
  // Each goes to one mount: two with the same tool have connections of their own, as they had at the start.
  const keptRoute = (route: Pick<Route, 'target' | 'tls'>) => former.get(routeKey(route))?.shift();
  const routes = new Map(
    table.mounts.map((mount) => [mount, createRoute(mount.config, config.limits.head, keptRoute)]),
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
    portal: createPortal(config, board),
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

function createRoute(
  mount: MountConfig,
  maxHead: number,
  keptRoute: (route: Pick<Route, 'target' | 'tls'>) => Route | undefined,
): Route {
  const { target } = mount;
  const tls = readTlsOptions(mount);
  const kept = keptRoute({ target, tls });
  const route = { target, tls, maxHead };
  return {
    ...route,
    agent: kept?.agent ?? createAgent(mount, tls, keepAlive),
    pool: kept?.pool ?? new UpstreamPool(route, keepAlive),
  };
}

function routeKey({ target, tls }: Pick<Route, 'target' | 'tls'>): string {
  return JSON.stringify([target.protocol, target.hostname, target.port, tls]);
}
