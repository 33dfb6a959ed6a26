import { kpowErrorAdvice, kpowErrorDetail } from '../../../src/upstream/kpow-advice';
import type { MountStatus } from '../../../src/upstream/status';

const at = new Date('2026-10-01T14:03:00Z');

export const statuses = {
  healthy: { state: 'healthy', reason: null, detail: 'is healthy', advice: [] },
  unhealthy: {
    state: 'unhealthy',
    reason: 'answered-5xx',
    detail: 'answers 503 at its health path',
    advice: ['Look at its log.'],
  },
  kpowError: { state: 'unhealthy', reason: 'kpow-error-state', detail: kpowErrorDetail, advice: kpowErrorAdvice },
  refused: {
    state: 'unreachable',
    reason: 'refused',
    detail: 'refuses the connection',
    advice: ['Check that it is running.'],
  },
  timeout: { state: 'unreachable', reason: 'timeout', detail: 'did not answer', advice: ['Raise `health.timeout`.'] },
  unknown: { state: 'unknown', reason: null, detail: 'has not been checked yet', advice: [] },
} as const satisfies Record<string, Pick<MountStatus, 'state' | 'reason' | 'detail' | 'advice'>>;

export type Kind = keyof typeof statuses;

export const statusOf = (kind: Kind, since = at): MountStatus => ({
  ...statuses[kind],
  since,
  latency: 1,
  checkedAt: since,
});
