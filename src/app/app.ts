import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type NextFunction, type RequestHandler } from 'express';
import { findPassage } from '../adopt/escaped';
import type { RateLimiter } from '../access/rate-limit/limiter';
import type { MountConfig } from '../config/config';
import { clientKey } from '../headers/client-key';
import { readForwarded } from '../headers/forwarded';
import type { Mount } from '../mount/mount';
import { isTooLarge } from '../mount/passage';
import { pathOf } from '../mount/path';
import type { MetricsText } from '../observe/metrics/metrics';
import type { LiveStatus } from '../portal/live';
import { createPortalRouter } from '../portal/router';
import type { OpenTunnels } from '../relay/open-tunnels';
import type { TunnelMeter } from '../relay/tunnel';
import { ProxyError } from '../upstream/proxy-error';
import { answerAcmeChallenge } from './acme-challenge';
import { contextOf } from './context';
import { createEndpoints } from './endpoints';
import { Engine } from './engine';
import { Exchange } from './exchange';
import { sendFailure, type FailureDeps } from './failure';
import { gatewayFields, ownPages } from './own-page';
import { readRequestHead } from './request-head';
import { redirectTo, toHttps } from './redirect';
import { failureDeps, routeTo, type Site } from './site';
import { goesToHttps, isMisdirected, refusalByCertificate } from './stages';

export interface AppDeps {
  /** The port that browsers reach HTTPS at. */
  readonly publicPort: () => number;
  /** The portal's websocket. */
  readonly live: LiveStatus;
  readonly metrics: MetricsText;
  /** What counts a mount's websockets. */
  readonly meterOf: (mount: Mount) => TunnelMeter;
  /** What an ACME authority is to be told of a token; null when it is not pending. */
  readonly keyAuthorization: (token: string) => Promise<string | null>;
  /** A request could not reach the tool of a mount. */
  readonly suspect: (mount: Mount) => void;
  /** A page of an adopting mount asked for a path without it, and its tool is to answer. @param path without its query */
  readonly escaped: (mount: Mount, path: string) => void;
  readonly tunnels: OpenTunnels;
  /** Whether the gateway is about to stop. */
  readonly leaving: () => boolean;
  /** null for a mount without a limit. */
  readonly rateLimiterOf: (mount: Mount) => RateLimiter | null;
}

/** A request's way, a line a stage. The listener has begun its context. */
export function createApp(site: Site, deps: AppDeps): express.Express {
  const { https } = site.config.listen;
  const failures = failureDeps(site);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(readHead(site));
  if (https?.acme) app.use(answerAcmeChallenge(deps.keyAuthorization, https));
  app.use(servedHosts(site));
  app.use(askForCertificate(site));
  app.use(redirectToHttps(site, deps.publicPort));
  app.use('/-', ownPages(https), createEndpoints(site, deps));
  app.use(proxyMounts(site, failures, deps));
  app.use(
    ownPages(https),
    createPortalRouter(
      () => site.portal,
      (req) => contextOf(req).view?.prefix ?? '',
    ),
  );
  app.use(nothingHere(site));
  app.use(answerFailure(failures));
  return app;
}

/** What is asked, of which name, and by whom. */
function readHead(site: Site): RequestHandler {
  return (req, _res, next) => {
    const context = contextOf(req);
    const { trusts, config } = site;
    const head = readRequestHead(req, config.limits);
    const host = head.host || ownAuthority(req);
    const view = readForwarded(req.rawHeaders, host, context.peer, trusts, config.trustedFields);
    if (!view) throw new ProxyError('BAD_REQUEST', null, new Error('Host is not a host name'));
    context.head = head;
    context.view = view;
    // Express routes by it; what goes to a tool is made from `head`.
    req.url = head.target;
    next();
  };
}

/** HTTP/1.0 clients need not say whom they ask: then it is the address that they reached. */
function ownAuthority({ socket }: IncomingMessage): string {
  const { localAddress = 'localhost', localPort = 80 } = socket;
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${String(localPort)}`;
}

/** Requests for names that are not served, or that somebody else's page was made to ask for (DNS rebinding). */
function servedHosts(site: Site): RequestHandler {
  return (req, _res, next) => {
    const { view, head } = contextOf(req);
    if (view && head && isMisdirected(site, view, head.target)) throw new ProxyError('MISDIRECTED');
    next();
  };
}

function askForCertificate({ config: { listen } }: Site): RequestHandler {
  return (req, _res, next) => {
    const { peer, head } = contextOf(req);
    const refusal = refusalByCertificate(peer, listen.https, head?.target ?? '');
    if (refusal) throw refusal;
    next();
  };
}

function redirectToHttps({ config: { listen } }: Site, publicPort: () => number): RequestHandler {
  const { https } = listen;
  return (req, res, next) => {
    const { peer, view, head } = contextOf(req);
    if (!view || !head || !goesToHttps(listen, peer, view, head.target)) next();
    else redirectTo(req, res, toHttps(view, publicPort(), head.target), https);
  };
}

function proxyMounts(
  site: Site,
  failures: FailureDeps,
  { suspect, escaped, meterOf, tunnels, rateLimiterOf }: AppDeps,
): RequestHandler {
  const exchange = {
    engine: new Engine(),
    routeOf: (mount: Mount) => routeTo(site, mount),
    ownFields: (context: ReturnType<typeof contextOf>) =>
      Object.entries(gatewayFields(context, site.config.listen.https)).flat(),
    fail: (req: IncomingMessage, res: ServerResponse, error: ProxyError) => sendFailure(failures, req, res, error),
    suspect,
    meterOf,
    bodyTimeout: site.config.limits.bodyTimeout,
    tunnels,
  };
  return (req, res, next) => {
    const context = contextOf(req);
    const { head, view } = context;
    if (!head || !view) throw new Error('the head has not been read');
    if (head.target === '*') {
      // OPTIONS * asks about the server itself (RFC 9110 §9.3.7).
      res.writeHead(204, gatewayFields(context, site.config.listen.https)).end();
      return;
    }
    const asked = { method: req.method, raw: req.rawHeaders, view, websocket: context.upgrade !== null };
    const statusOf = (mount: MountConfig) => site.board.statusOf(mount);
    const passage = findPassage(head.target, asked, site.table, statusOf);
    if (!passage) {
      next();
      return;
    }
    if (passage.escaped) escaped(passage.mount, pathOf(head.target));
    const { mount, upstreamTarget, redirect, refusal } = passage;
    context.mount = mount;
    if (refusal) throw new ProxyError(refusal, mount.config.name);
    if (redirect !== null) {
      redirectTo(req, res, redirect, site.config.listen.https);
      return;
    }
    if (typeof head.framing === 'object' && isTooLarge(Number(head.framing.length), mount.config.limits))
      throw new ProxyError('BODY_TOO_LARGE', mount.config.name);
    const send = () =>
      new Exchange(exchange, { req, res, context, head, view, mount, upstreamTarget, escaped: passage.escaped }).run();
    const limiter = rateLimiterOf(mount);
    if (limiter === null) send();
    else {
      // What the client sends may turn out to be malformed meanwhile.
      context.giveUp = next;
      sendIfCounted(limiter.count(clientKey(view.address)), mount, res, send, next);
    }
  };
}

/** Meanwhile nothing is read of the request's body. */
function sendIfCounted(
  counted: ReturnType<RateLimiter['count']>,
  { config: { name } }: Mount,
  res: ServerResponse,
  send: () => void,
  next: NextFunction,
): void {
  counted
    .then((refusal) => {
      // The client has left, or has been told what is wrong with its request.
      if (res.destroyed || res.headersSent) return;
      if (refusal) next(new ProxyError(refusal.code, name, undefined, refusal.retryAfter));
      else send();
    })
    .catch(next);
}

function nothingHere(site: Site): RequestHandler {
  return (req) => {
    const isPortal = pathOf(contextOf(req).head?.target ?? '') === site.portal.path;
    throw new ProxyError(isPortal ? 'METHOD_NOT_ALLOWED' : 'NO_MOUNT');
  };
}

function answerFailure(failures: FailureDeps): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    sendFailure(failures, req, res, error instanceof ProxyError ? error : unexpected(error));
  };
}

/** Express and its routers throw errors with a status for requests that they cannot read: `/-/assets/%ff`. */
function unexpected(error: unknown): ProxyError {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return new ProxyError(status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL', null, error);
}
