import http from 'node:http';
import https from 'node:https';
import type { Target } from '../config/config';
import { hasField, valuesOf, type RawHeaders } from '../headers/raw';
import { usable, type UpstreamTlsOptions } from './agent';
import { awaitAnswerHead } from './answer-heads';
import { classifyUpstreamError } from './classify';
import { decoded } from './decoded';
import type { ProbePhase } from './probe-failure';
import { ProxyError, type ProxyErrorCode } from './proxy-error';
import { wrongWith } from './wrong-answer';

/** A request as the tool is to get it: nothing is added to it. It has no body. */
export interface OneRequest {
  readonly method: string;
  /** Origin-form. */
  readonly target: string;
  readonly fields: RawHeaders;
}

/** Who gets it. */
export interface AskedTool {
  readonly name: string;
  readonly target: Target;
  readonly tls: UpstreamTlsOptions;
  /** Bytes that the head of the answer may have. */
  readonly maxHead: number;
}

/** Milliseconds; bytes. */
export interface SendLimits {
  readonly connect: number;
  /** From the connection to the answer's head, and from there to the end of what is read of its body. */
  readonly head: number;
  readonly body: number;
  /** How much of a body is read, before and after its content coding is taken off. */
  readonly bytes: number;
}

export interface OneAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly fields: RawHeaders;
  readonly body: {
    /** Its beginning, without a content coding; null where the coding is not known. */
    readonly bytes: Buffer | null;
    /** Bytes as they came. */
    readonly received: number;
    /** Whether it ended by itself, was long enough, took too long, or broke off. */
    readonly end: 'whole' | 'size' | 'time' | 'broken';
  };
  /** Milliseconds from the connection to the head, and to the first byte behind it; null where none came. */
  readonly headAfter: number;
  readonly bodyAfter: number | null;
}

export interface NoAnswer {
  readonly kind: 'failed';
  readonly error: ProxyError;
  /** How far it had come. */
  readonly phase: ProbePhase;
}

/**
 * Sends one request on a connection of its own, which is closed when the promise resolves, and reads the answer as the
 * gateway would: a websocket is accepted and closed, a redirect is an answer like any other. Never rejects, and takes no
 * longer than its limits.
 */
export function sendOnce(request: OneRequest, tool: AskedTool, limits: SendLimits): Promise<OneAnswer | NoAnswer> {
  return new Promise((resolve) => {
    const { target, tls, name } = tool;
    const secure = target.protocol === 'https:';
    let phase: ProbePhase = 'connect';
    let outgoing: http.ClientRequest | undefined;
    let timer = setTimeout(() => tooLate('UPSTREAM_CONNECT_TIMEOUT'), limits.connect);
    let connectedAt = performance.now();

    const finish = (result: OneAnswer | NoAnswer) => {
      clearTimeout(timer);
      outgoing?.destroy();
      resolve(result);
    };
    const fail = (error: unknown) => finish({ kind: 'failed', error: classifyUpstreamError(error, name), phase });
    const tooLate = (code: ProxyErrorCode) => fail(new ProxyError(code, name));
    const next = (limit: number, late: () => void) => {
      clearTimeout(timer);
      timer = setTimeout(late, limit);
    };
    const connected = () => {
      phase = 'answer';
      connectedAt = performance.now();
      next(limits.head, () => tooLate('UPSTREAM_RESPONSE_TIMEOUT'));
    };
    const closed = () => fail(new Error('the connection ended without an answer'));

    const answered = (answer: http.IncomingMessage) => {
      const wrong = wrongWith(answer, hasField(request.fields, 'upgrade'));
      if (wrong) {
        fail(typeof wrong === 'string' ? new ProxyError(wrong, name) : wrong);
        return;
      }
      const headAfter = performance.now() - connectedAt;
      phase = 'body';
      const parts: Buffer[] = [];
      let received = 0;
      let bodyAfter: number | null = null;
      let over = false;
      const end = (how: OneAnswer['body']['end']) => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        const { rawHeaders: fields, statusCode: status = 0 } = answer;
        const coding = valuesOf(fields, 'content-encoding').join(',');
        const raw = Buffer.concat(parts).subarray(0, limits.bytes);
        void decoded(raw, coding, limits.bytes).then((bytes) => {
          finish({ kind: 'answered', status, fields, body: { bytes, received, end: how }, headAfter, bodyAfter });
        });
      };
      outgoing?.off('close', closed);
      outgoing?.off('error', fail);
      // What the parser finds wrong behind the head.
      outgoing?.on('error', () => end('broken'));
      if (answer.statusCode === 101) {
        end('whole');
        return;
      }
      next(limits.body, () => end('time'));
      answer.on('error', () => end('broken'));
      answer.on('data', (bytes: Buffer) => {
        bodyAfter ??= performance.now() - connectedAt;
        parts.push(bytes);
        received += bytes.length;
        if (received >= limits.bytes) end('size');
      });
      answer.on('end', () => end(answer.complete ? 'whole' : 'broken'));
      answer.on('close', () => end('broken'));
    };

    try {
      outgoing = (secure ? https : http).request({
        ...usable(tls),
        agent: false,
        hostname: target.hostname,
        port: target.port,
        method: request.method,
        path: request.target,
        headers: request.fields,
        maxHeaderSize: tool.maxHead,
      });
      outgoing.on('error', fail);
      outgoing.on('close', closed);
      outgoing.on('response', answered);
      outgoing.on('upgrade', (answer: http.IncomingMessage, socket) => {
        socket.on('error', () => undefined);
        answered(answer);
        socket.destroy();
      });
      outgoing.on('socket', (socket) => {
        awaitAnswerHead(socket, tool.maxHead);
        socket.once('connect', () => {
          if (secure) phase = 'tls';
          else connected();
        });
        socket.once('secureConnect', connected);
      });
      outgoing.end();
    } catch (error) {
      // Options that Node refuses: a key that does not belong to its certificate, a field that cannot be sent.
      fail(error);
    }
  });
}
