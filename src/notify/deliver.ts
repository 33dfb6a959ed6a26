import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { WebhookConfig } from '../config/config';
import { parseRetryAfter } from '../headers/retry-after';
import { failureOf, type ProbePhase } from '../upstream/probe-failure';

export type Attempt =
  /** @property retryAfter in milliseconds; 0 when the receiver did not ask for it */
  | { readonly outcome: 'answered'; readonly status: number; readonly retryAfter: number }
  /** @property sent whether the receiver may have got the message nevertheless */
  | { readonly outcome: 'failed'; readonly sent: boolean; readonly reason: string };

/** A receiver's answer is a word or two; whoever sends more is not read to the end. */
const BODY_LIMIT = 64 * 1024;

export type Destination = Pick<WebhookConfig, 'url' | 'contentType' | 'headers' | 'timeout' | 'ca'>;

/**
 * Posts a body once, on a connection of its own that is gone when the promise resolves. Redirects are answers like any
 * other, the answer's body is thrown away. Never rejects; `timeout` is for all of it, and when `signal` aborts, it ends.
 * No reason has a path, a header or a body in it: they hold secrets.
 */
export async function deliver(to: Destination, body: string, signal: AbortSignal): Promise<Attempt> {
  let ca: string | undefined;
  try {
    // Each time, so that a renewed file counts.
    ca = to.ca === null ? undefined : await readFile(to.ca, 'utf8');
  } catch {
    return { outcome: 'failed', sent: false, reason: 'the file in ca cannot be read' };
  }
  return post(to, body, ca, signal);
}

function post(to: Destination, body: string, ca: string | undefined, signal: AbortSignal): Promise<Attempt> {
  return new Promise((resolve) => {
    const url = new URL(to.url);
    const secure = url.protocol === 'https:';
    let phase: ProbePhase = 'connect';
    let answer: Attempt | null = null;
    let request: http.ClientRequest | undefined;

    const finish = (attempt: Attempt) => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stopped);
      request?.destroy();
      resolve(attempt);
    };
    // Once its head is there, the answer counts, whatever becomes of the rest.
    const failed = (reason: string) =>
      finish(answer ?? { outcome: 'failed', sent: phase === 'answer' || phase === 'body', reason });
    const fail = (error: unknown) => failed(reasonFor(error, phase));
    const stopped = () => failed('the gateway no longer waits for it');
    const deadline = setTimeout(() => failed(`no answer within timeout (${to.timeout} ms)`), to.timeout);

    const onResponse = (response: http.IncomingMessage) => {
      phase = 'body';
      answer = {
        outcome: 'answered',
        status: response.statusCode ?? 0,
        retryAfter: parseRetryAfter(response.headers['retry-after']) ?? 0,
      };
      let received = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received >= BODY_LIMIT) failed('');
      });
      response.on('close', () => failed(''));
    };

    if (signal.aborted) {
      stopped();
      return;
    }
    signal.addEventListener('abort', stopped);
    try {
      request = (secure ? https : http).request(url, {
        method: 'POST',
        // Node's own pool would keep the connection, whatever the field Connection says.
        agent: false,
        headers: {
          'User-Agent': 'kpow-gateway',
          'Content-Type': to.contentType,
          ...to.headers,
          'Content-Length': Buffer.byteLength(body),
          Connection: 'close',
        },
        ...(ca === undefined ? {} : { ca }),
      });
      request.on('error', fail);
      request.on('response', onResponse);
      request.on('close', () => failed('the connection was closed'));
      request.on('socket', (socket) => {
        socket.on('connect', () => (phase = secure ? 'tls' : 'answer'));
        socket.on('secureConnect', () => (phase = 'answer'));
      });
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** Why there was no answer, in words with Node's own code. */
function reasonFor(error: unknown, phase: ProbePhase): string {
  const { reason, code } = failureOf(error, phase);
  const words = {
    refused: 'no connection',
    'unknown-host': 'its host name is not known',
    timeout: 'no connection in time',
    tls: 'its certificate is not trusted, or it speaks no TLS; a private authority belongs into ca',
    closed: 'it closed the connection, or what it answered is not HTTP',
  }[reason];
  return code === null ? words : `${words} (${code})`;
}
