import type { ProxyError } from '../upstream/proxy-error';
import { printable } from './printable';
import { safeTarget } from './redact';

/** What is known of a request when it has ended. Every string may be hostile. */
export interface AccessRecord {
  readonly id: string;
  /** The mount's path; null for the gateway's own pages. */
  readonly mount: string | null;
  readonly method: string;
  /** The request target as it was received, with its query. */
  readonly url: string;
  /** As sent; 499 when the client left first. */
  readonly status: number;
  /** Of the answer's body; for a websocket, all that went to the client. */
  readonly bytes: number;
  /** Milliseconds from the request's head to the answer's last byte; for a websocket, its life. */
  readonly durationMs: number;
  /** Milliseconds until the tool's answer began; null when none was asked or none answered. */
  readonly upstreamMs: number | null;
  /** The client's address, as the trusted proxies tell it. */
  readonly client: string;
  readonly failure: Pick<ProxyError, 'code' | 'level'> | null;
  /** null where traces are off. */
  readonly trace: { readonly traceId: string; readonly spanId: string | null } | null;
}

/** The fields of an access line, safe to write. */
export interface AccessEntry {
  readonly id: string;
  readonly mount: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly upstreamMs: number | null;
  readonly client: string;
  readonly code: string | null;
  /** Which of the two ways through the gateway the request took. */
  readonly way: 'app';
  /** The trace, where there is one, and its span for this request, where that is recorded. */
  readonly trace?: string;
  readonly span?: string;
}

export type AccessLevel = 'info' | 'warn' | 'error';

/** The part of a pino logger that is used here. */
export type AccessLog = Record<AccessLevel, (fields: object, message: string) => void>;

export function accessEntry(record: AccessRecord): AccessEntry {
  return {
    id: short(record.id, 128),
    mount: record.mount,
    method: short(record.method, 32),
    path: safeTarget(record.url),
    status: record.status,
    bytes: record.bytes,
    durationMs: toTenths(record.durationMs),
    upstreamMs: record.upstreamMs === null ? null : toTenths(record.upstreamMs),
    client: short(record.client, 64),
    code: record.failure?.code ?? null,
    way: 'app',
    ...(record.trace && { trace: record.trace.traceId }),
    ...(record.trace?.spanId != null && { span: record.trace.spanId }),
  };
}

/** A failure's own level, but never below info: the access log has a line for every request. */
export function accessLevel({ status, failure }: Pick<AccessRecord, 'status' | 'failure'>): AccessLevel {
  if (failure !== null) return failure.level === 'debug' ? 'info' : failure.level;
  return status >= 500 ? 'warn' : 'info';
}

/** Writes the request's one line: `GET /kpow/ 200`, `GET /kpow/ 502 UPSTREAM_REFUSED`. */
export function logAccess(log: AccessLog, record: AccessRecord): void {
  const entry = accessEntry(record);
  const code = entry.code === null ? '' : ` ${entry.code}`;
  log[accessLevel(record)](entry, `${entry.method} ${entry.path} ${entry.status}${code}`);
}

const short = (text: string, length: number) => printable(text.slice(0, length));

const toTenths = (ms: number) => Math.round(ms * 10) / 10;
