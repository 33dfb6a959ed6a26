import { maxHeaderSize, type Agent, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Transform } from 'node:stream';
import { adoptAnswer, isPartOfPage } from '../adopt/adopted-answer';
import type { Asked } from '../adopt/body-kind';
import { adoptedRequestFields } from '../adopt/request-fields';
import { hasBody } from '../headers/answer-framing';
import { answerTellsOfConnectionLogin, signsConnectionIn } from '../headers/connection-login';
import type { ClientView } from '../headers/forwarded';
import { interimText } from '../headers/interim';
import type { AnswerContext } from '../headers/location';
import { valuesOf } from '../headers/raw';
import { isRepeatable, outboundFields, requestFieldEnds, singleFields } from '../headers/request';
import { inboundFields } from '../headers/response';
import { passedTrailers } from '../headers/trailers';
import { clientSocketOf } from '../listener/inner-socket';
import { resetConnection } from '../listener/reset';
import { behind, type Mount } from '../mount/mount';
import { isTooLarge } from '../mount/passage';
import { awaitAnswerHead } from '../upstream/answer-heads';
import { classifyUpstreamError } from '../upstream/classify';
import { closeBehindAnswer } from '../upstream/agent';
import type { Connections } from '../upstream/connections';
import type { Waiter } from '../upstream/gate';
import { makePrivateConnections, privateConnections, signedInAt } from '../upstream/private-connections';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';
import type { Route, Upstream } from '../upstream/route';
import { isSuspicious } from '../upstream/suspicious';
import { noBytes, sendAnswer } from './answer';
import type { RequestContext } from './context';
import type { Engine, Handlers, Outgoing } from './engine';
import { endedRequest } from './ended-request';
import { InterimAnswers } from './interim';
import type { RequestHead } from './request-head';
import type { AnswerError } from '../relay/answer-error';
import type { OpenTunnels } from '../relay/open-tunnels';
import type { TunnelMeter } from '../relay/tunnel';
import { acceptUpgrade } from './upgrade';
import { unaskedSwitch, wrongWith } from '../upstream/wrong-answer';

export interface ExchangeDeps {
  readonly engine: Engine;
  readonly routeOf: (mount: Mount) => Route;
  /** Fields of the gateway's own for every answer. */
  readonly ownFields: (context: RequestContext) => string[];
  /** Answers a request that failed before anything of an answer was sent. */
  readonly fail: (req: IncomingMessage, res: ServerResponse, error: ProxyError) => void;
  /** A request just could not reach the tool. */
  readonly suspect: (mount: Mount) => void;
  readonly meterOf: (mount: Mount) => TunnelMeter;
  /** The longest silence within a request's body, in milliseconds; 0 is no limit. */
  readonly bodyTimeout: number;
  readonly tunnels: OpenTunnels;
}

export interface ExchangeInput {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly context: RequestContext;
  readonly head: RequestHead;
  readonly view: ClientView;
  readonly mount: Mount;
  /** Origin-form, as the tool is to get it. */
  readonly upstreamTarget: string;
  /** Whether the client asked for it outside the mount, from one of its pages. */
  readonly escaped: boolean;
}

/** An answer's way to the client. */
interface Accepted {
  readonly fields: string[];
  readonly through: readonly Transform[] | null;
}

/** How long a tool may leave a client's `Expect: 100-continue` unanswered before the gateway says it. */
const continuePatience = 1_000;

/** Bytes of a body whose length is not told that may be held while it waits. */
const longestOfChunks = 1024 * 1024;

/** One request to a tool and its answer. Made, run once, and ended in exactly one of its ways. */
export class Exchange {
  readonly #deps: ExchangeDeps;
  readonly #in: ExchangeInput;
  readonly #route: Route;
  /** The target that a cookie of the gateway's names; null for none. */
  readonly #preferred: Upstream | null;
  readonly #interim: InterimAnswers;
  /** The request as the target at hand is to get it. */
  #out: Outgoing | null = null;
  #request: ClientRequest | null = null;
  /** The target that it went to last, and those that it could not connect to. */
  #at: Upstream | null = null;
  #tried: readonly Upstream[] = [];
  /** Whether it has one of the places at the tool; and what waits for one. */
  #inside = false;
  #waiter: Waiter | null = null;
  /** Bytes that it has taken of the gate's room for bodies. */
  #room = 0;
  /** Whether the request has a connection, so that something of it may have been sent. */
  #isConnected = false;
  #isTunnel = false;
  /** Whether the whole is asked for where the client asked for a part. */
  #whole = false;
  /** What carries the request, and how many bytes it had brought before. */
  #connection: { readonly socket: Socket; readonly bytesRead: number } | null = null;
  #answered = false;
  /** What the parser found wrong behind the answer's head: the answer itself is only told to have broken off. */
  #malformed: unknown = null;
  /** Where the end of a connection is the end of the body: the tool's, and ours to the client. */
  #toolBodyEndsByClose = false;
  #clientBodyEndsByClose = false;
  #connectTimer: NodeJS.Timeout | null = null;
  #waitTimer: NodeJS.Timeout | null = null;
  #continueTimer: NodeJS.Timeout | null = null;
  #bodyTimer: NodeJS.Timeout | null = null;

  constructor(deps: ExchangeDeps, input: ExchangeInput) {
    this.#deps = deps;
    this.#in = input;
    const { req, res, head, mount } = input;
    this.#interim = new InterimAnswers(req, res, head.expectsContinue);
    this.#route = deps.routeOf(mount);
    this.#preferred = this.#route.sticky?.read(valuesOf(req.rawHeaders, 'cookie')) ?? null;
  }

  run(): void {
    const { req, res, context } = this.#in;
    context.giveUp = (error) => this.#giveUp(error);
    // A websocket that is refused never closes.
    res.once('finish', () => this.#leave());
    res.once('close', () => {
      this.#giveRoomBack();
      this.#clearTimers();
      clear(this.#bodyTimer);
      if (!this.#isTunnel) this.#leave();
    });
    // What the client says after its body, without what it may not say of itself.
    req.once('end', () => {
      this.#giveRoomBack();
      clear(this.#bodyTimer);
      const trailers = passedTrailers(req.rawTrailers, req.rawHeaders, requestFieldEnds);
      if (trailers.length > 0 && this.#request?.writable) this.#request.addTrailers(trailers);
    });
    if (this.#route.gate.enter()) this.#enter();
    else this.#wait();
  }

  /** It has a place at the tool now. */
  #enter(): void {
    this.#inside = true;
    const signedIn = signedInAt(this.#in.req.socket, this.#route.upstreams);
    const upstream = this.#route.choose(signedIn ?? this.#preferred);
    if (upstream) this.#send(upstream);
    else this.#abort(this.#failure('UPSTREAM_CIRCUIT_OPEN'));
  }

  /** What the client sends meanwhile is taken from it where there is room for all of it. */
  #wait(): void {
    const waiter: Waiter = {
      admitted: () => {
        this.#waiter = null;
        // It is called where another request has left, whose trouble this must not become.
        try {
          this.#enter();
        } catch (error) {
          this.#failed(new ProxyError('INTERNAL', null, error));
        }
      },
      tooLate: () => {
        this.#waiter = null;
        this.#abort(this.#failure('UPSTREAM_BUSY'));
      },
    };
    if (!this.#route.gate.wait(waiter)) {
      this.#abort(this.#failure('UPSTREAM_BUSY'));
      return;
    }
    this.#waiter = waiter;
    this.#takeBody();
  }

  /** Node reads a body on until there is as much of it as a reader wants at once. */
  #takeBody(): void {
    const { req, head } = this.#in;
    if (head.framing === 'none') return;
    const size = head.framing === 'chunked' ? longestOfChunks : Number(req.headers['content-length']);
    this.#room = this.#route.gate.room.take(size);
    if (this.#room === 0) return;
    const all: unknown = req.read(this.#room + 1);
    // It was there already.
    if (all !== null) req.unshift(all);
  }

  #giveRoomBack(): void {
    this.#route.gate.room.giveBack(this.#room);
    this.#room = 0;
  }

  /** Gives its place at the tool back, or that in the queue. */
  #leave(): void {
    if (this.#waiter) this.#route.gate.abandon(this.#waiter);
    this.#waiter = null;
    if (!this.#inside) return;
    this.#inside = false;
    if (this.#at) this.#at.connections.inUse--;
    this.#route.gate.leave();
  }

  #watchBody(): void {
    const { req, head, mount } = this.#in;
    const { bodyTimeout } = this.#deps;
    const timer = bodyTimeout > 0 ? setTimeout(() => this.#bodyStalled(timer), bodyTimeout) : null;
    this.#bodyTimer = timer;
    let size = 0;
    req.on('data', (bytes: Buffer) => {
      timer?.refresh();
      size += bytes.length;
      // One with a length was refused by that.
      if (head.framing === 'chunked' && isTooLarge(size, mount.config.limits))
        this.#giveUp(this.#failure('BODY_TOO_LARGE'));
    });
  }

  #bodyStalled(timer: NodeJS.Timeout | null): void {
    const { req, res } = this.#in;
    if (req.complete || res.writableEnded) return;
    // A tool that takes no more holds the body up itself.
    if (this.#request === null || this.#request.writableNeedDrain) timer?.refresh();
    else this.#giveUp(this.#failure('REQUEST_TIMEOUT'));
  }

  /** Ends a request that cannot go on, whatever there is of its answer. */
  #giveUp(error: ProxyError): void {
    if (this.#answered) {
      this.#in.context.failure = error;
      this.#in.res.destroy();
    } else this.#abort(error);
  }

  #failure(code: ProxyErrorCode): ProxyError {
    return new ProxyError(code, this.#in.mount.config.name);
  }

  get #timeouts() {
    return this.#in.mount.config.timeouts;
  }

  #send(upstream: Upstream): void {
    const { req, res } = this.#in;
    if (upstream !== this.#at) {
      if (this.#at) this.#at.connections.inUse--;
      upstream.connections.inUse++;
      this.#at = upstream;
      this.#out = this.#outgoing(upstream);
    }
    this.#isConnected = false;
    this.#request = null;
    if (this.#timeouts.connect > 0) {
      this.#connectTimer = setTimeout(
        () => this.#abort(this.#failure('UPSTREAM_CONNECT_TIMEOUT')),
        this.#timeouts.connect,
      );
    }
    if (this.#out) this.#deps.engine.send(req, res, this.#out, upstream, this.#attempt());
  }

  /** Shared with other clients, or this client's own. */
  #agentTo(shared: Connections): Agent {
    const { req } = this.#in;
    const find = signsConnectionIn(req.rawHeaders) ? makePrivateConnections : privateConnections;
    return find(req.socket, shared) ?? shared.agent;
  }

  #outgoing({ mount, target, connections }: Upstream): Outgoing {
    const { req, context, head, view, upstreamTarget } = this.#in;
    const { peer, trace } = context;
    const method = req.method ?? 'GET';
    const said = mount.adopts ? adoptedRequestFields(this.#asked, { mount, view, whole: this.#whole }) : req.rawHeaders;
    const fields = outboundFields(said, mount, {
      view,
      peer,
      framing: head.framing,
      websocket: context.upgrade !== null,
      expectsContinue: head.expectsContinue,
      traced: trace !== null,
    });
    const traced = trace?.exchange(method, target, upstreamTarget) ?? null;
    const agent = this.#agentTo(connections);
    return { method, target: upstreamTarget, agent, fields: [...fields, ...singleFields(context.id, traced)] };
  }

  /** The events of one attempt. Whatever goes wrong in them is this request's trouble alone. */
  #attempt(): Handlers {
    let failed = false;
    const fail = (error: unknown): void => {
      if (this.#answered && isMalformed(error)) this.#malformed ??= error;
      // Once the answer has begun, its own events tell whether it arrives; a tool that answers early and stops reading
      // breaks the request, not the answer. Only where the connection's end is the body's, Node takes a broken
      // connection for it.
      if (failed || (this.#answered && !this.#toolBodyEndsByClose)) return;
      failed = true;
      this.#failed(error);
    };
    const guarded =
      <Arguments extends unknown[]>(step: (...given: Arguments) => void) =>
      (...given: Arguments): void => {
        try {
          step(...given);
        } catch (error) {
          this.#request?.destroy();
          this.#failed(new ProxyError('INTERNAL', null, error));
        }
      };
    return {
      opened: guarded((request: ClientRequest) => {
        // Node can end a request without an error, and nobody would be told.
        request.once('close', () => {
          if (!this.#answered) fail(new Error('the connection ended without an answer'));
        });
        request.once(
          'upgrade',
          guarded((answer: IncomingMessage, upstream: Socket, first: Buffer) =>
            this.#upgraded(answer, upstream, first),
          ),
        );
        request.on(
          'information',
          guarded(({ statusCode, rawHeaders }: { statusCode: number; rawHeaders: string[] }) =>
            this.#interim.pass(statusCode, () => this.#interimText(statusCode, rawHeaders)),
          ),
        );
        this.#opened(request);
      }),
      answered: guarded((answer: IncomingMessage) => {
        if (this.#isUseless(answer)) {
          failed = true;
          this.#askForTheWhole(answer);
        } else this.#begin(answer);
      }),
      failed: guarded(fail),
    };
  }

  #opened(request: ClientRequest): void {
    if (this.#in.context.failure) {
      // It has been given up in the meantime.
      request.destroy();
      return;
    }
    this.#request = request;
    this.#in.context.connection = request.reusedSocket ? 'reused' : 'new';
    const { socket } = request;
    if (!socket) return;
    this.#connection = { socket, bytesRead: socket.bytesRead };
    awaitAnswerHead(socket, this.#at?.maxHead ?? maxHeaderSize);
    if (request.reusedSocket || !socket.connecting) this.#connected(request);
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => this.#connected(request));
    if (this.#in.head.framing !== 'none') {
      // A tool may answer by the head alone, before the client has sent any of the body.
      setImmediate(() => {
        if (!request.destroyed && !request.writableEnded) request.write(noBytes);
      });
    }
  }

  #connected(request: ClientRequest): void {
    clear(this.#connectTimer);
    const { req, head } = this.#in;
    this.#isConnected = true;
    if (!request.reusedSocket) this.#at?.state.connected();
    if (this.#timeouts.response > 0) {
      const timer = setTimeout(() => this.#silent(request, timer), this.#timeouts.response);
      this.#waitTimer = timer;
      req.on('data', () => timer.refresh());
      request.once('finish', () => timer.refresh());
    }
    if (head.expectsContinue) {
      this.#continueTimer = setTimeout(() => this.#interim.continue(), continuePatience);
    }
    // Not before: what is taken from the client could not be sent to another target.
    if (head.framing !== 'none') this.#watchBody();
    req.pipe(request);
  }

  /**
   * Nothing has moved for the response limit. It is the tool's: from the end of the request, or where the tool takes no
   * more of it; while the client sends nothing, `limits.bodyTimeout` runs.
   */
  #silent(request: ClientRequest, timer: NodeJS.Timeout): void {
    if (!this.#in.req.complete && !request.writableNeedDrain) timer.refresh();
    else this.#abort(this.#failure('UPSTREAM_RESPONSE_TIMEOUT'));
  }

  get #asked(): Asked {
    const { req } = this.#in;
    return { method: req.method ?? 'GET', fields: req.rawHeaders };
  }

  /** A part of a page cannot be rewritten. */
  #isUseless({ statusCode = 0, rawHeaders }: IncomingMessage): boolean {
    const { mount, head, req, upstreamTarget } = this.#in;
    if (!mount.adopts || this.#whole || !isRepeatable(req.method ?? '', head.framing)) return false;
    return isPartOfPage(this.#asked, { status: statusCode, fields: rawHeaders }, upstreamTarget);
  }

  #askForTheWhole(part: IncomingMessage): void {
    part.destroy();
    this.#clearTimers();
    this.#in.context.trace?.exchanged();
    this.#whole = true;
    if (!this.#at) return;
    this.#out = this.#outgoing(this.#at);
    this.#send(this.#at);
  }

  #begin(answer: IncomingMessage): void {
    const { req, res, context } = this.#in;
    const wrong = wrongWith(answer, false);
    if (wrong) {
      this.#refuse(answer.socket, wrong);
      return;
    }
    const { fields, through } = this.#accept(answer);
    if (context.trace) answer.once('end', () => context.trace?.exchanged());
    const http10 = req.httpVersion === '1.0';
    const hasLength = answer.headers['content-length'] !== undefined;
    this.#toolBodyEndsByClose = !hasLength && answer.headers['transfer-encoding'] === undefined;
    this.#clientBodyEndsByClose = http10 && (!hasLength || through !== null);
    sendAnswer(answer, res, fields, {
      method: req.method ?? 'GET',
      http10,
      idle: this.#timeouts.idle,
      through,
      counted: (bytes) => (context.bytes += bytes),
      failed: (error) => this.#failed(this.#malformed ?? error),
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

  #upgraded(answer: IncomingMessage, upstream: Socket, first: Buffer): void {
    const { context, mount } = this.#in;
    const wrong = wrongWith(answer, context.upgrade !== null);
    if (wrong || !context.upgrade) {
      this.#refuse(upstream, wrong ?? unaskedSwitch());
      return;
    }
    const { fields } = this.#accept(answer);
    // A websocket may live for days: its request is over when it has been accepted.
    context.trace?.end(endedRequest(this.#in.req, context, 101));
    acceptUpgrade(context.upgrade, {
      answer,
      fields,
      upstream,
      head: first,
      idle: this.#timeouts.idle,
      meter: this.#deps.meterOf(mount),
      tunnels: this.#deps.tunnels,
      ended: (count) => {
        context.bytes = count.toClient;
        this.#leave();
        context.end(101);
      },
    });
    this.#isTunnel = true;
  }

  /** The answer has begun. */
  #accept(answer: IncomingMessage): Accepted {
    const { context, mount, view, escaped } = this.#in;
    this.#answered = true;
    if (answerTellsOfConnectionLogin(answer.rawHeaders)) this.#keepFromOthers(answer.socket);
    this.#clearTimers();
    context.upstreamMs = performance.now() - context.startedAt;
    context.trace?.answered(answer.statusCode ?? 0);
    if (isSuspicious(answer.statusCode ?? 0, mount.config)) this.#deps.suspect(mount);
    const { origin } = view;
    const answerContext = this.#answerContext;
    const own = this.#deps.ownFields(context);
    const { sticky } = this.#route;
    if (sticky && this.#at && this.#at !== this.#preferred)
      own.push('Set-Cookie', sticky.cookieOf(this.#at, origin.proto === 'https', view.prefix));
    if (!mount.adopts) return { fields: inboundFields(answer.rawHeaders, answerContext, own), through: null };
    const status = answer.statusCode ?? 0;
    const adopted = adoptAnswer(this.#asked, { status, fields: answer.rawHeaders }, answerContext, escaped);
    return {
      fields: inboundFields(adopted.fields, answerContext, [...own, ...adopted.own]),
      through: adopted.through && hasBody(this.#asked.method, status) ? adopted.through() : null,
    };
  }

  /** Node's agent cannot give a connection away, so that one of the shared ones is closed. */
  #keepFromOthers(upstream: Socket): void {
    const shared = this.#at?.connections;
    if (!shared) return;
    if (this.#out?.agent === shared.agent) closeBehindAnswer(upstream);
    makePrivateConnections(this.#in.req.socket, shared);
  }

  get #answerContext(): AnswerContext {
    const { mount, view, head, upstreamTarget } = this.#in;
    const { origin, host } = view;
    return {
      mount: behind(this.#at?.mount ?? mount, view.prefix),
      origin,
      host,
      publicTarget: view.prefix + head.target,
      upstreamTarget,
    };
  }

  #interimText(status: number, raw: readonly string[]): string {
    const { mount, escaped } = this.#in;
    const context = this.#answerContext;
    const fields = mount.adopts ? adoptAnswer(this.#asked, { status, fields: raw }, context, escaped).fields : raw;
    return interimText(status, fields, context);
  }

  /** An answer that must not be passed on, nor its connection used again. */
  #refuse(upstream: Socket, wrong: AnswerError | ProxyErrorCode): void {
    this.#failed(typeof wrong === 'string' ? this.#failure(wrong) : wrong);
    upstream.destroy();
  }

  #abort(error: ProxyError): void {
    if (this.#request) this.#request.destroy(error);
    else this.#failed(error);
  }

  #failed(cause: unknown): void {
    this.#clearTimers();
    const { req, res, context, mount } = this.#in;
    if (res.destroyed || res.writableEnded || context.failure) return;
    const error = classifyUpstreamError(cause, mount.config.name);
    const again = this.#mayRetry(error) ? this.#at : null;
    if (again === null) {
      context.trace?.exchanged(error.code);
      if (error.source === 'upstream') this.#deps.suspect(mount);
    }
    const upstream = again ?? this.#elsewhere(error);
    if (upstream) {
      context.retries++;
      this.#send(upstream);
      context.trace?.resent();
      return;
    }
    if (!res.headersSent) {
      this.#deps.fail(req, res, error);
      return;
    }
    context.failure = error;
    // Bytes of an answer are out: to break the connection is the only honest end, and where the end of the connection
    // is the end of the body (HTTP/1.0) a reset is what tells the two apart.
    if (this.#clientBodyEndsByClose) resetConnection(clientSocketOf(req.socket));
    else res.destroy();
  }

  /** A kept connection that the tool was just closing: the request never reached it, and is sent once more. */
  #mayRetry(error: ProxyError): boolean {
    const { req, head, res } = this.#in;
    return (
      error.code === 'UPSTREAM_CLOSED' &&
      this.#request?.reusedSocket === true &&
      this.#connection?.socket.bytesRead === this.#connection?.bytesRead &&
      !this.#answered &&
      this.#in.context.retries === 0 &&
      !res.headersSent &&
      isRepeatable(req.method ?? '', head.framing)
    );
  }

  /** No connection could be made, so that nothing has been sent: another target gets the request, if there is one. */
  #elsewhere({ code, source }: ProxyError): Upstream | null {
    const from = this.#at;
    // Without a request it was given up before, or Node refused to begin one, mostly for what the client sent.
    const wasTried = this.#request !== null || code === 'UPSTREAM_TLS';
    if (!from || !wasTried || this.#isConnected || source !== 'upstream') return null;
    from.state.failed(code);
    this.#tried = [...this.#tried, from];
    return this.#route.choose(this.#preferred, this.#tried);
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

const isMalformed = (error: unknown): boolean => classifyUpstreamError(error, '').code === 'UPSTREAM_BAD_ANSWER';
