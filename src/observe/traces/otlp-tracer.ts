import { hostname } from 'node:os';
import {
  ROOT_CONTEXT,
  SpanKind,
  createTraceState,
  trace,
  type SpanContext,
  type Tracer as SpanMaker,
} from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { isUnder, pathOf } from '../../mount/path';
import { version } from '../../version';
import type { Log } from '../log';
import { RecordedTrace, UnrecordedTrace, traceClock } from './request-trace';
import { SpanExport, type TracerSettings } from './span-export';
import { readTraceContext, type TraceContext } from '../../headers/trace-context';
import type { BeginningRequest, RequestTrace, Tracer } from './tracer';

/** Asked for by machines, all the time. */
const untraced = new Set(['/-/up', '/-/healthy', '/-/metrics']);

const isUntraced = (url: string) => url.startsWith('/-/') && (untraced.has(pathOf(url)) || isUnder(url, '/-/assets'));

/** Traces by OpenTelemetry's SDK, of this tracer alone: nothing global is set or read. */
export class OtlpTracer implements Tracer {
  readonly #spans: SpanMaker;
  readonly #export: SpanExport;
  readonly #trust: boolean;

  /** Reads the file `ca`; throws what `fs` throws. */
  constructor(config: TracerSettings, log: Log) {
    this.#trust = config.trust;
    this.#export = new SpanExport(config, log);
    const provider = new TracerProvider({
      resource: defaultResource().merge(
        resourceFromAttributes({
          'service.name': config.service,
          'service.version': version(),
          'host.name': hostname(),
        }),
      ),
      // What continues a trace is recorded where the rest of the trace is; the ratio is for traces that begin here.
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.ratio) }),
      spanProcessors: [this.#export],
      // Above every limit in `span-attributes.ts`: should one be forgotten, this one holds.
      spanLimits: { attributeValueLengthLimit: 2_048 },
    });
    this.#spans = provider.getTracer('kpow-gateway');
  }

  /**
   * A client chooses what it sends: with another's trace id it would write into that one's trace, with the sampled flag
   * it would have all of its requests recorded, whatever the ratio (and a ratio decided by its trace id is no help, for
   * it can choose an id that wins). So a stranger's trace is not continued: a trace begins here, linked to it.
   */
  begin({ url, raw, trusted, startedAt }: BeginningRequest): RequestTrace | null {
    if (isUntraced(url)) return null;
    const said = readTraceContext(raw);
    const came = trusted || this.#trust ? said : null;
    // Passed on as it came: the tool is the next to decide.
    if (came && !came.sampled) return new UnrecordedTrace(came);
    const clock = traceClock(startedAt);
    const parent = came ? trace.setSpanContext(ROOT_CONTEXT, remoteSpan(came)) : ROOT_CONTEXT;
    const links = said && !came ? [{ context: remoteSpan(said) }] : [];
    const span = this.#spans.startSpan('HTTP', { kind: SpanKind.SERVER, startTime: clock.start, links }, parent);
    if (span.isRecording()) return new RecordedTrace(this.#spans, span, trace.setSpan(parent, span), came, clock);
    const { traceId, spanId } = span.spanContext();
    return new UnrecordedTrace({ traceId, spanId, sampled: false, random: false, tracestate: '' });
  }

  /** Resolves when all requests that it has begun have ended. */
  unused(): Promise<void> {
    return this.#export.unused();
  }

  /** Sends what waits, for at most `limit` milliseconds; nothing is recorded from then on. */
  close(limit: number): Promise<void> {
    return this.#export.close(limit);
  }
}

function remoteSpan({ traceId, spanId, sampled, tracestate }: TraceContext): SpanContext {
  const traceState = tracestate === '' ? {} : { traceState: createTraceState(tracestate) };
  return { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true, ...traceState };
}
