import type { Config } from '../config/config';

/**
 * A worker's part of the configuration: what a tool is spared is divided, with nothing lost or given twice.
 * @param index of the worker, from 0
 * @param secret for cookies, where the configuration has none
 */
export function shareOf(config: Config, index: number, workers: number, secret: string): Config {
  const part = (count: number) => Math.floor((count + index) / workers);
  return {
    ...config,
    secret: config.secret ?? secret,
    mounts: config.mounts.map((mount) => {
      const { connections, queue } = mount.limits;
      return { ...mount, limits: { ...mount.limits, connections: Math.max(1, part(connections)), queue: part(queue) } };
    }),
  };
}
