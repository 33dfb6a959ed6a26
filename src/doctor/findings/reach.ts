import { failureText } from '../../app/error-page';
import type { HealthConfig, MountConfig } from '../../config/config';
import type { NoAnswer } from '../../upstream/send-once';
import { FramingError } from '../../upstream/answer-framing';
import { diagnose, type Diagnosis } from '../../upstream/diagnosis';
import { failureOf, SPEAKS_TLS } from '../../upstream/probe-failure';
import type { ProbeResult } from '../../upstream/probe';
import { shortened } from '../evidence';
import type { Finding } from '../finding';

/**
 * A tool that gave no answer: who was asked, for what, and what is known of the reason.
 * @param speaksTls whether it took a TLS handshake where `target` says http
 */
export function reachFinding(
  mount: MountConfig,
  target: string,
  asked: string,
  { error, phase }: NoAnswer,
  speaksTls = false,
): Finding {
  const cause = error.cause instanceof Error ? error.cause : null;
  const text = failureText({ error, mount, status: null });
  const isTimeout = error.code.endsWith('_TIMEOUT');
  // By the very code of Node or OpenSSL, its advice is more to the point.
  const found = isTimeout ? null : diagnose(failureOf(speaksTls ? { code: SPEAKS_TLS } : cause, phase), { timeout: 0 });
  const isOfTheHead = error.code.startsWith('UPSTREAM_HEAD') || cause instanceof FramingError;
  const exact = isOfTheHead ? null : found;
  return {
    severity: 'wrong',
    title: exact ? `${mount.name} ${exact.detail}` : error.message,
    evidence: [
      `${asked} at ${target}: ${error.code}`,
      ...(cause ? [shortened(cause.message)] : []),
      ...(speaksTls ? ['a TLS handshake there succeeds'] : []),
    ],
    cause: text.detail,
    fix: exact ? exact.advice : text.advice,
  };
}

/** What the health path says, in the gateway's own words. */
export function healthFindings(mount: MountConfig, result: ProbeResult): Finding[] {
  if (mount.health === null || result.outcome === 'failed') return [];
  const { health } = mount;
  const { state, detail, advice, reason } = diagnose(result, health);
  if (state === 'healthy') return [];
  return [
    {
      severity: 'wrong',
      title: reason === 'kpow-error-state' ? 'kPow is in its ERROR state' : `${mount.name} ${detail}`,
      evidence: [`GET ${mount.health.path} at the tool: ${result.status}`],
      cause: reason === 'kpow-error-state' ? detail : whatFollows(reason, health.whenUnhealthy),
      fix: advice,
    },
  ];
}

/** What the gateway makes of a tool that it takes for unhealthy: see `upstream/refusal.ts`. */
function whatFollows(reason: Diagnosis['reason'], whenUnhealthy: HealthConfig['whenUnhealthy']): string {
  const shown = 'The gateway takes the tool for unhealthy: on the portal, in messages and at /-/healthy.';
  if (reason === 'answered-other')
    return `${shown} It lets requests through all the same, since most likely the path is the wrong one.`;
  return whenUnhealthy === 'refuse'
    ? `${shown} It answers requests for it with 503 and a page that says so.`
    : `${shown} It lets requests through all the same, by \`health.whenUnhealthy: pass\`.`;
}
