import type { ProxyError } from '../upstream/proxy-error';
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
