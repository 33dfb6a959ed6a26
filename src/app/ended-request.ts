import type { IncomingMessage } from 'node:http';
import { recordedFailure, type RequestOutcome } from '../observe/request-outcome';
import type { RequestContext } from './context';

/** What access log and trace tell of a request that has ended. */
export function endedRequest(req: IncomingMessage, context: RequestContext, status: number): RequestOutcome {
  const { connection, retries, trace, id, mount, head, view, peer, failure, startedAt, bytes, upstreamMs } = context;
  return {
    record: {
      id,
      mount: mount?.config.path ?? null,
      method: req.method ?? '',
      url: head?.target ?? req.url ?? '',
      status,
      bytes,
      durationMs: performance.now() - startedAt,
      upstreamMs,
      client: view?.address ?? peer.address,
      failure: recordedFailure(status, failure),
    },
    raw: req.rawHeaders,
    httpVersion: req.httpVersion,
    origin: view?.origin ?? null,
    way: 'app',
    connection,
    retries,
    failure,
    trace,
  };
}
