import type { TracesConfig } from '../../config/config';
import type { Log } from '../log';
import type { OtlpTracer } from './otlp-tracer';
import type { Tracer } from './tracer';

/** Milliseconds that spans may still take to be sent at the end. */
const flushLimit = 3_000;

/** The tracer that is in force, and those before it whose requests have not ended. */
export class Traces {
  readonly #log: Log;
  #config: TracesConfig | null = null;
  #current: OtlpTracer | null = null;
  readonly #former = new Set<OtlpTracer>();

  /** Reads the file `ca`; throws what `fs` throws. */
  constructor(config: TracesConfig | null, log: Log) {
    this.#log = log;
    this.replace(config);
  }

  /** null: off. */
  get tracer(): Tracer | null {
    return this.#current;
  }

  /** Puts other settings in force for requests from now on. Throws what `fs` throws, and then changes nothing. */
  replace(config: TracesConfig | null): void {
    // The file `ca` may have another content under the same name.
    if (!config?.ca && JSON.stringify(config) === JSON.stringify(this.#config)) return;
    const next = config && openTracer(config, this.#log);
    if (this.#current) void this.#retire(this.#current);
    this.#config = config;
    this.#current = next;
  }

  /** Sends what has been recorded, within a bounded time. */
  async close(): Promise<void> {
    const tracers = [...this.#former];
    if (this.#current) tracers.push(this.#current);
    this.#current = null;
    this.#former.clear();
    await Promise.all(tracers.map((tracer) => tracer.close(flushLimit)));
  }

  async #retire(tracer: OtlpTracer): Promise<void> {
    this.#former.add(tracer);
    await tracer.unused();
    if (this.#former.delete(tracer)) await tracer.close(flushLimit);
  }
}

/** OpenTelemetry is loaded where it is wanted and only there: it costs memory and time at start. */
function openTracer(config: TracesConfig, log: Log): OtlpTracer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it in any case
  const { OtlpTracer } = require('./otlp-tracer') as typeof import('./otlp-tracer');
  return new OtlpTracer(config, log);
}
