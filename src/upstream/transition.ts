import type { HealthConfig } from '../config/config';
import { diagnose } from './diagnosis';
import type { ProbeResult } from './probe';
import type { MountStatus } from './status';

export interface Health {
  readonly status: MountStatus;
  /** How many results in a row have spoken against the state. */
  readonly contrary: number;
}

/** What is known of a mount before its first probe; `checked` is whether there will be one. */
export function initialHealth(checked: boolean, now: Date): Health {
  const status: MountStatus = {
    state: checked ? 'unknown' : 'unchecked',
    reason: null,
    detail: checked ? 'has not been checked yet' : 'is not checked',
    advice: [],
    since: now,
    latency: null,
    checkedAt: null,
  };
  return { status, contrary: 0 };
}

/**
 * The health after one more result. The first result decides at once; afterwards `unhealthyAfter` bad results in a
 * row end healthy, and `healthyAfter` good ones bring it back. What is wrong is always the newest diagnosis.
 *
 * @param suspected whether a request has failed since it was well. kPow's ERROR state, which two answers tell apart from
 * other trouble and which does not pass, is certain then at the first probe.
 */
export function transition(
  previous: Health,
  result: ProbeResult,
  config: Pick<HealthConfig, 'healthyAfter' | 'unhealthyAfter' | 'timeout'>,
  now: Date,
  suspected = false,
): Health {
  const before = previous.status;
  const diagnosis = diagnose(result, config);
  const measured = { latency: result.outcome === 'answered' ? result.latency : null, checkedAt: now };
  const wasHealthy = before.state === 'healthy';
  const isHealthy = diagnosis.state === 'healthy';

  if (before.checkedAt !== null && wasHealthy !== isHealthy) {
    const contrary = previous.contrary + 1;
    const isCertain = suspected && isKpowError(diagnosis);
    const needed = isCertain ? 1 : wasHealthy ? config.unhealthyAfter : config.healthyAfter;
    if (contrary < needed) return { status: { ...before, ...measured }, contrary };
  }
  const since = isSameState(before, diagnosis) ? before.since : now;
  return { status: { ...diagnosis, ...measured, since }, contrary: 0 };
}

/** Whether nothing has begun between the two that people would want to know the beginning of. */
export function isSameState(
  a: Pick<MountStatus, 'state' | 'reason'>,
  b: Pick<MountStatus, 'state' | 'reason'>,
): boolean {
  return a.state === b.state && isKpowError(a) === isKpowError(b);
}

/** kPow's ERROR state needs a person; it does not end by itself as other trouble does, so its beginning is of interest. */
const isKpowError = ({ reason }: Pick<MountStatus, 'reason'>) => reason === 'kpow-error-state';
