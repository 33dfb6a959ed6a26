import http from 'node:http';
import https from 'node:https';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../../config/config';
import type { Log } from '../log';
import { printable } from '../printable';

/** Spans that may wait to be sent; what comes on top is lost. About 5 MB. */
const longestQueue = 4096;
const batchSize = 512;
/** Milliseconds that spans wait for others to be sent with. */
const delay = 1_000;
/** Milliseconds that a batch is sent again for while the receiver is busy or away, and that each answer may take. */
const patience = 5_000;
/** Milliseconds until the next batch goes out beside one that hangs; and how many may. */
const longestExport = 15_000;
const mostExports = longestQueue / batchSize + 2;

type Finished = Parameters<SpanExporter['export']>[1];
type Result = Parameters<Finished>[0];

/** Those of the configuration, but that `ca` is the content of that file: PEM. */
export type TracerSettings = TracesConfig;

/**
 * Sends spans in batches. A receiver that does not take them costs a bounded queue and nothing else; that it does not
 * is said once, and once that it does again.
 */
export class SpanExport implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  readonly #exporter: OTLPTraceExporter;
  readonly #agent: http.Agent;
  readonly #receiver: string;
  readonly #log: Log;
  #open = 0;
  #queued = 0;
  #sending = 0;
  #lost = 0;
  #failing = false;
  #whenUnused: (() => void) | null = null;
  #whenSent: (() => void) | null = null;

  constructor({ endpoint, headers, ca }: TracerSettings, log: Log) {
    const { protocol, origin } = new URL(endpoint);
    this.#log = log;
    // No path: some receivers have a token in it.
    this.#receiver = origin;
    const authority = ca === null ? {} : { ca };
    this.#agent =
      protocol === 'https:' ? new https.Agent({ keepAlive: true, ...authority }) : new http.Agent({ keepAlive: true });
    this.#exporter = new OTLPTraceExporter({
      url: endpoint,
      headers: { ...headers },
      timeoutMillis: patience,
      concurrencyLimit: mostExports,
      httpAgentOptions: () => this.#agent,
    });
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, finished) => this.#export(spans, finished),
        shutdown: () => this.#exporter.shutdown(),
      },
      maxQueueSize: longestQueue,
      maxExportBatchSize: batchSize,
      scheduledDelayMillis: delay,
      exportTimeoutMillis: longestExport,
    });
  }

  /** Resolves when no span is open: then nothing more is to be sent. */
  unused(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => (this.#whenUnused = resolve));
  }

  /** Sends what waits, and gives up after `limit` milliseconds. Nothing can be sent from then on. */
  async close(limit: number): Promise<void> {
    const sent = this.#batches
      .shutdown()
      .catch(() => undefined)
      .then(() => (this.#sending === 0 ? undefined : new Promise<void>((resolve) => (this.#whenSent = resolve))));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limit)));
    await Promise.race([sent, late]);
    clearTimeout(timer);
    const left = this.#queued + this.#sending;
    if (left > 0) this.#log.warn(`Traces: ${left} spans could not be sent to ${this.#receiver} before the end`);
    this.#hangUp();
  }

  onStart(): void {
    this.#open++;
  }

  onEnd(span: ReadableSpan): void {
    this.#open--;
    // The batches count the same and would drop it without a word.
    if (this.#queued >= longestQueue) this.#failed(1, 'they come faster than it takes them');
    else {
      this.#queued++;
      this.#batches.onEnd(span);
    }
    if (this.#open === 0) this.#whenUnused?.();
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.close(0);
  }

  #export(spans: ReadableSpan[], finished: Finished): void {
    this.#queued -= spans.length;
    this.#sending += spans.length;
    const done = (result: Result): void => {
      this.#sending -= spans.length;
      if (result.error) this.#failed(spans.length, reasonOf(result.error));
      else this.#worked();
      finished(result);
      if (this.#sending === 0) this.#whenSent?.();
    };
    this.#exporter.export(spans, done);
  }

  #failed(lost: number, reason: string): void {
    this.#lost += lost;
    if (this.#failing) return;
    this.#failing = true;
    this.#log.warn(
      `Traces do not reach ${this.#receiver}: ${reason}. Requests are served as before; check the receiver and traces.endpoint`,
    );
  }

  #worked(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#log.info(`Traces reach ${this.#receiver} again; ${this.#lost} spans were lost`);
    this.#lost = 0;
  }

  /** An error without a code is not worth another try to the exporter, so nothing of it is left behind. */
  #hangUp(): void {
    this.#agent.createConnection = () => {
      throw new Error('no longer sending traces');
    };
    for (const socket of Object.values(this.#agent.sockets).flat()) socket?.destroy(new Error('given up'));
    this.#agent.destroy();
  }
}

/** Why an export failed, in words of our own: what a receiver says may repeat the secrets that it was sent. */
function reasonOf(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return `it answered ${code}`;
  if (typeof code === 'string') return printable(code.slice(0, 64));
  return reasons[error.message] ?? 'the export failed';
}

/** The exporter's own messages. */
const reasons: Readonly<Record<string, string>> = {
  'Request timed out': 'it does not answer',
  'Export failed with retryable status': 'it answered that it cannot take them now (429, 502, 503 or 504)',
  'Concurrent export limit reached': 'it does not finish its answers',
};
