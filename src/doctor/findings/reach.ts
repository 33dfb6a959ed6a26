import { failureText } from '../../app/error-page';
import type { MountConfig } from '../../config/config';
import type { NoAnswer } from '../../upstream/send-once';
import { diagnose } from '../../upstream/diagnosis';
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
  const exact = found && !error.code.startsWith('UPSTREAM_HEAD') ? found : null;
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
  const { state, detail, advice, reason } = diagnose(result, mount.health);
  if (state === 'healthy') return [];
  return [
    {
      severity: 'wrong',
      title: reason === 'kpow-error-state' ? 'kPow is in its ERROR state' : `${mount.name} ${detail}`,
      evidence: [`GET ${mount.health.path} at the tool: ${result.status}`],
      cause: reason === 'kpow-error-state' ? detail : 'The gateway takes it for unhealthy, and may hold requests back.',
      fix: advice,
    },
  ];
}
