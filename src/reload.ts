import type { Config } from './config/config';
import type { Metrics } from './observe/metrics/metrics';

/**
 * Puts another configuration in force, and counts whether that went well.
 * @param given or what makes it: what that throws counts as a failed reload
 * @param started the one that the process began with
 * @returns what needs a restart, a field's path each
 * @throws what makes it unusable
 */
export async function reload(
  given: Config | (() => Config),
  started: Config,
  metrics: Metrics,
  putInForce: (config: Config) => Promise<void>,
): Promise<string[]> {
  try {
    const config = typeof given === 'function' ? given() : given;
    await putInForce(config);
    metrics.reloaded('success');
    return needsRestart(started, config);
  } catch (error) {
    metrics.reloaded('failure');
    throw error;
  }
}

/**
 * One reload after the other, in the order in which they were asked for. Of two at once, the one that takes longer would
 * be in force in the end, which need not be the one that was asked for last.
 */
export class ReloadTurns {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the turn returns, when all before it have ended, well or not */
  take<T>(turn: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(turn);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** Why nothing is put in force any more: what it would begin, nobody would end. */
export const stopping = () => new Error('The gateway is stopping, so no other configuration is put in force');

/** Fields that only a restart puts in force. */
function needsRestart(before: Config, after: Config): string[] {
  const port = ({ listen: { https, http }, metrics }: Config) => ({
    'listen.https.port': https?.port,
    'listen.https.host': https?.host,
    'listen.http.port': http?.port,
    'listen.http.host': http?.host,
    'metrics.port': metrics?.own?.port,
    'metrics.host': metrics?.own?.host,
  });
  const fields = (config: Config) =>
    Object.entries({
      ...port(config),
      'listen.keepAlive': config.listen.keepAlive,
      'listen.reusePort': config.listen.reusePort,
      workers: config.workers,
      'limits.head': config.limits.head,
      'limits.headTimeout': config.limits.headTimeout,
      'log.format': config.log.format,
    });
  const old = new Map(fields(before));
  return fields(after).flatMap(([field, value]) => (old.get(field) === value ? [] : [field]));
}

/** A configuration for a process that takes part where others began with another one: what needs a restart is as it was. */
export function asStarted(started: Config, config: Config): Config {
  const place = <Place extends { readonly port: number; readonly host: string }>(was: Place | null, is: Place | null) =>
    was && { ...(is ?? was), port: was.port, host: was.host };
  const { listen, metrics, limits, log } = config;
  const own = started.metrics?.own ?? null;
  const readers = metrics ?? (own && started.metrics);
  return {
    ...config,
    workers: started.workers,
    listen: {
      ...started.listen,
      https: place(started.listen.https, listen.https),
      http: place(started.listen.http, listen.http),
    },
    metrics: readers && { ...readers, own },
    limits: { ...limits, head: started.limits.head, headTimeout: started.limits.headTimeout },
    log: { ...log, format: started.log.format },
  };
}
