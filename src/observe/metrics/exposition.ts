import type { Metric, Registry } from 'prom-client';
import type { Latencies } from './latencies';

export type Labels = Readonly<Record<string, string>>;
export type Row<T = number> = readonly [labels: Labels, value: T];

type Together = 'sum' | 'first' | 'min';

/** Puts metrics into a registry whose numbers are kept elsewhere and read when somebody asks for them. */
export class Exposition {
  readonly #registry: Registry;
  readonly #prefix: string;
  readonly #together: Together;

  /**
   * @param together how the numbers of several processes become one: they are added, all know the same, and the word
   * of the first counts, or the smallest does (prom-client's aggregators)
   */
  constructor(registry: Registry, prefix: string, together: Together) {
    this.#registry = registry;
    this.#prefix = prefix;
    this.#together = together;
  }

  counter(name: string, help: string, read: () => Iterable<Row>): void {
    this.#expose(name, help, 'counter', () => [...read()].map(([labels, value]) => ({ labels, value })));
  }

  gauge(name: string, help: string, read: () => Iterable<Row>): void {
    this.#expose(name, help, 'gauge', () => [...read()].map(([labels, value]) => ({ labels, value })));
  }

  histogram(name: string, help: string, read: () => Iterable<Row<Latencies>>): void {
    const full = this.#prefix + name;
    this.#expose(name, help, 'histogram', () =>
      [...read()].flatMap(([labels, latencies]) => {
        const { buckets, sum, count } = latencies.read();
        return [
          ...buckets.map(([le, value]) => ({ metricName: `${full}_bucket`, labels: { ...labels, le }, value })),
          { metricName: `${full}_sum`, labels, value: sum },
          { metricName: `${full}_count`, labels, value: count },
        ];
      }),
    );
  }

  #expose(name: string, help: string, type: string, values: () => object[]): void {
    const full = this.#prefix + name;
    // Of a metric, a registry uses its name and `get`. prom-client's own classes keep the numbers themselves, at a
    // price of half a microsecond for each addition.
    const metric = {
      name: full,
      get: () => Promise.resolve({ name: full, help, type, values: values(), aggregator: this.#together }),
    };
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}
