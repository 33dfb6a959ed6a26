import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { speaksForAnother } from '../access/rules';
import { normaliseAddress } from '../headers/trust';
import { pathOf } from '../mount/path';
import type { MetricsText } from '../observe/metrics/metrics';
import { ProxyError } from '../upstream/proxy-error';
import { contextOf } from './context';
import { helmetFields } from './own-page';

type Allows = (address: string) => boolean;

/** `/-/metrics` on the ports that everybody reaches. */
export function metricsPage(metrics: MetricsText, allows: Allows): RequestHandler {
  return (req, res, next) => {
    const { view } = contextOf(req);
    if (!view || speaksForAnother(req.rawHeaders, view) || !allows(view.address))
      throw new ProxyError('METRICS_FORBIDDEN');
    sendMetrics(metrics, res).catch(next);
  };
}

/** The metrics' own port: `/metrics`, and nothing else. */
export function metricsListener(metrics: MetricsText, allows: Allows): RequestListener {
  return (req, res) => {
    for (const [name, value] of Object.entries(helmetFields)) res.setHeader(name, value);
    const refusal = refusalOf(req, allows);
    if (refusal !== null) {
      res.writeHead(refusal.status, { 'Content-Type': 'text/plain', ...refusal.fields }).end(`${refusal.text}\n`);
      return;
    }
    sendMetrics(metrics, res).catch(() => res.destroy());
  };
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly fields?: Record<string, string>;
}

function refusalOf(req: IncomingMessage, allows: Allows): Refusal | null {
  if (!allows(normaliseAddress(req.socket.remoteAddress ?? '')))
    return { status: 403, text: 'This address may not read the metrics; metrics.allow names those that may.' };
  const path = pathOf(req.url ?? '');
  if (path !== '/metrics' && path !== '/-/metrics')
    return { status: 404, text: 'Only the metrics are here, at /metrics.' };
  if (req.method !== 'GET' && req.method !== 'HEAD')
    return { status: 405, text: 'Use GET.', fields: { Allow: 'GET, HEAD' } };
  return null;
}

async function sendMetrics(metrics: MetricsText, res: ServerResponse): Promise<void> {
  const text = Buffer.from(await metrics.text());
  res.setHeader('Content-Type', metrics.contentType);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Length', text.length);
  res.end(text);
}
