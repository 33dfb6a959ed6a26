import { SpanStatusCode, type Context, type Span, type Tracer as SpanMaker, SpanKind } from '@opentelemetry/api';
import type { Target } from '../../config/config';
import { exchangeAttributes, isServerError, requestAttributes, spanName } from './span-attributes';
import { traceFields, type TraceContext } from '../../headers/trace-context';
import type { EndedRequest, RequestTrace } from './tracer';

/** The time of one trace: the wall clock's at its begin, then that of a clock which nobody sets. */
export interface TraceClock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** @param startedAt when the trace began; `performance.now()` */
export function traceClock(startedAt: number): TraceClock & { readonly start: number } {
  const offset = Date.now() - performance.now();
  return { start: offset + startedAt, now: () => offset + performance.now() };
}

/** A request that is not recorded: the tool is told of its trace all the same. */
export class UnrecordedTrace implements RequestTrace {
  readonly traceId: string;
  readonly spanId = null;
  readonly #context: TraceContext;

  constructor(context: TraceContext) {
    this.traceId = context.traceId;
    this.#context = context;
  }

  exchange(): string[] {
    return traceFields(this.#context);
  }

  resent(): void {
    // Nothing is recorded, here and below.
  }
  answered(): void {
    // See above.
  }
  exchanged(): void {
    // See above.
  }
  end(): void {
    // See above.
  }
}

/** A request that is recorded: its span, and that of its exchange with a tool. */
export class RecordedTrace implements RequestTrace {
  readonly traceId: string;
  readonly spanId: string;
  readonly #spans: SpanMaker;
  readonly #request: Span;
  readonly #context: Context;
  readonly #came: TraceContext | null;
  readonly #clock: TraceClock;
  #exchange: Span | null = null;
  #resent = 0;

  /**
   * @param request the request's span, just begun
   * @param context with that span in it
   * @param came what the trace continues
   */
  constructor(spans: SpanMaker, request: Span, context: Context, came: TraceContext | null, clock: TraceClock) {
    const { traceId, spanId } = request.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
    this.#spans = spans;
    this.#request = request;
    this.#context = context;
    this.#came = came;
    this.#clock = clock;
  }

  exchange(method: string, target: Target, path: string): string[] {
    const span = this.#spans.startSpan(
      spanName(method, null),
      { kind: SpanKind.CLIENT, startTime: this.#clock.now(), attributes: exchangeAttributes(method, target, path) },
      this.#context,
    );
    this.#exchange = span;
    const { spanId } = span.spanContext();
    const { random = false, tracestate = '' } = this.#came ?? {};
    return traceFields({ traceId: this.traceId, spanId, sampled: true, random, tracestate });
  }

  resent(): void {
    this.#resent++;
    this.#exchange?.addEvent('resent', this.#clock.now());
    this.#exchange?.setAttribute('http.request.resend_count', this.#resent);
  }

  answered(status: number): void {
    const span = this.#exchange;
    span?.setAttribute('http.response.status_code', status);
    if (status < 400) return;
    // To whom asks, any such answer is an error.
    span?.setAttribute('error.type', String(status));
    span?.setStatus({ code: SpanStatusCode.ERROR });
  }

  exchanged(code?: string): void {
    const span = this.#exchange;
    if (!span) return;
    this.#exchange = null;
    if (code !== undefined) {
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(this.#clock.now());
  }

  end(ended: EndedRequest): void {
    if (!this.#request.isRecording()) return;
    const { method, mount, failure } = ended.record;
    this.exchanged(failure?.code);
    this.#request.updateName(spanName(method, mount));
    this.#request.setAttributes(requestAttributes(ended));
    if (isServerError(ended.record)) this.#request.setStatus({ code: SpanStatusCode.ERROR });
    this.#request.end(this.#clock.now());
  }
}
