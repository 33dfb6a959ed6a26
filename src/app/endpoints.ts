import { Router, type RequestHandler } from 'express';
import { mayOpenWebsocket } from '../access/websocket-origin';
import type { MetricsText } from '../observe/metrics/metrics';
import type { LiveStatus } from '../portal/live';
import type { MountState, StatusBoard, TargetStatus } from '../upstream/status';
import { ProxyError } from '../upstream/proxy-error';
import { contextOf } from './context';
import { metricsPage } from './metrics-endpoint';
import type { Site } from './site';

/** What `/-/healthy` answers. */
export interface HealthReport {
  /** `stopping` during `drain.delay`, for balancers to send new requests elsewhere. */
  readonly status: 'healthy' | 'unhealthy' | 'stopping';
  readonly mounts: readonly {
    readonly name: string;
    readonly path: string;
    readonly state: MountState;
    readonly reason: string | null;
    readonly required: boolean;
    /** ISO 8601. */
    readonly since: string;
    /** Milliseconds of the last probe. */
    readonly latency: number | null;
    /** Where there are several. */
    readonly targets?: readonly TargetReport[];
  }[];
}

/** One of several targets; known by its number, in the order of the configuration. */
interface TargetReport {
  readonly number: number;
  readonly state: MountState;
  readonly reason: string | null;
  readonly since: string;
  readonly latency: number | null;
  /** Since when it takes no connections; null while it does. */
  readonly outSince: string | null;
  /** Whether requests go there. */
  readonly active: boolean;
}

/** Not healthy while a required mount is known not to be: not before its first probe has ended. */
function healthReport(config: Site['config'], board: StatusBoard, leaving: boolean): HealthReport {
  const mounts = config.mounts.map((mount) => {
    const { state, reason, since, latency } = board.statusOf(mount);
    const { name, path, required } = mount;
    const targets = board.targetsOf(mount).map(targetReport);
    const report = { name, path, state, reason, required, since: since.toISOString(), latency };
    return targets.length === 0 ? report : { ...report, targets };
  });
  const failing = mounts.some(({ required, state }) => required && (state === 'unhealthy' || state === 'unreachable'));
  return { status: leaving ? 'stopping' : failing ? 'unhealthy' : 'healthy', mounts };
}

export interface EndpointDeps {
  readonly live: LiveStatus;
  readonly metrics: MetricsText;
  /** Whether the gateway is about to stop. */
  readonly leaving: () => boolean;
}

function targetReport({ number, status, outSince, active }: TargetStatus): TargetReport {
  const { state, reason, since, latency } = status;
  return {
    number,
    state,
    reason,
    since: since.toISOString(),
    latency,
    outSince: outSince?.toISOString() ?? null,
    active,
  };
}

/** The gateway's own paths but for the portal's pages: `/-/up`, `/-/healthy`, `/-/metrics`, and the websocket `/-/live`. */
export function createEndpoints(site: Site, { live, metrics, leaving }: EndpointDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/up', (_req, res) => void res.type('text/plain').send('up\n'));
  router.get('/healthy', (_req, res) => {
    const report = healthReport(site.config, site.board, leaving());
    res.status(report.status === 'healthy' ? 200 : 503).json(report);
  });
  router.get('/live', acceptLive(live));
  const paths = ['/up', '/healthy', '/live'];
  if (site.config.metrics?.own === null) {
    router.get('/metrics', metricsPage(metrics, site.readsMetrics));
    paths.push('/metrics');
  }
  router.all(paths, () => {
    throw new ProxyError('METHOD_NOT_ALLOWED');
  });
  return router;
}

/** Pages of other sites can open websockets here, so the Origin has to be ours (RFC 6455 §10.2). */
function acceptLive(live: LiveStatus): RequestHandler {
  return (req, res) => {
    const { upgrade, view } = contextOf(req);
    if (!upgrade) {
      res.status(426).set('Upgrade', 'websocket').type('text/plain').send('This is a websocket.\n');
      return;
    }
    const { origin } = req.headers;
    if (view && !mayOpenWebsocket(origin, view.origin)) throw new ProxyError('ORIGIN_DENIED');
    const early = upgrade.take();
    upgrade.socket.once('close', () => contextOf(req).end(101));
    live.handleUpgrade(req, upgrade.socket, early, view?.prefix);
    upgrade.socket.resume();
  };
}
