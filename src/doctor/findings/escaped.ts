import { inGateway } from '../evidence';
import type { Finding } from '../finding';

const metric = /^kpow_gateway_escaped_requests_total\{([^}]*)\} (\d+(?:\.\d+)?(?:e\+\d+)?)$/;

/** How many requests left each mount's prefix, by the mounts' paths. @param text the running gateway's metrics */
export function escapedCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, labels = '', count = ''] = metric.exec(line) ?? [];
    const mount = /(?:^|,)mount="([^"]*)"/.exec(labels)?.[1];
    if (mount !== undefined) counts.set(mount, (counts.get(mount) ?? 0) + Number(count));
  }
  return counts;
}

export function escapedFindings(count: number): Finding[] {
  if (!(count > 0)) return [];
  return [
    {
      severity: 'warning',
      title: 'Requests of its pages left the mount',
      evidence: [`kpow_gateway_escaped_requests_total of the running gateway: ${count}`],
      cause:
        'Something in its pages builds addresses from the root that could not be put right; the gateway sent them to the tool all the same.',
      fix: [
        'Look for “asked for a path outside” in the gateway’s log: it has each address once.',
        `If it is much: ${inGateway('path: /')}, at a host name of its own.`,
      ],
    },
  ];
}
