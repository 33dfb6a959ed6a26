import { STATUS_CODES } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Timeouts } from '../config/config';
import { hasBody } from '../headers/answer-framing';
import { fieldText, valuesOf, type RawHeaders } from '../headers/raw';
import { interimText, mostInterim } from '../headers/interim';
import type { AnswerContext } from '../headers/location';
import { singleFields } from '../headers/request';
import { passedTrailers } from '../headers/trailers';
import { behind } from '../mount/mount';
import type { RequestTrace } from '../observe/traces/tracer';
import { newRequestId } from '../observe/request-id';
import { recordedFailure, type RequestOutcome } from '../observe/request-outcome';
import { classifyUpstreamError } from '../upstream/classify';
import type { Waiter } from '../upstream/gate';
import { makePrivateConnections } from '../upstream/private-connections';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';
import type { Upstream } from '../upstream/route';
import { isSuspicious } from '../upstream/suspicious';
import type { AdmittedRequest } from './admitted-request';
import type { AnswerHead } from './answer-head';
import { inboundLines } from './answer-lines';
import { copyOfBody, giveBack, mostUnwritten, smallPiece } from './body-buffers';
import type { ClientConnection } from './client-connection';
import { httpDate } from './http-date';
import { KeptBody } from './kept-body';
import { latin1 } from './latin1';
import { joinSockets, socketSide } from './tunnel';
import type { UpstreamConnection } from './upstream-connection';
import type { AnswerSink, UpstreamRequest } from './upstream-exchange';

/** One request of a client and its answer, between the client's connection and one to the tool. */
export class Exchange implements AnswerSink, UpstreamRequest {
  readonly method: string;
  head = '';
  readonly length: number;
  readonly websocket: boolean;
  readonly repeatable: boolean;
  readonly timeouts: Timeouts;
  readonly #client: ClientConnection;
  readonly #request: AdmittedRequest;
  readonly startedAt = performance.now();
  sentAt = this.startedAt;
  readonly #id: string;
  readonly #trace: RequestTrace | null;
  #upstream: UpstreamConnection | null = null;
  /** The target that it went to last. */
  #at: Upstream | null = null;
  /** The targets that it could not connect to. */
  #tried: readonly Upstream[] = nobody;
  /** Whether it has one of the places at the tool; and what waits for one. */
  #inside = false;
  #waiter: Waiter | null = null;
  /** What has arrived of the body, where that may still have to be sent; null once a connection has it for good. */
  #kept: KeptBody | null = null;
  /** Bytes that it has taken of the gate's room for bodies. */
  #room = 0;
  /** The line by which a browser is to stay with the target; '' for none. */
  #cookie = '';
  /** Whether the connection to the tool that it got last had carried another; null where it got none. */
  #reused: boolean | null = null;
  #retries = 0;
  #failure: ProxyError | null = null;
  #status = 0;
  #bytes = 0;
  #upstreamMs: number | null = null;
  #interims = 0;
  /** What is to be written to the client next, latin1. */
  #out = '';
  #answer: AnswerHead | null = null;
  /** How the answer's body is framed for the client: as the tool did it, or by chunks of our own. */
  #rechunked = false;
  #keep: boolean;
  /** Set once all of the answer has been given to the client's socket. */
  #written = false;
  #over = false;

  constructor(client: ClientConnection, request: AdmittedRequest) {
    const { method, target, passage, known, length, repeatable } = request;
    const { fields, saidId, view } = known;
    this.#client = client;
    this.#request = request;
    this.#id = saidId ?? newRequestId();
    this.#keep = fields.keepAlive && !fields.websocket && !client.isSpent;
    this.method = method;
    this.length = length;
    this.websocket = fields.websocket;
    this.repeatable = repeatable;
    this.timeouts = passage.mount.config.timeouts;
    const trace = client.deps
      .tracer()
      ?.begin({ url: target, raw: fields.raw, trusted: view.trusted, startedAt: this.startedAt });
    this.#trace = trace ?? null;
  }

  /** @param first the beginning of the request's body, or all of it */
  begin(first: Buffer): void {
    this.#client.deps.began();
    if (this.#request.route.gate.enter()) this.#enter(first);
    else this.#wait(first);
  }

  /** @returns false when no more should be sent for now */
  sendBody(bytes: Buffer): boolean {
    const kept = this.#kept;
    if (kept !== null) {
      kept.add(bytes);
      if (this.#waiter) return this.#room > 0 || kept.size < mostUnwritten;
    }
    return this.#upstream?.write(bytes) ?? true;
  }

  clientDrained(): void {
    if (this.#written) this.#finish();
    else this.#upstream?.resume();
  }

  clientLeft(): void {
    if (this.#over) return;
    this.#upstream?.abort();
    if (!this.#failure) this.#status = 499;
    this.#end();
  }

  drained(): void {
    this.#client.readBody();
  }

  connected(): void {
    this.#at?.state.connected();
    this.#kept = null;
  }

  resent(connection: UpstreamConnection): void {
    this.#retries++;
    this.#trace?.resent();
    this.#sentOn(connection);
  }

  interim(status: number, raw: RawHeaders): void {
    // A request that waits for a 100 is not the relay's.
    if (status !== 100 && ++this.#interims <= mostInterim) this.#write(interimText(status, raw, this.#context()));
  }

  answered(head: AnswerHead, bodiless: boolean): void {
    this.#status = head.status;
    this.#upstreamMs = performance.now() - this.startedAt;
    this.#trace?.answered(head.status);
    if (head.login && this.#at) {
      // From here on the app serves this client at the tool: see `ClientConnection`.
      makePrivateConnections(this.#client.socket, this.#at.connections);
      this.#upstream?.closeBehindAnswer();
    }
    const { mount } = this.#request.passage;
    if (head.status >= 500 && isSuspicious(head.status, mount.config)) this.#client.deps.suspect(mount);
    this.#rechunked = !bodiless && head.framing === 'close';
    const chunked = !bodiless && typeof head.framing === 'string';
    this.#out = `${statusLine(head.status, head.reason)}${this.#inbound(head, chunked)}${this.#connectionLines(
      head.hasDate,
    )}${chunked ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n'}`;
    this.#answer = head;
  }

  body(bytes: Buffer, start: number, end: number, data: number): void {
    this.#bytes += data;
    const before = this.#rechunked ? `${(end - start).toString(16)}\r\n` : '';
    const after = this.#rechunked ? '\r\n' : '';
    if (end - start <= smallPiece) {
      this.#out += before + latin1(bytes, start, end) + after;
      return;
    }
    const { socket } = this.#client;
    socket.cork();
    this.#write(this.#out + before);
    const copy = copyOfBody(bytes, start, end);
    socket.write(copy, () => giveBack(copy));
    this.#out = after;
    socket.uncork();
  }

  text(body: string): void {
    this.#bytes += body.length;
    this.#out += body;
  }

  wantsMore(): boolean {
    this.#write(this.#out);
    return this.#client.socket.writableLength < mostUnwritten;
  }

  ended(trailers: RawHeaders, now: number): void {
    this.#trace?.exchanged();
    if (this.#answer?.framing === 'chunked' && hasBody(this.method, this.#status)) {
      const passed = passedTrailers(trailers, this.#answer.raw, () => false);
      this.#out += `${fieldText(passed.flat())}\r\n`;
    } else if (this.#rechunked) this.#out += '0\r\n\r\n';
    this.#upstream = null;
    this.#close(now);
    this.#leave();
  }

  upgraded(head: AnswerHead, connection: UpstreamConnection, first: Buffer): void {
    const { deps, socket } = this.#client;
    this.#status = 101;
    this.#upstreamMs = performance.now() - this.startedAt;
    this.#trace?.answered(101);
    this.#over = true;
    this.#trace?.end(this.#outcome());
    const ended = deps.upgraded();
    const upstream = connection.asTunnelSide();
    const early = this.#client.release();
    const protocol = valuesOf(head.raw, 'upgrade')[0] ?? 'websocket';
    const upgrade = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    socket.write(`${statusLine(101, head.reason)}${this.#inbound(head, true)}${upgrade}`, 'latin1');
    joinSockets({
      client: socketSide(socket),
      upstream,
      first: { toClient: first, toUpstream: early },
      idle: this.timeouts.idle,
      meter: deps.meterOf(this.#request.passage.mount),
      tunnels: deps.tunnels,
      ended: (count) => {
        this.#bytes = count.toClient;
        this.#leave();
        ended(this.#outcome());
      },
    });
  }

  failed(reason: ProxyErrorCode | Error, unsent: boolean): void {
    this.#upstream = null;
    const { mount } = this.#request.passage;
    const { name } = mount.config;
    const error = typeof reason === 'string' ? new ProxyError(reason, name) : classifyUpstreamError(reason, name);
    this.#trace?.exchanged(error.code);
    if (error.source === 'upstream') this.#client.deps.suspect(mount);
    if (unsent && this.#at && error.source === 'upstream') {
      this.#at.state.failed(error.code);
      if (this.#sendElsewhere(this.#at)) return;
    }
    this.#failure = error;
    if (this.#answer) {
      // Bytes of an answer are out: to break the connection is the only honest end. It must not be the end of one that has
      // brought nothing, upon which browsers ask again, whatever the method.
      this.#write(this.#out);
      this.#client.socket.destroy();
      return;
    }
    this.#answerFailure(error);
  }

  /** The gateway itself has failed over it. */
  broke(error: unknown): void {
    this.#giveUp(new ProxyError('INTERNAL', null, error));
  }

  /** The client has stopped sending the request's body. */
  bodyStalled(): void {
    this.#giveUp(new ProxyError('REQUEST_TIMEOUT'));
  }

  #giveUp(error: ProxyError): void {
    this.#upstream?.abort();
    this.failed(error, false);
  }

  #answerFailure(error: ProxyError): void {
    this.#kept = null;
    const { deps, peer, bodyToCome } = this.#client;
    const { fields: own, body } = deps.failureAnswer(error, {
      id: this.#id,
      peer,
      method: this.method,
      accept: valuesOf(this.#request.known.fields.raw, 'accept').join(', ') || undefined,
      mount: this.#request.passage.mount.config,
      bodyToCome,
      prefix: this.#request.known.view.prefix,
    });
    const { Connection: connection, ...rest } = own;
    if (connection !== undefined || bodyToCome) this.#keep = false;
    this.#status = error.status;
    const fields = Object.entries(rest).flatMap(([name, value]) => [name, String(value)]);
    this.#out = `${statusLine(error.status, STATUS_CODES[error.status] ?? '')}${fieldText(fields)}${this.#connectionLines(false)}\r\n`;
    if (this.method !== 'HEAD') {
      this.#bytes = Buffer.byteLength(body);
      this.#out += Buffer.from(body).toString('latin1');
    }
    this.#close();
  }

  /** It has a place at the tool now. */
  #enter(first: Buffer): void {
    this.#inside = true;
    const { route, preferred } = this.#request;
    const upstream = route.choose(preferred);
    if (!upstream) {
      this.failed('UPSTREAM_CIRCUIT_OPEN', false);
      return;
    }
    this.#kept = route.hasOthers ? new KeptBody(first) : null;
    this.#sendTo(upstream, first);
  }

  #wait(first: Buffer): void {
    const waiter: Waiter = {
      admitted: () => {
        this.#waiter = null;
        this.#giveRoomBack();
        this.sentAt = performance.now();
        try {
          this.#enter(this.#arrived());
          if (this.#client.bodyToCome) this.#client.readBody();
        } catch (error) {
          this.broke(error);
        }
      },
      tooLate: () => {
        this.#waiter = null;
        this.failed('UPSTREAM_BUSY', false);
      },
    };
    if (!this.#request.route.gate.wait(waiter)) {
      this.failed('UPSTREAM_BUSY', false);
      return;
    }
    this.#waiter = waiter;
    this.#kept = new KeptBody(first);
    this.#room = this.#request.route.gate.room.take(this.length);
  }

  /** What has arrived of the body, and is to be sent. */
  #arrived(): Buffer {
    return this.#kept?.bytes ?? nothing;
  }

  /** No connection could be made, so that nothing has been sent: another target gets the request, if there is one. */
  #sendElsewhere(from: Upstream): boolean {
    const { route, preferred } = this.#request;
    if (!route.hasOthers || (this.length > 0 && this.#kept === null)) return false;
    this.#tried = [...this.#tried, from];
    const upstream = route.choose(preferred, this.#tried);
    if (!upstream) return false;
    from.connections.inUse--;
    this.#retries++;
    const arrived = this.#arrived();
    this.#kept = new KeptBody(arrived);
    this.sentAt = performance.now();
    this.#sendTo(upstream, arrived);
    this.#trace?.resent();
    return true;
  }

  /** @param first what has arrived of the body */
  #sendTo(upstream: Upstream, first: Buffer): void {
    const request = this.#request;
    const { connections, mount, target } = upstream;
    const { sticky } = request.route;
    const trace = this.#trace;
    this.#at = upstream;
    connections.inUse++;
    if (sticky !== null) {
      const { origin, prefix } = request.known.view;
      const stays = upstream === request.preferred;
      this.#cookie = stays ? '' : `Set-Cookie: ${sticky.cookieOf(upstream, origin.proto === 'https', prefix)}\r\n`;
    }
    const traced = trace?.exchange(this.method, target, request.passage.upstreamTarget) ?? null;
    this.head = `${request.outbound(mount, trace !== null)}${fieldText(singleFields(this.#id, traced))}\r\n`;
    let connection: UpstreamConnection;
    try {
      connection = connections.pool.send(this, this, first);
    } catch (error) {
      this.failed(error as Error, true);
      return;
    }
    if (!connection.connecting) this.#kept = null;
    this.#sentOn(connection);
  }

  /** Gives its place at the tool back, or that in the queue. */
  #leave(): void {
    if (this.#waiter) this.#request.route.gate.abandon(this.#waiter);
    this.#waiter = null;
    this.#giveRoomBack();
    if (!this.#inside) return;
    this.#inside = false;
    if (this.#at) this.#at.connections.inUse--;
    this.#request.route.gate.leave();
  }

  #giveRoomBack(): void {
    this.#request.route.gate.room.giveBack(this.#room);
    this.#room = 0;
  }

  #sentOn(connection: UpstreamConnection): void {
    this.#upstream = connection;
    this.#reused = connection.reused;
  }

  /** The lines of an answer's head between its status line and those that `#connectionLines` makes. */
  #inbound(head: AnswerHead, chunked: boolean): string {
    const { passed } = head;
    const lines = passed === null ? inboundLines(head, this.#context(), chunked) : passed;
    return `${lines}X-Request-Id: ${this.#id}\r\n${this.#request.known.hsts}${this.#cookie}`;
  }

  #context(): AnswerContext {
    const { origin, host, prefix } = this.#request.known.view;
    const { passage } = this.#request;
    const { upstreamTarget } = passage;
    const { mount } = this.#at ?? passage;
    const publicTarget = prefix + this.#request.target;
    return { mount: behind(mount, prefix), origin, host, publicTarget, upstreamTarget };
  }

  /** What Node's server adds to its answers. */
  #connectionLines(hasDate: boolean): string {
    if (this.#client.draining) this.#keep = false;
    const date = hasDate ? '' : `Date: ${httpDate()}\r\n`;
    return date + (this.#keep ? this.#client.keepAliveLines : closeLine);
  }

  #write(text: string): void {
    if (text !== '') this.#client.socket.write(text, 'latin1');
    this.#out = '';
  }

  /** All of the answer has been made: writes what is left of it, and is over when the client's connection takes it. */
  #close(now = performance.now()): void {
    this.#write(this.#out);
    this.#written = true;
    if (!this.#client.socket.writableNeedDrain) this.#finish(now);
  }

  #finish(now = performance.now()): void {
    if (this.#over) return;
    this.#end(now);
    this.#client.answered(this.#keep, now);
  }

  #end(now = performance.now()): void {
    this.#over = true;
    this.#leave();
    this.#client.deps.ended(this.#outcome(now));
  }

  #outcome(now = performance.now()): RequestOutcome {
    const { view, fields } = this.#request.known;
    const failure = this.#failure;
    const connection = this.#reused === null ? null : this.#reused ? 'reused' : 'new';
    return {
      record: {
        id: this.#id,
        mount: this.#request.passage.mount.config.path,
        method: this.method,
        url: this.#request.target,
        status: this.#status,
        bytes: this.#bytes,
        durationMs: now - this.startedAt,
        upstreamMs: this.#upstreamMs,
        client: view.address,
        failure: recordedFailure(this.#status, failure),
      },
      raw: fields.raw,
      httpVersion: '1.1',
      origin: view.origin,
      way: 'relay',
      connection,
      retries: this.#retries,
      failure,
      trace: this.#trace,
    };
  }
}

const nobody: readonly Upstream[] = [];
const nothing: Buffer = Buffer.alloc(0);

const closeLine = 'Connection: close\r\n';

function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}
