import type { ProxyError } from '../upstream/proxy-error';
import type { AccessRecord } from './access-log';
import type { EndedRequest, RequestTrace } from './traces/tracer';

/** Which of the two ways through the gateway a request took. */
export type Way = 'relay' | 'app';

/** What there is to tell of a request when it has ended: for the access log, the metrics and the trace. */
export interface RequestOutcome extends EndedRequest {
  readonly way: Way;
  /** The connection to the tool that it got last; null where it got none. */
  readonly connection: 'new' | 'reused' | null;
  /** How many times it was sent to the tool once more. */
  readonly retries: number;
  readonly failure: ProxyError | null;
  /** null where traces are off. */
  readonly trace: RequestTrace | null;
}

/** What the record of a request tells of its failure: of one that its client left, that (nginx: 499). */
export function recordedFailure(status: number, failure: ProxyError | null): AccessRecord['failure'] {
  return status === 499 && failure === null ? { code: 'CLIENT_CLOSED', level: 'debug' } : failure;
}
