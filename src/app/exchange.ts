import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tellsOfTheClient, type ClientView } from '../headers/forwarded';
import { outboundFields } from '../headers/request';
import { valuesOf } from '../headers/raw';
import { inboundFields } from '../headers/response';
import type { AnswerContext } from '../headers/location';
import { resetConnection } from '../listener/reset';
import { toUpstream, type Mount } from '../mount/mount';
import { classifyUpstreamError } from '../upstream/classify';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';
import { sendAnswer, trailersOf } from './answer';
import type { RequestContext } from './context';
import type { Engine, Outgoing, Route } from './engine';
import type { ReadRequest } from './read-request';
import { acceptUpgrade } from './upgrade';

export interface ExchangeDeps {
  readonly engine: Engine;
  readonly routeOf: (mount: Mount) => Route;
  /** Fields of the gateway's own for every answer. */
  readonly ownFields: (context: RequestContext) => string[];
  /** Answers a request that failed before anything of an answer was sent. */
  readonly fail: (req: IncomingMessage, res: ServerResponse, error: ProxyError) => void;
  /** A request just could not reach the tool. */
  readonly suspect: (mount: Mount) => void;
}

export interface ExchangeInput {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly context: RequestContext;
  readonly read: ReadRequest;
  readonly view: ClientView;
  readonly mount: Mount;
  /** Characters of the target that are the mount's prefix. */
  readonly matched: number;
}

/** Methods that may be sent twice (RFC 9110 §9.2.2); with a body they may not, for its bytes are gone. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** How long a tool may leave a client's `Expect: 100-continue` unanswered before the gateway says it. */
const continuePatience = 1_000;

/** How many hints of one request are passed on: they are not held back by a client that does not read. */
const mostHints = 20;

/** One request to a tool and its answer. Made, run once, and ended in exactly one of its ways. */
export class Exchange {
  readonly #deps: ExchangeDeps;
  readonly #in: ExchangeInput;
  readonly #out: Outgoing;
  readonly #answerContext: AnswerContext;
  #request: ClientRequest | null = null;
  #answered = false;
  #endsWithConnection = false;
  #answerEndsWithConnection = false;
  #retried = false;
  #hints = 0;
  #connectTimer: NodeJS.Timeout | null = null;
  #waitTimer: NodeJS.Timeout | null = null;
  #continueTimer: NodeJS.Timeout | null = null;

  constructor(deps: ExchangeDeps, input: ExchangeInput) {
    this.#deps = deps;
    this.#in = input;
    const { req, context, read, view, mount, matched } = input;
    const upstreamTarget = toUpstream(mount, read.target, matched);
    this.#out = {
      method: req.method ?? 'GET',
      target: upstreamTarget,
      fields: outboundFields(req.rawHeaders, mount, {
        view,
        peer: context.peer,
        requestId: context.id,
        framing: read.framing,
        websocket: context.upgrade !== null,
        expectsContinue: read.expectsContinue,
      }),
    };
    this.#answerContext = {
      mount,
      origin: view.origin,
      host: view.host,
      publicTarget: read.target,
      upstreamTarget,
    };
  }

  run(): void {
    const { req, res } = this.#in;
    res.once('close', () => this.#clearTimers());
    // What the client says after its body, without what it may not say of itself.
    req.once('end', () => {
      const trailers = trailersOf(req, tellsOfTheClient);
      if (trailers.length > 0 && this.#request?.writable) this.#request.addTrailers(trailers);
    });
    this.#send();
  }

  get #timeouts() {
    return this.#in.mount.config.timeouts;
  }

  #send(): void {
    const { req, res, mount } = this.#in;
    if (this.#timeouts.connect > 0) {
      this.#connectTimer = setTimeout(() => this.#abort('UPSTREAM_CONNECT_TIMEOUT'), this.#timeouts.connect);
    }
    this.#deps.engine.send(req, res, this.#out, this.#deps.routeOf(mount), {
      opened: (request) => this.#opened(request),
      answered: (answer) => this.#begin(answer),
      // Once the answer has begun, its own events tell whether it arrives; a tool that answers early and stops reading
      // breaks the request, not the answer. Only where the connection's end is the body's, Node takes a broken
      // connection for it.
      failed: (error) => {
        if (!this.#answered || this.#answerEndsWithConnection) this.#failed(error);
      },
    });
  }

  #opened(request: ClientRequest): void {
    this.#request = request;
    const { socket } = request;
    if (!socket) return;
    if (request.reusedSocket || !socket.connecting) this.#connected(request);
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => this.#connected(request));
    if (this.#in.context.upgrade) {
      request.once('upgrade', (answer, upstream, head) => this.#upgraded(answer, upstream, head));
    } else {
      // Without a listener Node would end the connection and tell nobody.
      request.once('upgrade', (_answer, upstream) => this.#switchedUnasked(upstream));
    }
    // A tool may answer by the head alone, before the client has sent any of the body.
    if (this.#in.read.framing !== 'none') {
      setImmediate(() => {
        if (!request.destroyed) request.flushHeaders();
      });
    }
    request.on('information', (info) => this.#inform(info.statusCode, info.rawHeaders));
  }

  #connected(request: ClientRequest): void {
    clear(this.#connectTimer);
    const { req, read } = this.#in;
    if (this.#timeouts.response > 0) {
      const timer = setTimeout(() => this.#silent(request), this.#timeouts.response);
      this.#waitTimer = timer;
      req.on('data', () => timer.refresh());
      request.once('finish', () => timer.refresh());
    }
    if (read.expectsContinue) {
      this.#continueTimer = setTimeout(() => this.#inform(100, []), continuePatience);
    }
  }

  /** Nothing has moved for the response limit: either the client stopped sending, or the tool does not answer. */
  #silent(request: ClientRequest): void {
    const clientStopped = !this.#in.req.complete && !request.writableNeedDrain;
    this.#abort(clientStopped ? 'REQUEST_TIMEOUT' : 'UPSTREAM_RESPONSE_TIMEOUT');
  }

  /** Interim answers (RFC 9110 §15.2): 100 and 103 mean something to a client, and only HTTP/1.1 knows them. */
  #inform(status: number, raw: readonly string[]): void {
    const { req, res, read } = this.#in;
    if (res.headersSent || req.httpVersion === '1.0' || res.destroyed) return;
    if (status === 100) {
      clear(this.#continueTimer);
      if (read.expectsContinue) res.writeContinue();
    } else if (status === 103 && ++this.#hints <= mostHints) {
      // Many tools (Node's own server is one) put all links into one field; Node takes them one by one only.
      const links = valuesOf(raw, 'link').flatMap((value) => value.split(/,\s*(?=<)/));
      try {
        if (links.length > 0) res.writeEarlyHints({ link: links });
      } catch {
        // Node takes only well-formed links; hints are no more than hints.
      }
    }
  }

  #begin(answer: IncomingMessage): void {
    const { req, res, context } = this.#in;
    if (answer.statusCode === 101) {
      this.#switchedUnasked(answer.socket);
      return;
    }
    this.#answered = true;
    this.#clearTimers();
    context.upstreamMs = performance.now() - context.startedAt;
    this.#answerEndsWithConnection =
      answer.headers['content-length'] === undefined && answer.headers['transfer-encoding'] === undefined;
    this.#endsWithConnection = req.httpVersion === '1.0' && answer.headers['content-length'] === undefined;
    const fields = inboundFields(answer.rawHeaders, this.#answerContext, this.#deps.ownFields(context));
    sendAnswer(answer, res, fields, {
      method: req.method ?? 'GET',
      http10: req.httpVersion === '1.0',
      idle: this.#timeouts.idle,
      counted: (bytes) => (context.bytes += bytes),
      failed: (error) => this.#failed(error),
      // The tool answered before it had read the whole body: the rest has nowhere to go.
      sent: () => {
        if (req.complete) return;
        // Unpiped first: a destination that closes leaves what is piped into it paused.
        req.unpipe();
        this.#request?.destroy();
        req.resume();
      },
    });
  }

  #upgraded(answer: IncomingMessage, upstream: Socket, head: Buffer): void {
    const { context, mount } = this.#in;
    if (answer.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#switchedUnasked(upstream);
      return;
    }
    this.#answered = true;
    this.#clearTimers();
    context.upstreamMs = performance.now() - context.startedAt;
    if (!context.upgrade) return;
    const fields = inboundFields(answer.rawHeaders, this.#answerContext, this.#deps.ownFields(context));
    acceptUpgrade(context.upgrade, answer, fields, upstream, head, mount.config.timeouts.idle, (count) => {
      context.bytes = count.toClient;
      context.end(101);
    });
  }

  /** A 101 that nobody asked for, or that does not say to what it switches. */
  #switchedUnasked(upstream: Socket): void {
    upstream.destroy();
    this.#failed(new ProxyError('UPSTREAM_BAD_ANSWER', this.#in.mount.config.name));
  }

  #abort(code: ProxyErrorCode): void {
    const error = new ProxyError(code, this.#in.mount.config.name);
    if (this.#request) this.#request.destroy(error);
    else this.#failed(error);
  }

  #failed(cause: Error): void {
    this.#clearTimers();
    const { req, res, context, mount } = this.#in;
    if (res.destroyed || res.writableEnded || context.failure) return;
    const error = classifyUpstreamError(cause, mount.config.name);
    if (this.#mayRetry(error)) {
      this.#retried = true;
      this.#send();
      return;
    }
    if (error.source === 'upstream') this.#deps.suspect(mount);
    context.failure = error;
    if (!res.headersSent) {
      this.#deps.fail(req, res, error);
      return;
    }
    // Bytes of an answer are out: to break the connection is the only honest end, and where the end of the connection
    // is the end of the body (HTTP/1.0) a reset is what tells the two apart.
    if (this.#endsWithConnection) resetConnection(req.socket);
    else res.destroy();
  }

  /** A kept connection that the tool was just closing: the request never reached it, and is sent once more. */
  #mayRetry(error: ProxyError): boolean {
    const { req, read, res } = this.#in;
    return (
      error.code === 'UPSTREAM_CLOSED' &&
      this.#request?.reusedSocket === true &&
      !this.#answered &&
      !this.#retried &&
      !res.headersSent &&
      read.framing === 'none' &&
      idempotent.has(req.method ?? '')
    );
  }

  #clearTimers(): void {
    clear(this.#connectTimer);
    clear(this.#waitTimer);
    clear(this.#continueTimer);
  }
}

function clear(timer: NodeJS.Timeout | null): void {
  if (timer) clearTimeout(timer);
}
