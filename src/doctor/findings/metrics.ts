import { inGateway, stepText } from '../evidence';
import type { Finding } from '../finding';
import { textOf, typeOf } from '../look';
import type { Step } from '../sight';
import type { MountConfig } from '../../config/config';

/** Pages of metrics that the tool gives to whoever asks, and the gateway too. */
export function metricsFindings(mount: MountConfig, open: readonly Step[]): Finding[] {
  const shown = open.filter((step) => step.status === 200 && isMetrics(step));
  if (shown.length === 0) return [];
  const base = mount.path === '/' ? '' : mount.path;
  const paths = shown.map(({ target }) => target.slice(base.length));
  const isKpow = mount.kind === 'kpow';
  return [
    {
      severity: isKpow ? 'warning' : 'note',
      title: 'Everybody can read its metrics',
      evidence: shown.map(stepText),
      cause: isKpow
        ? 'With PROMETHEUS_EGRESS=true kPow serves them, and asks for no login there, also where people sign in; they name topics and consumer groups.'
        : 'The tool asks for no login there, and the gateway lets everybody through.',
      fix: [
        inGateway(`deny: [${paths.join(', ')}]`),
        ...(isKpow
          ? ['kPow: PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD; or no PROMETHEUS_EGRESS, if nobody reads them']
          : []),
      ],
    },
  ];
}

function isMetrics(step: Step): boolean {
  if (typeOf(step).includes('html')) return false;
  const lines = textOf(step).slice(0, 4_096).split('\n');
  return lines.some((line) => /^(?:# (?:HELP|TYPE) |[a-zA-Z_:][\w:]*(?:\{[^}]*\})? [\d.+-])/.test(line));
}
