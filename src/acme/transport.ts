import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Client, axios } from 'acme-client';
import type { AcmeConfig } from '../config/config';
import { parseRetryAfter } from '../headers/retry-after';
import { AcmeFailure, failureOf } from './failure';

/** An answer of an authority is no longer than this, in bytes; nor does one take longer than that, in milliseconds. */
const maxAnswer = 1024 * 1024;
const patience = 30_000;

export interface Transport {
  /** What the last answer wanted: milliseconds until the next question; null when it did not say. */
  readonly retryAfter: number | null;
  /** Makes a client speak through this transport. */
  attach(client: Client): void;
  close(): void;
}

/** The part of acme-client that speaks HTTP, which its types leave out. */
interface HttpPart {
  readonly http: {
    maxBadNonceRetries: number;
    request: (url: string, method: string, options?: { readonly data?: unknown }) => Promise<unknown>;
  };
}

/**
 * HTTP towards the authority. acme-client's own retries for minutes, within itself, by a timer that nothing can stop,
 * and knows neither a private authority nor an abort; when to try again is decided by the schedule here.
 *
 * @param base acme-client's axios: it knows the proxies of the environment
 */
export function createTransport(base: typeof axios, acme: AcmeConfig, signal: AbortSignal): Transport {
  const agent = new Agent({
    keepAlive: true,
    ...(acme.ca === null ? {} : { ca: [...rootCertificates, readFileSync(acme.ca, 'utf8')] }),
  });
  const http = base.create({
    adapter: 'http',
    httpsAgent: agent,
    timeout: patience,
    maxContentLength: maxAnswer,
    maxRedirects: 3,
    validateStatus: () => true,
    headers: { 'User-Agent': 'kpow-gateway acme-client', 'Content-Type': 'application/jose+json' },
  });
  let retryAfter: number | null = null;

  const request = async (url: string, method: string, options: { readonly data?: unknown } = {}) => {
    const { host } = new URL(acme.directory);
    if (!/^https:\/\//i.test(url)) throw new AcmeFailure('unknown', `${host} names an address that is not https`);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const answer = await http.request({ url, method, data: options.data, signal: limit }).catch((error: unknown) => {
      signal.throwIfAborted();
      const { code = 'unknown', message } = error as NodeJS.ErrnoException;
      const slow = limit.aborted;
      throw new AcmeFailure(
        slow ? 'ETIMEDOUT' : code,
        `${host} cannot be reached (${slow ? `no answer within ${patience / 1000} s` : message || code})`,
        null,
        { cause: error },
      );
    });
    retryAfter = parseRetryAfter(answer.headers['retry-after']);
    const problem = answer.data as { readonly type?: unknown } | null;
    // acme-client asks again with the nonce of this answer (RFC 8555 §6.5).
    const again = answer.status === 400 && problem?.type === 'urn:ietf:params:acme:error:badNonce';
    if (answer.status >= 400 && !again) throw failureOf(problem, { status: answer.status, retryAfter });
    return answer;
  };
  return {
    get retryAfter() {
      return retryAfter;
    },
    attach(client) {
      const { http: part } = client as unknown as HttpPart;
      part.request = request;
      part.maxBadNonceRetries = 20;
    },
    close: () => agent.destroy(),
  };
}
