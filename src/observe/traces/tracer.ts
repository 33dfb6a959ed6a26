import type { PublicOrigin } from '../../headers/forwarded';
import type { RawHeaders } from '../../headers/raw';
import type { Target } from '../../config/config';
import type { AccessRecord } from '../access-log';

/** Begins the trace of each request. */
export interface Tracer {
  begin(request: BeginningRequest): RequestTrace | null;
}

/** A request whose head has just been read; nothing in it has been checked. */
export interface BeginningRequest {
  /** The request target as it was received. */
  readonly url: string;
  readonly raw: RawHeaders;
  /** Whether it comes from a trusted proxy. */
  readonly trusted: boolean;
  /** When its head had been read; `performance.now()`. */
  readonly startedAt: number;
}

/** A request that has ended. */
export interface EndedRequest {
  readonly record: AccessRecord;
  readonly raw: RawHeaders;
  /** `1.1` */
  readonly httpVersion: string;
  /** The address that was asked for; null where it could not be read. */
  readonly origin: PublicOrigin | null;
}

/**
 * A request's place in a trace: a span for the request, and one within it for its exchange with a tool. Every method
 * may be called at any time, in any order and again: what has ended stays as it is.
 */
export interface RequestTrace {
  readonly traceId: string;
  /** Of the request's span; null where it is not recorded. */
  readonly spanId: string | null;
  /**
   * The exchange with a tool begins.
   * @param path origin-form, as the tool is to get it
   * @returns the fields that the tool is told of its trace, as a raw header list
   */
  exchange(method: string, target: Target, path: string): string[];
  /** The request is sent to the tool once more. */
  resent(): void;
  /** The tool's answer begins. */
  answered(status: number): void;
  /** The exchange is over: the answer has arrived as a whole, or it failed. @param code a ProxyError's */
  exchanged(code?: string): void;
  /** The request is over. */
  end(ended: EndedRequest): void;
}
