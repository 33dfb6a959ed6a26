import type { IncomingMessage } from 'node:http';
import type { ClientView, Peer } from '../headers/forwarded';
import { saidRequestId } from '../headers/request';
import type { Mount } from '../mount/mount';
import { newRequestId } from '../observe/request-id';
import type { RequestTrace, Tracer } from '../observe/traces/tracer';
import type { ProxyError } from '../upstream/proxy-error';
import { peerOf } from '../listener/peer';
import type { PendingUpgrade } from '../listener/pending-upgrade';
import type { RequestHead } from './request-head';

/** What is known of a request while it is under way; the access log is written from it. */
export interface RequestContext {
  readonly id: string;
  readonly startedAt: number;
  readonly peer: Peer;
  /** Present when the client asks for a websocket. */
  readonly upgrade: PendingUpgrade | null;
  /** null until the head has been found sound. */
  head: RequestHead | null;
  view: ClientView | null;
  mount: Mount | null;
  failure: ProxyError | null;
  /** Body bytes to the client, or tunnel bytes towards it. */
  bytes: number;
  /** Milliseconds until the tool's answer began; null where it did not. */
  upstreamMs: number | null;
  /** The connection to the tool that the request got last; null where it got none. */
  connection: 'new' | 'reused' | null;
  /** How many times it was sent to the tool once more. */
  retries: number;
  /** null where traces are off, and for what is not traced. */
  readonly trace: RequestTrace | null;
  /** Ends its exchange with a tool, and answers with the failure where nothing is out; null while there is none. */
  giveUp: ((error: ProxyError) => void) | null;
  /** Ends the request's record, once; later calls do nothing. */
  readonly end: (status: number) => void;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context that `beginContext` made; null for a request of the metrics' own port, where nothing is recorded. */
export function contextIfAny(req: IncomingMessage): RequestContext | null {
  return contexts.get(req) ?? null;
}

/** The context that `beginContext` made. Throws when there is none, which is a mistake in the order of handlers. */
export function contextOf(req: IncomingMessage): RequestContext {
  const context = contextIfAny(req);
  if (!context) throw new Error('the request has no context');
  return context;
}

export function beginContext(
  req: IncomingMessage,
  upgrade: PendingUpgrade | null,
  trusts: (address: string) => boolean,
  tracer: Tracer | null,
  ended: (context: RequestContext, status: number) => void,
): RequestContext {
  const peer = peerOf(req.socket);
  const startedAt = performance.now();
  const trusted = trusts(peer.address);
  let open = true;
  const context: RequestContext = {
    id: (trusted ? saidRequestId(req.rawHeaders) : null) ?? newRequestId(),
    startedAt,
    peer,
    upgrade,
    head: null,
    view: null,
    mount: null,
    failure: null,
    bytes: 0,
    upstreamMs: null,
    connection: null,
    retries: 0,
    trace: tracer?.begin({ url: req.url ?? '', raw: req.rawHeaders, trusted, startedAt }) ?? null,
    giveUp: null,
    end: (status) => {
      if (open) ended(context, status);
      open = false;
    },
  };
  contexts.set(req, context);
  return context;
}
