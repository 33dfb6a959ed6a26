import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpsListen, MountConfig } from '../config/config';
import type { ProxyError } from '../upstream/proxy-error';
import type { StatusBoard } from '../upstream/status';
import { contextOf } from './context';
import { failureBody } from './failure-body';
import { ownPageFields, type AnsweredRequest } from './own-page';
import { prefersHtml } from './prefers-html';
import { announcesBody } from './request-head';

export interface FailureDeps {
  readonly board: StatusBoard;
  readonly portalPath: string;
  readonly https: HttpsListen | null;
}

/** The request that failed, as far as its answer depends on it. */
export interface FailedRequest extends AnsweredRequest {
  readonly method: string;
  /** Its Accept, all lines in one. */
  readonly accept: string | undefined;
  readonly mount: MountConfig | null;
  /** Whether some of its body has not arrived. */
  readonly bodyToCome: boolean;
  /** What a trusted proxy in front has taken off its path. */
  readonly prefix?: string | undefined;
}

export interface FailureAnswer {
  readonly fields: Readonly<Record<string, string | number>>;
  /** Left out of an answer to HEAD. */
  readonly body: string;
}

/** A failure's answer: a page for people, problem JSON (RFC 9457) for programs, both with the request's id. */
export function failureAnswer(deps: FailureDeps, error: ProxyError, request: FailedRequest): FailureAnswer {
  const { id, method, accept, mount, bodyToCome, prefix } = request;
  const failure = {
    error,
    requestId: id,
    mount,
    status: mount && deps.board.statusOf(mount),
    portalPath: deps.portalPath,
    prefix,
    retry: error.source === 'upstream' && (method === 'GET' || method === 'HEAD'),
  };
  const { type, body } = failureBody(failure, prefersHtml(accept));
  const wait = error.retryAfter ?? (error.status === 503 ? 10 : null);
  const fields = {
    ...ownPageFields(request, deps.https),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Vary: 'Accept',
    ...(error.status === 405 ? { Allow: (mount?.methods ?? ['GET', 'HEAD']).join(', ') } : {}),
    ...(wait === null ? {} : { 'Retry-After': String(wait) }),
    ...(bodyToCome || error.source === 'client' ? { Connection: 'close' } : {}),
  };
  return { fields, body };
}

/** Answers with the failure where nothing of an answer is out; else breaks off. */
export function sendFailure(deps: FailureDeps, req: IncomingMessage, res: ServerResponse, error: ProxyError): void {
  const context = contextOf(req);
  context.failure = error;
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const bodyToCome = !req.complete && announcesBody(req);
  const { fields, body } = failureAnswer(deps, error, {
    id: context.id,
    peer: context.peer,
    method: req.method ?? '',
    accept: req.headers.accept,
    mount: context.mount?.config ?? null,
    bodyToCome,
    prefix: context.view?.prefix,
  });
  context.bytes = req.method === 'HEAD' ? 0 : Buffer.byteLength(body);
  // What an answer that could not be passed on has left behind.
  res.statusMessage = '';
  res.writeHead(error.status, fields);
  res.end(body);
}
