import type { ProbeOutcome } from '../../upstream/diagnosis';
import type { TunnelCount, TunnelEnd, TunnelMeter } from '../../relay/tunnel';
import type { AccessRecord } from '../access-log';
import type { RequestOutcome, Way } from '../request-outcome';
import { Latencies } from './latencies';

/** What is counted of a request when it has ended. */
export interface EndedRequest extends Pick<RequestOutcome, 'way' | 'connection' | 'retries'> {
  readonly record: Pick<AccessRecord, 'method' | 'status' | 'durationMs' | 'upstreamMs' | 'bytes' | 'failure'>;
}

/** Labels need a bound, and a method is what a client makes of it. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
const ways = ['relay', 'app'] as const satisfies readonly Way[];
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
  readonly websocketEnds: Record<TunnelEnd, number> = { client: 0, tool: 0, gateway: 0, idle: 0, cut: 0 };
  readonly websocketBytes: TunnelCount = { toClient: 0, toUpstream: 0 };
  websocketsOpened = 0;
  websocketsOpen = 0;
  bodyBytes = 0;
  retries = 0;
  /** Requests that had no mount in their path, and came from its pages. */
  escaped = 0;
  readonly #requests = { relay: newCells(), app: newCells() };

  /** A websocket's request ends with it: its status is 101. */
  ended({ record, way, connection, retries }: EndedRequest): void {
    const { method, status, durationMs, upstreamMs, bytes, failure } = record;
    const cell = (methodIndex.get(method) ?? methods.length - 1) * statusClasses.length + classIndex(status);
    const requests = this.#requests[way];
    requests[cell] = (requests[cell] ?? 0) + 1;
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

  /**
   * Of every method that was used on a way, all classes: the first failure has to be a step from 0, not a series'
   * beginning.
   */
  *requests(): Iterable<readonly [labels: { method: string; status: string; way: Way }, count: number]> {
    for (const way of ways) {
      for (const [m, method] of methods.entries()) {
        const row = this.#requests[way].subarray(m * statusClasses.length, (m + 1) * statusClasses.length);
        if (row.every((count) => count === 0)) continue;
        for (const [s, status] of statusClasses.entries()) yield [{ method, status, way }, row[s] ?? 0];
      }
    }
  }
}

function newCells(): Float64Array {
  return new Float64Array(methods.length * statusClasses.length);
}
