import type { IncomingMessage } from 'node:http';
import { isRead, json, methodNotAllowed, page, pathOf, redirect, text } from './answer';
import type { Answer } from './answer';
import { assetServer } from './assets';
import { KpowLogin } from './kpow-login';
import { metricsText, offsetsText, streamsText } from './kpow-metrics';
import {
  errorStatePage,
  groupsPage,
  loginPage,
  messagePage,
  overviewPage,
  requestPage,
  rootFrom,
  topicPage,
  topicsPage,
} from './kpow-pages';
import type { PageContext } from './kpow-pages';
import { serveLiveSocket } from './live-socket';
import { postedForm } from './posted-form';
import { clusterAt, throughputPoints } from './pretend-cluster';
import { originUrl, requestOrigin } from './request-origin';
import type { RequestOrigin } from './request-origin';
import { createToolServer, listen } from './tool-server';
import type { Tool, ToolServerOptions } from './tool-server';
import { withoutEnd } from '../without-end';

export interface KpowOptions extends ToolServerOptions {
  /** kPow's HTTP_FORWARDED: redirects and the cookie's Secure follow the forwarded fields. Default true. */
  readonly httpForwarded?: boolean;
  /** Redirects carry a default port too: `http://kpow.info:80/login`. Default false. */
  readonly explicitPort?: boolean;
  /** Pages and the websocket want a session; the account is admin, admin. Default false. */
  readonly login?: boolean;
  /** kPow's AUTH_LANDING_URI: where a login ends, as it stands, instead of at the root. */
  readonly landingUri?: string;
  /** Milliseconds after which the ERROR state ends by itself; 0: never. Default 60 s. */
  readonly errorStateLasts?: number;
  /** Milliseconds between two messages on the websocket. Default 1 s. */
  readonly liveInterval?: number;
  /** Milliseconds of silence after which an HTTP connection (30 s) and a websocket (300 s) are closed, as by Jetty. */
  readonly httpIdle?: number;
  readonly websocketIdle?: number;
}

export interface KpowStandIn extends Tool {
  /** Enters or leaves the state in which kPow's internal Kafka Streams are in ERROR. */
  setErrorState(on: boolean): void;
  readonly errorState: boolean;
  /** Websockets open now. */
  readonly liveClients: number;
  /** Closes every websocket, as a restart or a network fault would. */
  dropWebsockets(): void;
}

const assets = assetServer(['tool.css', 'live-numbers.js', 'kpow.svg']);
const prometheus = 'text/plain; version=0.0.4';

/**
 * A stand-in for kPow with what a gateway meets there: one port for pages, API and websocket, no base path, absolute
 * redirects as Jetty builds them, a form login, health and metrics without a login, and the ERROR state. It is not
 * kPow, shares no code with it, and its data is invented.
 */
export async function startKpow(options: KpowOptions = {}): Promise<KpowStandIn> {
  const { httpForwarded = true, explicitPort = false, errorStateLasts = 60_000 } = options;
  const login = options.login === true ? new KpowLogin(options.landingUri) : null;
  /** Milliseconds since 1970 at which the state ends (Infinity: never); null outside of it. */
  let errorUntil: number | null = null;
  let recovery: NodeJS.Timeout | undefined;

  const server = createToolServer((request) => {
    const path = pathOf(request);
    const origin = requestOrigin(request.headers, httpForwarded);
    if (origin === null) return text(400, 'The Host or a forwarded header field is malformed.\n');
    const machine = machineAnswer(path);
    if (machine !== null) return isRead(request) ? machine : methodNotAllowed('GET, HEAD');
    if (path === '/demo/error-state') return switchErrorState(request, origin);
    if (errorUntil !== null) return page(503, errorStatePage(rootFrom(path), secondsToRecovery(errorUntil)));
    if (login !== null && path === '/j_security_check') return login.signIn(request, origin, home(origin));
    if (login !== null && path === '/logout') return login.signOut(request, origin, home(origin));
    if (!isRead(request)) return methodNotAllowed('GET, HEAD');
    return assets(path, request) ?? application(path, request, origin);
  });
  server.keepAliveTimeout = options.httpIdle ?? 30_000;
  server.timeout = options.httpIdle ?? 30_000;

  const live = serveLiveSocket(server, {
    path: '/chsk',
    interval: options.liveInterval ?? 1000,
    idle: options.websocketIdle ?? 300_000,
    refusal(request) {
      if (errorUntil !== null) return text(503, 'The kPow stand-in is in its ERROR state.\n');
      if (login !== null && login.userOf(request) === null) return text(401, 'Sign in first.\n');
      return null;
    },
    message() {
      const now = new Date();
      return JSON.stringify({ type: 'snapshot', snapshot: clusterAt(now), throughput: throughputPoints(now) });
    },
  });

  /** What programs ask, with or without a login, also in the ERROR state. */
  function machineAnswer(path: string): Answer | null {
    const inError = errorUntil !== null;
    if (path === '/up') return text(200, 'up\n');
    if (path === '/healthy') return inError ? text(503, 'not healthy\n') : text(200, 'healthy\n');
    if (path === '/metrics/v1') return text(200, metricsText(clusterAt(new Date()), inError), prometheus);
    if (path === '/offsets/v1') return text(200, offsetsText(clusterAt(new Date())), prometheus);
    if (path === '/streams/v1') return text(200, streamsText(inError), prometheus);
    return null;
  }

  function application(path: string, request: IncomingMessage, origin: RequestOrigin): Answer {
    const user = login?.userOf(request) ?? null;
    const signedIn = login === null || user !== null;
    if (path === '/me') {
      return signedIn
        ? json(200, { user: user ?? 'anonymous', standIn: true })
        : json(401, { error: 'Sign in first.', standIn: true });
    }
    if (path === '/login') {
      return signedIn ? redirect(home(origin)) : page(200, loginPage(request.url === '/login?failed'));
    }
    if (!signedIn) return redirect(`${home(origin)}login`);
    if (/.\/$/.test(path)) return redirect(home(origin) + withoutEnd(path.replace(/^\/+/, ''), '/'));

    const context: PageContext = { path, snapshot: clusterAt(new Date()), user };
    const body = applicationPage(context, request, origin);
    if (body !== null) return page(200, body);
    return page(404, messagePage(context, 'No such page', `The stand-in has nothing at ${path}.`));
  }

  function applicationPage(context: PageContext, request: IncomingMessage, origin: RequestOrigin) {
    const { path } = context;
    if (path === '/') return overviewPage(context, errorStateLasts / 1000);
    if (path === '/topics') return topicsPage(context);
    if (path === '/groups') return groupsPage(context);
    if (path === '/request') return requestPage(context, request, originUrl(origin, explicitPort));
    const [, topic] = /^\/topics\/([^/]+)$/.exec(path) ?? [];
    return topic === undefined ? null : topicPage(context, topic);
  }

  async function switchErrorState(request: IncomingMessage, origin: RequestOrigin): Promise<Answer> {
    const form = await postedForm(request);
    if (!(form instanceof URLSearchParams)) return form;
    const state = form.get('state');
    if (state !== 'on' && state !== 'off') return text(400, 'Say state=on or state=off.\n');
    setErrorState(state === 'on');
    return redirect(home(origin));
  }

  function setErrorState(on: boolean): void {
    clearTimeout(recovery);
    errorUntil = on ? Date.now() + (errorStateLasts || Infinity) : null;
    if (!on) return;
    live.closeAll(1011, 'ERROR state');
    if (errorStateLasts > 0) recovery = setTimeout(() => setErrorState(false), errorStateLasts).unref();
  }

  /** The root as an absolute URL: Jetty sends no other kind. */
  function home(origin: RequestOrigin): string {
    return `${originUrl(origin, explicitPort)}/`;
  }

  const tool = await listen(server, options);
  return {
    ...tool,
    setErrorState,
    get errorState() {
      return errorUntil !== null;
    },
    get liveClients() {
      return live.clients;
    },
    dropWebsockets: () => live.closeAll(1001, 'Going away'),
    close() {
      clearTimeout(recovery);
      return tool.close();
    },
  };
}

function secondsToRecovery(until: number): number | null {
  return until === Infinity ? null : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
