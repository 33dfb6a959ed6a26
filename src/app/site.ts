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
  readonly routes: ReadonlyMap<Mount, Route>;
  readonly board: StatusBoard;
  readonly portal: Portal;
}

/**
 * Reads the mounts' TLS files and icons; throws what `fs` throws.
 * @param before the site that this one follows: tools that it reaches in the same way keep their open connections
 */
export function createSite(config: Config, board: StatusBoard, before: Site | null = null): Site {
  const table = new MountTable(config.mounts.map(compileMount));
  const agents = new Map([...(before?.routes.values() ?? [])].map((route) => [routeKey(route), route.agent]));
  return {
    config,
    table,
    trusts: compileTrust(config.trustedProxies),
    routes: new Map(table.mounts.map((mount) => [mount, createRoute(mount.config, config.limits.head, agents)])),
    board,
    portal: createPortal(config, board),
  };
}

function createRoute(mount: MountConfig, maxHead: number, agents: ReadonlyMap<string, Agent>): Route {
  const { target } = mount;
  const tls = readTlsOptions(mount);
  return { target, agent: agents.get(routeKey({ target, tls })) ?? createAgent(mount, tls), tls, maxHead };
}

function routeKey({ target, tls }: Pick<Route, 'target' | 'tls'>): string {
  return JSON.stringify([target.protocol, target.hostname, target.port, tls]);
}
