import type { Agent } from 'node:http';
import type { Config, MountConfig } from '../config/config';
import { compileTrust } from '../headers/trust';
import { compileMount, type Mount } from '../mount/mount';
import { MountTable } from '../mount/table';
import { createPortal, type Portal } from '../portal/portal';
import { createAgent, readTlsOptions } from '../upstream/agent';
import type { StatusBoard } from '../upstream/status';
import type { Route } from './engine';

/** All that requests need to know of one configuration, worked out beforehand. A reload makes a new one. */
export interface Site {
  readonly config: Config;
  readonly table: MountTable;
  readonly trusts: (address: string) => boolean;
  /** Who may read the metrics. */
  readonly readsMetrics: (address: string) => boolean;
  readonly routes: ReadonlyMap<Mount, Route>;
  /** The pool of connections to a mount's tool. */
  readonly agentOf: (mount: Pick<MountConfig, 'path'>) => Agent | null;
  readonly board: StatusBoard;
  readonly portal: Portal;
}

/**
 * Reads the mounts' TLS files and icons; throws what `fs` throws.
 * @param before the site that this one follows: tools that it reaches in the same way keep their open connections
 */
export function createSite(config: Config, board: StatusBoard, before: Site | null = null): Site {
  const table = new MountTable(config.mounts.map(compileMount));
  const pools = new Map<string, Agent[]>();
  for (const route of before?.routes.values() ?? []) {
    const key = routeKey(route);
    pools.set(key, [...(pools.get(key) ?? []), route.agent]);
  }
  // Each pool goes to one mount: two with the same tool have one each, as they had at the start.
  const keptAgent = (route: Pick<Route, 'target' | 'tls'>) => pools.get(routeKey(route))?.shift();
  const routes = new Map(
    table.mounts.map((mount) => [mount, createRoute(mount.config, config.limits.head, keptAgent)]),
  );
  const agents = new Map([...routes].map(([mount, route]) => [mount.config.path, route.agent]));
  return {
    config,
    table,
    trusts: compileTrust(config.trustedProxies),
    readsMetrics: compileTrust(config.metrics?.allow ?? []),
    routes,
    agentOf: ({ path }) => agents.get(path) ?? null,
    board,
    portal: createPortal(config, board),
  };
}

function createRoute(
  mount: MountConfig,
  maxHead: number,
  keptAgent: (route: Pick<Route, 'target' | 'tls'>) => Agent | undefined,
): Route {
  const { target } = mount;
  const tls = readTlsOptions(mount);
  return { target, agent: keptAgent({ target, tls }) ?? createAgent(mount, tls), tls, maxHead };
}

function routeKey({ target, tls }: Pick<Route, 'target' | 'tls'>): string {
  return JSON.stringify([target.protocol, target.hostname, target.port, tls]);
}
