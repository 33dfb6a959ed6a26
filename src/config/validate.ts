import { acmeProblems } from './acme-problems';
import { notifyProblems } from './notify-problems';
import { arrivesAt, isWildcard, type Machine } from './own-address';
import type { FieldPath, Problem } from './problem';
import type { Readable } from './problems';
import { rateLimitStoreProblems } from './rate-limit-problems';
import { unreadable } from './read-text';
import { isImage } from './resolve';
import type { Document, MountEntry } from './schema/document';
import { targetProblems } from './target-problems';
import { formatTarget } from './target';
import type { Target } from './config';
import { pairProblems, upstreamTlsProblems } from './upstream-tls';

export interface Surroundings {
  readonly machine: Machine;
  /** The absolute path of a file named in the configuration. */
  readonly locate: (file: string) => string;
}

/** The rules between fields, over whatever of the document could be read. */
export function crossProblems(document: Readable<Document>, { machine, locate }: Surroundings): Problem[] {
  const mounts = document.mounts ?? [];
  return [
    ...listenProblems(document.listen),
    ...clientCertificateProblems(document.listen),
    ...reusePortProblems(document.listen, machine),
    ...acmeProblems(document.listen, locate),
    ...metricsProblems(document),
    ...limitProblems(document.limits),
    ...traceProblems(document.traces, locate),
    ...rateLimitStoreProblems(document.rateLimitStore, locate),
    ...duplicatePaths(mounts),
    ...notifyProblems(document, locate),
    ...mounts.flatMap((mount, index) =>
      mount === undefined ? [] : mountProblems(mount, ['mounts', index], document, machine, locate),
    ),
  ];
}

type Listen = Readable<Document>['listen'];

function listenProblems(listen: Listen): Problem[] {
  const { https, http } = listen ?? {};
  const httpOff = http === 'off' || (typeof http === 'object' && http.mode === 'off');
  if (https === 'off' && httpOff)
    return [{ path: ['listen'], message: 'https and http are both off; leave at least one of them on' }];
  if (https === 'off' && typeof http === 'object' && http.mode === 'redirect')
    return [{ path: ['listen', 'http', 'mode'], message: '"redirect" leads to https, which is off; write serve' }];
  if (typeof https !== 'object' || typeof http !== 'object' || httpOff) return [];
  const samePort = https.port !== undefined && https.port !== 0 && https.port === http.port;
  if (!samePort || https.host === undefined || http.host === undefined) return [];
  if (https.host !== http.host && !isWildcard(https.host) && !isWildcard(http.host)) return [];
  return [
    {
      path: ['listen', 'http', 'port'],
      message: `${https.port} is the port of https too; give each a port of its own`,
    },
  ];
}

function clientCertificateProblems(listen: Listen): Problem[] {
  const { https } = listen ?? {};
  if (typeof https !== 'object' || https.clientCa !== undefined) return [];
  return (['clientAuth', 'forwardClientCert'] as const).flatMap((field) =>
    https[field] === undefined
      ? []
      : [
          {
            path: ['listen', 'https', field],
            message: 'is of no use without clientCa; name the authority of the client certificates there',
          },
        ],
  );
}

function reusePortProblems(listen: Listen, { noReusePort }: Machine): Problem[] {
  if (listen?.reusePort !== true || noReusePort === null) return [];
  return [{ path: ['listen', 'reusePort'], message: noReusePort }];
}

function metricsProblems({ listen, metrics }: Readable<Document>): Problem[] {
  if (typeof metrics !== 'object' || !metrics.port) return [];
  const taken = [listen?.https, listen?.http].find(
    (other) => typeof other === 'object' && !('mode' in other && other.mode === 'off') && other.port === metrics.port,
  );
  if (taken === undefined) return [];
  return [
    {
      path: ['metrics', 'port'],
      message: `${metrics.port} is a port of listen too; choose another, or leave port out to serve the metrics there`,
    },
  ];
}

function limitProblems(limits: Readable<Document>['limits']): Problem[] {
  if (limits?.head === undefined || limits.url === undefined || limits.url <= limits.head) return [];
  return [
    {
      path: ['limits', 'url'],
      message: 'is larger than limits.head, which holds the URL too; make head the larger one',
    },
  ];
}

function traceProblems(traces: Readable<Document>['traces'], locate: (file: string) => string): Problem[] {
  if (typeof traces !== 'object' || traces.ca === undefined) return [];
  if (traces.endpoint?.startsWith('http:') === true)
    return [{ path: ['traces', 'ca'], message: 'is for an https endpoint; write https:// there, or take ca out' }];
  return upstreamTlsProblems({ ca: traces.ca }, ['traces'], locate);
}

function duplicatePaths(mounts: readonly (Readable<MountEntry> | undefined)[]): Problem[] {
  const first = new Map<string, number>();
  const problems: Problem[] = [];
  mounts.forEach((mount, index) => {
    if (mount?.path === undefined) return;
    const earlier = first.get(mount.path);
    if (earlier === undefined) first.set(mount.path, index);
    else
      problems.push({
        path: ['mounts', index, 'path'],
        message: `"${mount.path}" is also the path of mounts[${earlier}]; give each mount a path of its own`,
      });
  });
  return problems;
}

function mountProblems(
  mount: Readable<MountEntry>,
  path: FieldPath,
  document: Readable<Document>,
  machine: Machine,
  locate: (file: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  // A target is read whole or not at all.
  const targets = (mount.target ?? []) as readonly (Target | undefined)[];
  const several = targets.length > 1;

  targets.forEach((target, index) => {
    if (target === undefined) return;
    const { https, http } = document.listen ?? {};
    for (const listen of [https, http]) {
      if (typeof listen !== 'object' || listen.host === undefined || !listen.port) continue;
      if ('mode' in listen && listen.mode === 'off') continue;
      if (!arrivesAt(target, { host: listen.host, port: listen.port }, machine)) continue;
      const message = `"${formatTarget(target)}" is the gateway itself (it listens on ${listen.port}); write the tool's own port`;
      problems.push({ path: several ? [...path, 'target', index] : [...path, 'target'], message });
      break;
    }
  });
  const known = targets.filter((target) => target !== undefined);
  if (known.length === targets.length) problems.push(...targetProblems(known, [...path, 'target']));
  if (mount.sticky === true && mount.balance === 'active-standby')
    problems.push({
      path: [...path, 'sticky'],
      message: 'is for balance: least-connections; with active-standby everyone is at the same target anyway',
    });

  if (mount.prefix === 'adopt' && mount.path !== undefined && !/^[\w./~-]+$/.test(mount.path))
    problems.push({
      path: [...path, 'path'],
      message: `"${mount.path}" goes into pages, style sheets and scripts with prefix: adopt; write a path of plain letters, digits and - . _ ~`,
    });

  if (mount.storage === 'separate' && mount.prefix !== 'adopt')
    problems.push({
      path: [...path, 'storage'],
      message: 'is for prefix: adopt; the pages of other tools are passed as they are',
    });

  if (mount.icon !== undefined && isImage(mount.icon)) {
    const problem = unreadable(locate(mount.icon));
    if (problem !== null)
      problems.push({ path: [...path, 'icon'], message: `${locate(mount.icon)} ${problem}`, ofOneTool: true });
  }

  const { health } = mount;
  if (typeof health === 'object' && health.path === undefined && document.health?.path === undefined)
    problems.push({ path: [...path, 'health', 'path'], message: 'is missing; write one such as /healthy' });

  if (mount.tls !== undefined) {
    const [target] = known;
    if (target && known.every(({ protocol }) => protocol === 'http:'))
      problems.push({
        path: [...path, 'tls'],
        message: `is for https targets, and the target is ${formatTarget(target)}; write https:// there, or take tls out`,
      });
    else {
      const files = upstreamTlsProblems(mount.tls, [...path, 'tls'], locate);
      problems.push(
        ...pairProblems(mount.tls, [...path, 'tls']),
        ...files.map((problem): Problem => ({ ...problem, ofOneTool: true })),
      );
    }
  }
  return problems;
}
