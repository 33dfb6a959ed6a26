import type { ProbeOutcome } from '../../upstream/diagnosis';
import type { TunnelCount, TunnelEnd, TunnelMeter } from '../../app/tunnel';
import { Latencies } from './latencies';

/** What is known of a request when it has ended. */
export interface EndedRequest {
  /** Any token: it is the client's word. */
  readonly method: string;
  /** As sent; 499 when the client left first; 101 for a websocket, whose end this is. */
  readonly status: number;
  readonly durationMs: number;
  /** null where no tool answered. */
  readonly upstreamMs: number | null;
  /** Of the answer's body. */
  readonly bytes: number;
  readonly failure: { readonly code: string } | null;
  /** Which connection to the tool the request got last; null where it got none. */
  readonly connection: 'new' | 'reused' | null;
  readonly retries: number;
}

/** Labels need a bound, and a method is what a client makes of it. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

const methodIndex = new Map<string, number>(methods.map((method, index) => [method, index]));

/** A tool may send any three digits; what is no class counts as the server's fault (RFC 9110 §15). */
function classIndex(status: number): number {
  const index = Math.floor(status / 100) - 1;
  return index >= 0 && index < statusClasses.length ? index : statusClasses.indexOf('5xx');
}

/** The numbers of one mount, or of the gateway's own pages: plain fields, for they are written with every request. */
export class MountNumbers implements TunnelMeter {
  readonly duration = new Latencies();
  readonly firstByte = new Latencies();
  readonly failures = new Map<string, number>();
  readonly connections = { new: 0, reused: 0 };
  readonly probes: Record<ProbeOutcome, number> = { healthy: 0, unhealthy: 0, unreachable: 0 };
  readonly websocketEnds: Record<TunnelEnd, number> = { client: 0, tool: 0, idle: 0, cut: 0 };
  readonly websocketBytes: TunnelCount = { toClient: 0, toUpstream: 0 };
  websocketsOpened = 0;
  websocketsOpen = 0;
  bodyBytes = 0;
  retries = 0;
  readonly #requests = new Float64Array(methods.length * statusClasses.length);

  ended({ method, status, durationMs, upstreamMs, bytes, failure, connection, retries }: EndedRequest): void {
    const cell = (methodIndex.get(method) ?? methods.length - 1) * statusClasses.length + classIndex(status);
    this.#requests[cell] = (this.#requests[cell] ?? 0) + 1;
    if (failure !== null) this.#failed(failure.code);
    if (connection !== null) this.connections[connection]++;
    this.retries += retries;
    if (upstreamMs !== null) this.firstByte.observe(upstreamMs / 1000);
    // A websocket's life is no latency, and its bytes have been counted as they went.
    if (status === 101) return;
    this.duration.observe(durationMs / 1000);
    this.bodyBytes += bytes;
  }

  /** A connection that brought no request. */
  rejected(code: string): void {
    this.#failed(code);
  }

  websocketOpened(): void {
    this.websocketsOpened++;
    this.websocketsOpen++;
  }

  websocketMoved(way: keyof TunnelCount, bytes: number): void {
    this.websocketBytes[way] += bytes;
  }

  websocketEnded(by: TunnelEnd): void {
    this.websocketsOpen--;
    this.websocketEnds[by]++;
  }

  #failed(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  /** Of every method that was used, all classes: the first failure has to be a step from 0, not a series' beginning. */
  *requests(): Iterable<readonly [labels: { method: string; status: string }, count: number]> {
    for (const [m, method] of methods.entries()) {
      const row = this.#requests.subarray(m * statusClasses.length, (m + 1) * statusClasses.length);
      if (row.every((count) => count === 0)) continue;
      for (const [s, status] of statusClasses.entries()) yield [{ method, status }, row[s] ?? 0];
    }
  }
}
