import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpsListen } from '../config/config';
import type { ProxyError } from '../upstream/proxy-error';
import type { StatusBoard } from '../upstream/status';
import { contextOf } from './context';
import { failureBody } from './failure-body';
import { ownPageFields } from './own-page';
import { prefersHtml } from './prefers-html';
import { announcesBody } from './request-head';

/** How long, and how much of, a request's body is still read so that its sender can read the answer (nginx: lingering_close). */
const lingerMs = 2_000;
const lingerBytes = 8 * 1024 * 1024;

export interface FailureDeps {
  readonly board: StatusBoard;
  readonly portalPath: string;
  readonly https: HttpsListen | null;
}

/** Answers with the failure: a page for people, problem JSON (RFC 9457) for programs, both with the request's id. */
export function sendFailure(deps: FailureDeps, req: IncomingMessage, res: ServerResponse, error: ProxyError): void {
  const context = contextOf(req);
  context.failure = error;
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const mount = context.mount?.config ?? null;
  const retry = error.source === 'upstream' && (req.method === 'GET' || req.method === 'HEAD');
  const failure = {
    error,
    requestId: context.id,
    mount,
    status: mount && deps.board.statusOf(mount),
    portalPath: deps.portalPath,
    retry,
  };
  const { type, body } = failureBody(failure, prefersHtml(req.headers.accept));
  context.bytes = req.method === 'HEAD' ? 0 : Buffer.byteLength(body);
  const bodyToCome = !req.complete && announcesBody(req);
  // What an answer that could not be passed on has left behind.
  res.statusMessage = '';
  res.writeHead(error.status, {
    ...ownPageFields(context, deps.https),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Vary: 'Accept',
    ...(error.status === 405 ? { Allow: 'GET, HEAD' } : {}),
    ...(error.status === 503 ? { 'Retry-After': '10' } : {}),
    ...(bodyToCome || error.source === 'client' ? { Connection: 'close' } : {}),
  });
  if (!bodyToCome) {
    res.end(body);
    return;
  }
  if (req.method !== 'HEAD') res.write(body);
  linger(req, () => res.end());
}

/** Reads on for a while: to close on a sender that is still sending would reset the answer away. */
function linger(req: IncomingMessage, done: () => void): void {
  let left = lingerBytes;
  const timer = setTimeout(finish, lingerMs);
  req.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) finish();
  });
  req.once('end', finish);
  req.once('close', finish);
  req.resume();

  function finish(): void {
    clearTimeout(timer);
    done();
  }
}
