import type { ProxyError } from '../upstream/proxy-error';
import { isoTime } from './iso-time';
import { outputOf, type Log } from './log';
import { printable } from './printable';
import { safeTarget } from './redact';
import type { Way } from './request-outcome';

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
}

/** What else a line tells of it. */
export interface AccessPlace {
  readonly way: Way;
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
  readonly way: Way;
  /** The trace, where there is one, and its span for this request, where that is recorded. */
  readonly trace?: string;
  readonly span?: string;
}

export type AccessLevel = 'info' | 'warn' | 'error';

export function accessEntry(record: AccessRecord, { way, trace }: AccessPlace): AccessEntry {
  const entry = {
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
    way,
  };
  if (trace === null) return entry;
  const { traceId, spanId } = trace;
  return spanId === null ? { ...entry, trace: traceId } : { ...entry, trace: traceId, span: spanId };
}

/** A failure's own level, but never below info: the access log has a line for every request. */
export function accessLevel({ status, failure }: Pick<AccessRecord, 'status' | 'failure'>): AccessLevel {
  if (failure !== null) return failure.level === 'debug' ? 'info' : failure.level;
  return status >= 500 ? 'warn' : 'info';
}

/** For people: `GET /kpow/ 200`, `GET /kpow/ 502 UPSTREAM_REFUSED`. */
function messageOf({ method, path, status, code }: AccessEntry): string {
  return `${method} ${path} ${status}${code === null ? '' : ` ${code}`}`;
}

/**
 * Writes the request's one line. There is one for every request, and pino takes longer for it than the relay takes for
 * the request; so where the log writes JSON itself, the line is made here as pino makes it.
 */
export function logAccess(log: Log, record: AccessRecord, place: AccessPlace): void {
  const level = accessLevel(record);
  if (!log.isLevelEnabled(level)) return;
  const entry = accessEntry(record, place);
  const output = outputOf(log);
  if (output === null) {
    log[level](entry, messageOf(entry));
    return;
  }
  const fields = JSON.stringify(entry).slice(1, -1);
  const message = JSON.stringify(messageOf(entry));
  output.write(`{"level":"${level}","time":"${isoTime(Date.now())}",${fields},"msg":${message}}\n`);
}

const short = (text: string, length: number) => printable(text.length > length ? text.slice(0, length) : text);

const toTenths = (ms: number) => Math.round(ms * 10) / 10;
