import { ConfigError, type TracesConfig } from '../../config/config';
import { textIn, type FileContents } from '../../config/file-contents';
import type { Log } from '../log';
import type { OtlpTracer } from './otlp-tracer';
import type { TracerSettings } from './span-export';
import type { Tracer } from './tracer';

/** Milliseconds that spans may still take to be sent at the end. */
const flushLimit = 3_000;

/** The tracer that is in force, and those before it whose requests have not ended. */
export class Traces {
  readonly #log: Log;
  #settings: TracerSettings | null = null;
  #current: OtlpTracer | null = null;
  readonly #former = new Set<OtlpTracer>();

  /** @throws as `replace` does */
  constructor(config: TracesConfig | null, files: FileContents, log: Log) {
    this.#log = log;
    this.replace(config, files);
  }

  /** null: off. */
  get tracer(): Tracer | null {
    return this.#current;
  }

  /**
   * Puts other settings in force for requests from now on.
   * @param files with that of `ca`
   * @throws ConfigError where that is of no use, and then changes nothing
   */
  replace(config: TracesConfig | null, files: FileContents): void {
    const settings = config && { ...config, ca: authorityIn(files, config.ca) };
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    const next = settings && openTracer(settings, this.#log);
    if (this.#current) void this.#retire(this.#current);
    this.#settings = settings;
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

/** PEM; null for the authorities that Node knows. */
function authorityIn(files: FileContents, ca: string | null): string | null {
  const content = ca === null ? null : textIn(files, ca);
  if (content !== null && 'problem' in content)
    throw new ConfigError('traces', [`traces.ca: ${ca} ${content.problem}`]);
  return content && content.text;
}

/** OpenTelemetry is loaded where it is wanted and only there: it costs memory and time at start. */
function openTracer(config: TracerSettings, log: Log): OtlpTracer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it in any case
  const { OtlpTracer } = require('./otlp-tracer') as typeof import('./otlp-tracer');
  return new OtlpTracer(config, log);
}
