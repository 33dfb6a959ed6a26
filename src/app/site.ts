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
  const agents = new Map(
    [...(before?.routes ?? [])].map(([mount, route]) => [routeKey(mount.config, route.tls), route.agent]),
  );
  const routes = new Map(table.mounts.map((mount) => [mount, createRoute(mount.config, config.limits.head, agents)]));
  const agentsByPath = new Map(
    [...routes].map(
      ([
        {
          config: { path },
        },
        { agent },
      ]) => [path, agent],
    ),
  );
  return {
    config,
    table,
    trusts: compileTrust(config.trustedProxies),
    readsMetrics: compileTrust(config.metrics?.allow ?? []),
    routes,
    agentOf: ({ path }) => agentsByPath.get(path) ?? null,
    board,
    portal: createPortal(config, board),
  };
}

function createRoute(mount: MountConfig, maxHead: number, agents: ReadonlyMap<string, Agent>): Route {
  const { target } = mount;
  const tls = readTlsOptions(mount);
  return { target, agent: agents.get(routeKey(mount, tls)) ?? createAgent(mount, tls), tls, maxHead };
}

function routeKey({ path, target }: MountConfig, tls: Route['tls']): string {
  return JSON.stringify([path, target.protocol, target.hostname, target.port, tls]);
}
