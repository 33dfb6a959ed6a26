import http, { maxHeaderSize } from 'node:http';
import https from 'node:https';
import type { HealthConfig, MountConfig } from '../config/config';
import { usable } from './agent';
import { awaitAnswerHead } from './answer-heads';
import { failureOf, type ProbeFailure, type ProbePhase } from './probe-failure';

export interface ProbeAnswer {
  readonly outcome: 'answered';
  readonly status: number;
  /** Milliseconds until the answer's head, at least 1. */
  readonly latency: number;
  /** kPow's health path says 5xx while its `/up` answers. */
  readonly kpowError: boolean;
}

export type ProbeResult = ProbeAnswer | ProbeFailure;

/** How the mount's target is spoken to: `ca`, `cert` and `key` as file contents, `rejectUnauthorized`, `servername`. */
export type ProbeTls = Pick<
  https.RequestOptions,
  'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'
> & { readonly secureContext?: https.AgentOptions['secureContext']; readonly unusable?: string };

/** A health answer is a word or a small document; whoever sends more is not read to the end. */
const BODY_LIMIT = 64 * 1024;

/**
 * Asks a mount's health path once, on a connection of its own that is gone when the promise resolves. Redirects are
 * answers like any other. Never rejects; when `signal` aborts, it resolves as closed.
 *
 * Each request, from the name's look-up to the end of the body, has `health.timeout` milliseconds. There are two for a
 * kPow in trouble, otherwise one.
 */
export async function probe(
  mount: MountConfig & { readonly health: HealthConfig },
  tls: ProbeTls,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const result = await ask(mount, mount.health.path, tls, signal);
  if (result.outcome !== 'answered' || result.status < 500 || mount.kind !== 'kpow') return result;
  const upPath = kpowUpPath(mount.health.path);
  if (upPath === null || signal?.aborted) return result;
  // A load balancer in between that has lost kPow says 503 to everything; only kPow itself answers /up.
  const up = await ask(mount, upPath, tls, signal);
  return { ...result, kpowError: up.outcome === 'answered' && up.status < 500 };
}

function kpowUpPath(healthPath: string): string | null {
  const path = healthPath.split('?', 1)[0] ?? '';
  return path.endsWith('/healthy') ? `${path.slice(0, -'/healthy'.length)}/up` : null;
}

function ask(
  mount: MountConfig & { readonly health: HealthConfig },
  path: string,
  tls: ProbeTls,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const secure = mount.target.protocol === 'https:';
    const startedAt = performance.now();
    let phase: ProbePhase = 'connect';
    let request: http.ClientRequest | undefined;

    const finish = (result: ProbeResult) => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', closed);
      request?.destroy();
      resolve(result);
    };
    const fail = (error: unknown) => finish(failureOf(error, phase));
    const closed = () => finish({ outcome: 'failed', reason: 'closed', code: null, phase });
    const deadline = setTimeout(
      () => finish({ outcome: 'failed', reason: 'timeout', code: null, phase }),
      mount.health.timeout,
    );

    const onResponse = (response: http.IncomingMessage) => {
      const latency = Math.max(1, Math.round(performance.now() - startedAt));
      const answered = () =>
        finish({ outcome: 'answered', status: response.statusCode ?? 0, latency, kpowError: false });
      phase = 'body';
      // The request closes before the end of a body that is ended by closing: the answer's own events tell from here.
      request?.off('close', closed);
      let received = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received >= BODY_LIMIT) answered();
      });
      response.on('end', answered);
      response.on('close', closed);
    };

    if (signal?.aborted) {
      closed();
      return;
    }
    signal?.addEventListener('abort', closed);
    try {
      request = (secure ? https : http).request({
        ...usable(tls),
        // A connection of its own: a pooled one could outlive a tool that no longer accepts any.
        agent: false,
        method: 'GET',
        hostname: mount.target.hostname,
        port: mount.target.port,
        path,
        headers: { Host: mount.target.authority, 'User-Agent': 'kpow-gateway-health', Accept: '*/*' },
      });
      request.on('error', fail);
      request.on('response', onResponse);
      request.on('close', closed);
      request.on('socket', (socket) => {
        awaitAnswerHead(socket, maxHeaderSize);
        socket.on('connect', () => (phase = secure ? 'tls' : 'answer'));
        socket.on('secureConnect', () => (phase = 'answer'));
      });
      request.end();
    } catch (error) {
      // Options that Node refuses: a key that does not belong to its certificate, a path that cannot be sent.
      fail(error);
    }
  });
}
