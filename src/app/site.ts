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

/** Reads the mounts' TLS files and icons; throws what `fs` throws. */
export function createSite(config: Config, board: StatusBoard): Site {
  const table = new MountTable(config.mounts.map(compileMount));
  return {
    config,
    table,
    trusts: compileTrust(config.trustedProxies),
    routes: new Map(table.mounts.map((mount) => [mount, createRoute(mount.config, config.limits.head)])),
    board,
    portal: createPortal(config, board),
  };
}

function createRoute(mount: MountConfig, maxHead: number): Route {
  const tls = readTlsOptions(mount);
  return { target: mount.target, agent: createAgent(mount, tls), tls, maxHead };
}
